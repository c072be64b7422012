// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <memory>

#include "host-sim/commands/commands.h"
#include "host-sim/commands/options.h"
#include "host-sim/scenario/words.h"
#include "host-sim/soak/judged_run.h"
#include "host-sim/soak/planting.h"
#include "host-sim/soak/swarm.h"
#include "host-sim/trace/trace_recorder.h"
#include "host-sim/trace/transcript.h"

namespace bivouac::sim {
namespace {

/// More than any seed has: a transcript that stops early would prove nothing.
constexpr std::size_t trace_events_max = 4'000'000;

void say(const std::string& text) { std::fputs(text.c_str(), stdout); }

}  // namespace

int seed_command(Arguments arguments) {
  std::vector<std::string_view> words;
  std::string bug;
  bool only_scenario = false;
  const Option known[] = {{"--plant", &bug}, {"--scenario", &only_scenario}};
  std::string problem = read_options(arguments, known, words);
  const auto seed = words.size() == 1 ? read_number(words[0]) : std::nullopt;
  if (problem.empty() && !seed) problem = "expected one number";
  if (problem.empty() && !bug.empty()) problem = plant(bug);
  if (!problem.empty()) {
    std::fprintf(stderr, "bivouac-sim seed: %s\n", problem.c_str());
    return exit_usage;
  }
  if (only_scenario) {
    say(print(draw(*seed).scenario));
    return exit_held;
  }
  const Drawn drawn = draw(*seed);
  std::unique_ptr<TraceRecorder> recorder;
  RunOptions options;
  options.seed = *seed;
  options.at_beginning = [&](World& world) {
    world.keeps_answers = false;
    recorder = std::make_unique<TraceRecorder>(world, trace_events_max);
    world.observe(*recorder);
  };
  const Verdict verdict = judged_run(drawn.scenario, options, false);
  say(drawn.options + "\n");
  say(transcript(recorder->trace()));
  for (const std::string& violation : verdict.violations) say(violation + "\n");
  say(verdict.violations.empty() ? "every check held\n" : "a check did not hold\n");
  return verdict.violations.empty() ? exit_held : exit_failed;
}

}  // namespace bivouac::sim
