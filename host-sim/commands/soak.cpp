// SPDX-License-Identifier: Apache-2.0
#include "host-sim/soak/soak.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <thread>

#include "host-sim/commands/commands.h"
#include "host-sim/commands/golden.h"
#include "host-sim/commands/options.h"
#include "host-sim/ladder/ladder_svg.h"
#include "host-sim/soak/judged_run.h"
#include "host-sim/soak/planting.h"
#include "host-sim/soak/swarm.h"
#include "host-sim/trace/trace_recorder.h"

namespace bivouac::sim {
namespace {

constexpr double ms_per_hour = 3'600'000;
constexpr std::uint64_t shrinking_tries = 1'500;

void tell(const SoakTotals& totals) {
  const double seconds = static_cast<double>(totals.elapsed_ms) / 1000;
  const double active = static_cast<double>(totals.active_ms) / ms_per_hour;
  std::printf(
      "%6.1f s  %llu seeds (%.1f/s)  %.0f h simulated under load (%.0f h a minute), %.0f h in all  "
      "%llu requests  %llu faults\n",
      seconds, static_cast<unsigned long long>(totals.seeds),
      static_cast<double>(totals.seeds) / seconds, active, active / seconds * 60,
      static_cast<double>(totals.simulated_ms) / ms_per_hour,
      static_cast<unsigned long long>(totals.requests),
      static_cast<unsigned long long>(totals.faults));
  std::fflush(stdout);
}

/// The ladder diagram of what a scenario does under this seed.
std::string draw_ladder(const Scenario& scenario, std::uint64_t seed) {
  std::unique_ptr<TraceRecorder> recorder;
  RunOptions options;
  options.seed = seed;
  options.at_beginning = [&](World& world) {
    recorder = std::make_unique<TraceRecorder>(world);
    world.observe(*recorder);
  };
  judged_run(scenario, options, false);
  return ladder_svg(recorder->trace(), {});
}

int explain(const SoakFailure& failure, std::uint64_t tries) {
  std::printf("%s\n", draw(failure.seed).options.c_str());
  for (const std::string& violation : failure.violations) std::printf("  %s\n", violation.c_str());
  if (tries == 0) return exit_failed;
  std::printf("looking for a smaller scenario ...\n");
  std::fflush(stdout);
  const Scenario smallest =
      shrink_seed(failure.seed, failure.violations.front(), static_cast<std::size_t>(tries));
  const std::string name = "soak_" + std::to_string(failure.seed);
  const bool written = write_file(name + ".scn", print(smallest)) &&
                       write_file(name + ".svg", draw_ladder(smallest, failure.seed));
  std::printf("%s\n", print(smallest).c_str());
  std::printf("again: bivouac-sim run %s.scn --seed %llu%s\n", name.c_str(),
              static_cast<unsigned long long>(failure.seed),
              written ? "" : "  (the file could not be written)");
  return exit_failed;
}

}  // namespace

int soak_command(Arguments arguments) {
  std::uint64_t seconds = 60;
  std::uint64_t jobs = std::max(1U, std::thread::hardware_concurrency());
  SoakOptions options;
  std::vector<std::string_view> rest;
  std::uint64_t tries = shrinking_tries;
  std::string bug;
  bool list_planted = false;
  const Option known[] = {{"--seconds", &seconds},
                          {"--from", &options.from},
                          {"--seeds", &options.seeds_max},
                          {"--jobs", &jobs},
                          {"--tries", &tries},
                          {"--plant", &bug},
                          {"--list-planted", &list_planted}};
  std::string problem = read_options(arguments, known, rest);
  if (problem.empty() && !rest.empty()) problem = "unexpected '" + std::string(rest[0]) + "'";
  if (problem.empty() && (jobs == 0 || jobs > 64)) problem = "--jobs: expected 1 to 64";
  if (problem.empty() && !bug.empty()) problem = plant(bug);
  if (!problem.empty()) {
    std::fprintf(stderr, "bivouac-sim soak: %s\n", problem.c_str());
    return exit_usage;
  }
  if (list_planted) {
    for (const PlantedBug& one : planted_bugs()) std::printf("%s\n", std::string(one.name).c_str());
    return exit_held;
  }
  options.seconds = static_cast<std::int64_t>(seconds);
  options.jobs = static_cast<unsigned>(jobs);
  const SoakResult result = soak(options, tell);
  tell(result.totals);
  if (result.failure) return explain(*result.failure, tries);
  if (result.totals.seeds < options.seeds_max) {
    std::printf("the time was over before all %llu seeds had run\n",
                static_cast<unsigned long long>(options.seeds_max));
    return exit_failed;
  }
  std::printf("every check held\n");
  return exit_held;
}

}  // namespace bivouac::sim
