// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/base/bytes.h"
#include "firmware/crypto/tls_session.h"

namespace bivouac::bench {

using SharedCredentials = std::shared_ptr<const firmware::Credentials>;

/// From the folder of a PKI, of one of its names.
SharedCredentials load_credentials(const std::string& pki, const std::string& name);

/// The load's end of one TLS connection over loopback. Reads without waiting; writes wait.
class TlsConnection {
 public:
  /// Null while nobody listens there; what fails after that gives up.
  static std::unique_ptr<TlsConnection> try_open(int port, SharedCredentials credentials);
  /// Tries again until somebody listens, for 10 s.
  static std::unique_ptr<TlsConnection> open(int port, const SharedCredentials& credentials);
  ~TlsConnection();
  TlsConnection(const TlsConnection&) = delete;
  TlsConnection& operator=(const TlsConnection&) = delete;

  int descriptor() const { return descriptor_; }
  /// In as few records as can be.
  void send(ByteView plain);
  /// Adds what has come; false when the other side has closed.
  bool receive(Bytes& plain);
  /// Waits for something to receive; false after so long.
  bool wait(int timeout_ms) const;

  std::uint64_t sent_bytes() const { return sent_; }          // of TCP payload
  std::uint64_t received_bytes() const { return received_; }  // the same

 private:
  TlsConnection(int descriptor, SharedCredentials credentials);
  bool shake_hands();
  bool flush();
  bool decrypt(Bytes& plain);

  int descriptor_;
  firmware::TlsSession session_;
  std::uint64_t sent_ = 0;
  std::uint64_t received_ = 0;
};

}  // namespace bivouac::bench
