// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

namespace bivouac::firmware::cli {

/// Exit codes that scripts count on.
inline constexpr int exit_good = 0;
inline constexpr int exit_bad = 1;
inline constexpr int exit_unusable_arguments = 2;

enum class Verb : std::uint8_t {
  run,
  check_config,
  status,
  watch,
  group_import,
  group_list,
  group_show,
  group_push,
  group_fetch,
  group_remove,
  group_keys_import,
  group_keys_list,
  group_keys_remove,
  user_import,
  user_list,
  user_show,
  user_remove,
  group_subscribe,
  group_unsubscribe,
  subscription_list,
  affiliation_list,
  affiliation_show,
  client_log_on,
  client_get,
  client_subscribe,
  client_affiliate,
  client_deaffiliate,
  client_status,
  client_listen,
  doctor,
  export_gateway,
  restore_gateway,
  version,
  pki_init,
  pki_issue,
  pki_revoke,
  pki_request,
};

enum class Extended : std::uint8_t { both, client, server };

/// What the operator typed, as plain values. Each verb reads the fields that its options set.
struct Command {
  Verb verb = Verb::version;
  std::string config;  // --config, or the file of check-config
  std::string socket;  // --socket
  std::uint32_t timeout_s = 30;
  bool json = false;
  bool toml = false;
  std::string group_id;       // canonical; also affiliation list --group
  std::string user_id;        // canonical; also affiliation list --user
  bool pending = false;       // affiliation list --pending
  std::string file;           // group import, group keys import, user import
  std::uint32_t gmk_id = 0;   // group keys remove --gmk; 0: all
  std::string partner;        // canonical; group push --to
  std::string service;        // group fetch --service
  std::uint32_t lease_s = 0;  // group subscribe --lease; 0: as configured

  // client
  std::string client_id = "command";
  std::string gateway;  // HOST:PORT
  std::string certificate;
  std::string key;
  std::string ca;
  std::string crl;
  bool follow = false;
  std::vector<std::string> group_ids;  // canonical; affiliate, deaffiliate
  bool all_clients = false;            // deaffiliate --all-clients
  std::string about;                   // canonical; status --of

  std::string directory;   // pki DIR, export --out, restore DIR
  std::string name;        // pki --out, pki revoke NAME, pki init --name
  std::string system;      // pki --system: written into the certificate as it is
  std::string request;     // pki issue --request: a signing request
  std::string not_before;  // pki: YYYY-MM-DD; empty: now
  std::int32_t days = 0;
  Extended usage = Extended::both;
};

/// The command, or the exit code after help or a complaint was printed.
std::expected<Command, int> parse_command_line(const std::vector<std::string>& arguments);

}  // namespace bivouac::firmware::cli
