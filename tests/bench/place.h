// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/bench/client_peer.h"
#include "tests/bench/load.h"
#include "tests/bench/machine.h"
#include "tests/bench/process.h"

namespace bivouac::bench {

inline const std::string system_id = "sip:alpha.example";
inline constexpr std::size_t members_of_a_group = 100;

std::string user_id(std::size_t i);
std::string group_id(std::size_t i);
std::vector<std::string> group_ids(std::size_t first, std::size_t count);

/// Where the programs are and where their files lie; one PKI for all of them.
class Place {
 public:
  /// `folder` is emptied first; it lies in the file system that is measured.
  Place(std::string programs, std::string folder, std::size_t users);
  ~Place();
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  const Cores& cores() const { return cores_; }
  std::string file(const std::string& name) const { return folder_ + "/" + name; }
  std::string bivouac() const { return programs_ + "/bivouac"; }
  std::size_t users() const { return users_.size(); }
  const SharedCredentials& user(std::size_t i) const { return users_.at(i); }

  /// A certificate of the same authority, made here: quicker where there are many.
  SharedCredentials issue(const std::string& name, const std::string& uri) const;

  /// echo, durable or fan-out.
  std::unique_ptr<Process> start_bare(const std::string& mode, int port, std::size_t request_bytes,
                                      std::size_t answer_bytes) const;

 private:
  std::string programs_;
  std::string folder_;
  Cores cores_;
  std::vector<SharedCredentials> users_;
};

/// The gateway that ships, with a configuration and a store of its own.
class Gateway {
 public:
  /// Starts at once. `partners`: sections of its configuration.
  Gateway(const Place& place, std::string name, const std::string& partners = {});
  ~Gateway();
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  int port() const { return port_; }
  pid_t pid() const { return process_->pid(); }
  std::string operator_socket() const { return runtime_folder_ + "/operator.sock"; }
  /// An operator's command, such as {"group", "list"}.
  std::string operate(Words words) const;
  /// A number of `bivouac status --json`.
  double status(const std::string& field) const;
  void wait_until_up() const;
  /// So many groups are in their profiles; N2 is no less.
  void import_users(std::size_t count, std::size_t groups) const;
  /// Of members_of_a_group each, among them all our users.
  void import_groups(std::size_t first, std::size_t count, int priority = 5) const;
  void stop();
  /// On the same store.
  void start();

 private:
  const Place& place_;
  std::string name_;
  std::string runtime_folder_;  // short: the path of a socket is limited
  int port_;
  std::unique_ptr<Process> process_;
};

/// Sends, and takes what comes until it is as it should be.
void talk(TlsConnection& connection, Peer& peer, const Bytes& first,
          const std::function<bool()>& is_done);

/// A client of the user; it has said Hello, and the lane is added to the load.
ClientPeer& connect_client(Load& load, const Place& place, const Gateway& gateway, std::size_t user,
                           ClientPeer::Options options);
void log_on(Load& load, std::size_t lane);
/// Both.
ClientPeer& add_client(Load& load, const Place& place, const Gateway& gateway, std::size_t user,
                       ClientPeer::Options options);

}  // namespace bivouac::bench
