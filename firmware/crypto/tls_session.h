// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>

#include "firmware/crypto/byte_ring.h"
#include "firmware/crypto/credentials.h"
#include "firmware/crypto/peer_policy.h"

namespace bivouac::firmware {

/// One TLS connection as bytes in and bytes out; knows no socket. Not for two threads at once:
/// during the handshake a pool thread owns it while a step runs, afterwards the loop does.
class TlsSession {
 public:
  enum class Progress : std::uint8_t { wants_input, finished, failed };
  enum class Reading : std::uint8_t { bytes, wants_input, closed, failed };

  /// Ciphertext held on either side.
  static constexpr std::size_t ring_bytes_max = 64 * 1024;
  /// Plaintext of one record.
  static constexpr std::size_t record_bytes_max = 16 * 1024;

  /// `lane` says whose parsed keys are used; see CredentialSet.
  TlsSession(std::shared_ptr<const Credentials> credentials, TlsRole role, std::size_t lane,
             PeerPolicy policy);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  ByteRing& incoming() { return incoming_; }
  ByteRing& outgoing() { return outgoing_; }

  /// As far as the bytes at hand allow; tens of milliseconds on a board, so on a pool thread.
  Progress handshake();
  /// The other side closed the stream in mid-handshake, or a timer ran out.
  void give_up(engine::HandshakeFailure failure, std::string detail);
  const PeerReport& report() const { return report_; }

  struct Read {
    Reading outcome = Reading::wants_input;
    std::size_t count = 0;
  };
  /// After the handshake: decrypted bytes. To be called until it wants input.
  Read read(std::span<std::uint8_t> out);
  /// Room for a whole record in the outgoing ring.
  bool can_write() const;
  /// Encrypts at most one record, whole; only while can_write(). False when the session is broken.
  bool write(ByteView record);
  void close_notify();
  /// Why read() or write() failed, in words.
  const std::string& error() const { return error_; }

 private:
  struct Library;
  static int send_bytes(void* self, const unsigned char* bytes, std::size_t size);
  static int receive_bytes(void* self, unsigned char* out, std::size_t size);

  bool set_up();
  void wipe_last_record();
  Progress finish();
  Progress fail(int code);
  std::string alert_text() const;

  std::shared_ptr<const Credentials> credentials_;
  TlsRole role_;
  std::size_t lane_;
  PeerPolicy policy_;
  PeerReport report_;
  ByteRing incoming_{ring_bytes_max};
  ByteRing outgoing_{ring_bytes_max};
  std::string error_;
  bool has_read_ = false;
  bool holds_record_ = false;  // in the library's buffer, decrypted
  std::unique_ptr<Library> library_;
};

/// Judges a peer that is connected already by new credentials; on a pool thread, in its own lane.
PeerReport judge_again(const Credentials& credentials, std::size_t lane, TlsRole own_role,
                       const PeerPolicy& policy, const std::vector<Bytes>& chain);

}  // namespace bivouac::firmware
