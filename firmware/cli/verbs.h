// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "firmware/cli/command_line.h"
#include "firmware/cli/operator_client.h"
#include "firmware/config/problem.h"

// One function for each verb of the command; the value is the exit code.

namespace bivouac::firmware::cli {

int run(const Command& command);
int check_config(const Command& command);
int status(const Command& command);
int watch(const Command& command);
int group_import(const Command& command);
int group_list(const Command& command);
int group_show(const Command& command);
int group_push(const Command& command);
int group_fetch(const Command& command);
int group_remove(const Command& command);
int group_keys_import(const Command& command);
int group_keys_list(const Command& command);
int group_keys_remove(const Command& command);
int user_import(const Command& command);
int user_list(const Command& command);
int user_show(const Command& command);
int user_remove(const Command& command);
int group_subscribe(const Command& command);
int group_unsubscribe(const Command& command);
int subscription_list(const Command& command);
int affiliation_list(const Command& command);
int affiliation_show(const Command& command);
int client(const Command& command);
int doctor(const Command& command);
int export_gateway(const Command& command);
int restore_gateway(const Command& command);
int version();
int pki_init(const Command& command);
int pki_issue(const Command& command);
int pki_revoke(const Command& command);
int pki_request(const Command& command);

// What several of them share

/// "bivouac: text" on standard error; exit_bad.
int complain(const std::string& text);
/// Each problem on a line of standard error; exit_bad.
int complain_of(const std::vector<Problem>& problems);
void print(const std::string& text);
/// --socket, the socket of --config, BIVOUAC_SOCKET, or the default.
std::string socket_path(const Command& command);
std::expected<OperatorClient, std::string> reach_daemon(const Command& command);

}  // namespace bivouac::firmware::cli
