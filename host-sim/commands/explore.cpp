// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>

#include "host-sim/commands/commands.h"
#include "host-sim/commands/golden.h"
#include "host-sim/commands/options.h"
#include "host-sim/explore/explorer.h"
#include "host-sim/soak/planting.h"

namespace bivouac::sim {
namespace {

void tell(const Explored& explored) {
  std::printf("  %llu states, %llu transitions, %llu ends, depth %llu\n",
              static_cast<unsigned long long>(explored.states),
              static_cast<unsigned long long>(explored.transitions),
              static_cast<unsigned long long>(explored.ends),
              static_cast<unsigned long long>(explored.depth));
  std::fflush(stdout);
}

int explore_file(const std::string& path, const ExploreOptions& options) {
  const auto text = read_file(path);
  if (!text) {
    std::fprintf(stderr, "%s: cannot be read\n", path.c_str());
    return exit_usage;
  }
  const Parsed parsed = parse(*text, path);
  for (const std::string& problem : parsed.problems) {
    std::fprintf(stderr, "%s\n", problem.c_str());
  }
  if (!parsed.problems.empty()) return exit_usage;
  std::printf("%s: up to %llu deadlines, %llu cuts and %llu crashes, at any moment\n", path.c_str(),
              static_cast<unsigned long long>(options.ticks_max),
              static_cast<unsigned long long>(options.cuts_max),
              static_cast<unsigned long long>(options.crashes_max));
  const Explored explored = explore(parsed.scenario, options, tell);
  tell(explored);
  if (explored.violation.empty()) {
    std::printf("every check held; %s\n",
                explored.exhaustive ? "exhaustive" : "not exhaustive: a bound cut it short");
    return exit_held;
  }
  std::printf("%s\nthe shortest way there:\n%s", explored.violation.c_str(),
              print(*explored.trace).c_str());
  return exit_failed;
}

}  // namespace

int explore_command(Arguments arguments) {
  ExploreOptions options;
  std::string bug;
  std::vector<std::string_view> files;
  const Option known[] = {{"--ticks", &options.ticks_max},     {"--cuts", &options.cuts_max},
                          {"--crashes", &options.crashes_max}, {"--states", &options.states_max},
                          {"--depth", &options.depth_max},     {"--plant", &bug}};
  std::string problem = read_options(arguments, known, files);
  if (problem.empty() && files.empty()) problem = "expected a scenario file";
  if (problem.empty() && !bug.empty()) problem = plant(bug);
  if (!problem.empty()) {
    std::fprintf(stderr, "bivouac-sim explore: %s\n", problem.c_str());
    return exit_usage;
  }
  int status = exit_held;
  for (const std::string_view file : files) {
    status = std::max(status, explore_file(std::string(file), options));
  }
  return status;
}

}  // namespace bivouac::sim
