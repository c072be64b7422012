// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/client/mc_service_client.h"
#include "firmware/cli/tls_stream.h"

namespace bivouac::integration {

/// The MC service client that ships, behind a real socket and mutual TLS. It has no thread: the
/// test turns it, and waits on its descriptor meanwhile.
class Phone {
 public:
  using Report = client::Report;

  Phone(std::shared_ptr<const firmware::Credentials> credentials, std::string client_id,
        std::string port, std::uint64_t entropy);

  /// Takes what has come, if anything has, and does what is due; waits for handshakes only.
  void turn(bool readable);
  /// Lets the client do something.
  void act(const std::function<void(client::McServiceClient&, Now, engine::Effects&)>& what);
  std::vector<Report> take_reports() { return std::exchange(reports_, {}); }

  const client::McServiceClient& client() const { return client_; }
  const std::string& user() const { return client_.options().mc_service_id; }
  const std::string& id() const { return client_.options().client_id; }
  /// Below 0 while there is no session.
  int descriptor() const { return socket_ ? socket_->get() : -1; }

 private:
  static Now now();
  bool connect();
  void read();
  void send(const Bytes& frame);
  void lose();
  void step(const engine::Event& event);
  void apply();

  std::shared_ptr<const firmware::Credentials> credentials_;
  std::string port_;
  client::McServiceClient client_;
  engine::Effects effects_;
  std::optional<firmware::cli::Socket> socket_;
  std::optional<firmware::TlsSession> session_;
  std::vector<Report> reports_;
  bool dials_ = false;
  bool is_lost_ = false;
};

}  // namespace bivouac::integration
