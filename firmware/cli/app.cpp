// SPDX-License-Identifier: Apache-2.0
#include "firmware/cli/app.h"

#include <cstdio>
#include <cstdlib>

#include "firmware/cli/verbs.h"
#include "firmware/config/settings.h"

namespace bivouac::firmware::cli {
namespace {

int dispatch(const Command& command) {
  switch (command.verb) {
    case Verb::run: return run(command);
    case Verb::check_config: return check_config(command);
    case Verb::status: return status(command);
    case Verb::watch: return watch(command);
    case Verb::group_import: return group_import(command);
    case Verb::group_list: return group_list(command);
    case Verb::group_show: return group_show(command);
    case Verb::group_push: return group_push(command);
    case Verb::group_fetch: return group_fetch(command);
    case Verb::group_remove: return group_remove(command);
    case Verb::group_keys_import: return group_keys_import(command);
    case Verb::group_keys_list: return group_keys_list(command);
    case Verb::group_keys_remove: return group_keys_remove(command);
    case Verb::user_import: return user_import(command);
    case Verb::user_list: return user_list(command);
    case Verb::user_show: return user_show(command);
    case Verb::user_remove: return user_remove(command);
    case Verb::group_subscribe: return group_subscribe(command);
    case Verb::group_unsubscribe: return group_unsubscribe(command);
    case Verb::subscription_list: return subscription_list(command);
    case Verb::affiliation_list: return affiliation_list(command);
    case Verb::affiliation_show: return affiliation_show(command);
    case Verb::client_log_on:
    case Verb::client_get:
    case Verb::client_subscribe:
    case Verb::client_affiliate:
    case Verb::client_deaffiliate:
    case Verb::client_status:
    case Verb::client_listen: return client(command);
    case Verb::doctor: return doctor(command);
    case Verb::export_gateway: return export_gateway(command);
    case Verb::restore_gateway: return restore_gateway(command);
    case Verb::version: return version();
    case Verb::pki_init: return pki_init(command);
    case Verb::pki_issue: return pki_issue(command);
    case Verb::pki_revoke: return pki_revoke(command);
    case Verb::pki_request: return pki_request(command);
  }
  return exit_unusable_arguments;
}

}  // namespace

int complain(const std::string& text) {
  std::fprintf(stderr, "bivouac: %s\n", text.c_str());
  return exit_bad;
}

int complain_of(const std::vector<Problem>& problems) {
  for (const Problem& problem : problems) std::fprintf(stderr, "%s\n", to_string(problem).c_str());
  return exit_bad;
}

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

std::string socket_path(const Command& command) {
  if (!command.socket.empty()) return command.socket;
  if (!command.config.empty()) {
    // The daemon runs already: what else is wrong with the file does not matter here.
    const SettingsResult result = read_settings(command.config);
    if (!result.settings.runtime_dir.empty()) return operator_socket_path(result.settings);
  }
  if (const char* path = std::getenv("BIVOUAC_SOCKET"); path != nullptr && *path != '\0')
    return path;
  return "/run/bivouac/" + std::string(operator_socket_name);
}

std::expected<OperatorClient, std::string> reach_daemon(const Command& command) {
  return OperatorClient::connect(socket_path(command), DurationMs{command.timeout_s * 1000LL});
}

int app(int argument_count, char** arguments) {
  const std::expected<Command, int> command =
      parse_command_line({arguments + 1, arguments + argument_count});
  return command ? dispatch(*command) : command.error();
}

}  // namespace bivouac::firmware::cli
