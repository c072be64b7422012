// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "firmware/cli/credentials.h"
#include "firmware/cli/verbs.h"
#include "firmware/config/settings.h"
#include "firmware/platform/clock_trust.h"

namespace bivouac::firmware::cli {
namespace {

/// What stays when the file itself is good: whether certificate, key and lists fit together.
std::vector<Problem> check_credentials(const Settings& settings) {
  if (const auto started = start_crypto(); !started) {
    return {{settings.file, {}, Problem::Severity::error, started.error()}};
  }
  const WallMs now = wall_now();
  const auto credentials = load_credentials(settings, now);
  if (!credentials) return {credentials.error()};
  std::vector<Problem> problems;
  for (std::string& text : (*credentials)->warnings(now)) {
    problems.push_back(
        {settings.file, settings.places.certificate, Problem::Severity::warning, std::move(text)});
  }
  return problems;
}

}  // namespace

int check_config(const Command& command) {
  SettingsResult result = read_settings(command.config);
  if (result.ok) {
    for (Problem& problem : check_credentials(result.settings)) {
      result.problems.push_back(std::move(problem));
    }
  }
  std::size_t errors = 0;
  for (const Problem& problem : result.problems) {
    std::fprintf(stderr, "%s\n", to_string(problem).c_str());
    if (problem.severity == Problem::Severity::error) ++errors;
  }
  if (errors > 0) {
    std::fprintf(stderr, "%zu error%s\n", errors, errors == 1 ? "" : "s");
    return exit_bad;
  }
  const engine::Configuration& core = result.settings.core;
  print(command.config + ": good. " + core.system_id + ", " + std::to_string(core.partners.size()) +
        (core.partners.size() == 1 ? " partner" : " partners") + ". `bivouac doctor --config " +
        command.config + "` tries the rest.\n");
  return exit_good;
}

}  // namespace bivouac::firmware::cli
