// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <vector>

#include "core/base/nearest.h"
#include "host-sim/commands/commands.h"
#include "host-sim/conformance.h"

namespace {

using bivouac::sim::Arguments;

constexpr const char* help_text =
    "usage: bivouac-sim COMMAND [ARGUMENT...]\n"
    "\n"
    "  run SCENARIO...   runs scenario files, draws what happened, checks what they expect\n"
    "      --transcript F      what happened as text, into a file (one scenario)\n"
    "      --svg F             the ladder diagram, into a file (one scenario)\n"
    "      --check             compares with the golden transcript beside the scenario, and with\n"
    "                          the figure in host-sim/figures\n"
    "      --rewrite           writes these anew\n"
    "      --crash-everywhere  again with a crash in every commit of every system\n"
    "      --seed N            another course of events (1 when left out)\n"
    "  seed N            one seed of the soak, with its transcript\n"
    "      --scenario          prints the scenario that it draws instead\n"
    "  soak              seed after seed, each with its own faults, under all checkers\n"
    "      --seconds S         so long (60 when left out)\n"
    "      --from N            the first seed (1 when left out)\n"
    "      --seeds N           these many; it fails when the time is too short for them\n"
    "      --jobs N            so many at once (one for each processor)\n"
    "      --tries N           runs to shrink a failure, 0 for none (1500)\n"
    "  explore SCENARIO...  every order of events of a small scenario\n"
    "      --ticks N --cuts N --crashes N   deadlines, cuts and crashes on the way (0, 1, 1)\n"
    "      --states N --depth N             bounds that cut it short (200000, 1000)\n"
    "  --plant BUG       for run, seed, soak, explore, in a build with known bugs: one of them\n"
    "  conformance       the clause index with the results of the last test run\n"
    "  version\n"
    "\n"
    "Exit status: 0 all held, 1 something did not, 2 the command line made no sense.\n"
    "The language of scenarios: host-sim/scenario/LANGUAGE.md\n";

struct Command {
  std::string_view name;
  int (*run)(Arguments arguments);
};

constexpr Command commands[] = {
    {"run", bivouac::sim::run_command},         {"seed", bivouac::sim::seed_command},
    {"soak", bivouac::sim::soak_command},       {"explore", bivouac::sim::explore_command},
    {"conformance", bivouac::sim::conformance}, {"version", bivouac::sim::version_command},
};

int unknown(std::string_view word) {
  std::vector<std::string_view> names;
  for (const Command& command : commands) names.push_back(command.name);
  std::fprintf(stderr, "bivouac-sim: unknown command '%.*s'%s\n", static_cast<int>(word.size()),
               word.data(), bivouac::did_you_mean(word, names).c_str());
  return bivouac::sim::exit_usage;
}

}  // namespace

int main(int count, char** values) {
  const std::vector<std::string_view> words(values + 1, values + count);
  if (words.empty() || words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
    std::fputs(help_text, words.empty() ? stderr : stdout);
    return words.empty() ? bivouac::sim::exit_usage : bivouac::sim::exit_held;
  }
  const auto* command = std::ranges::find(commands, words[0], &Command::name);
  if (command == std::end(commands)) return unknown(words[0]);
  return command->run(std::span(words).subspan(1));
}
