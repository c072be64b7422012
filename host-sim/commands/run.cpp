// SPDX-License-Identifier: Apache-2.0
#include "host-sim/scenario/run.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host-sim/checkers/checkers.h"
#include "host-sim/commands/commands.h"
#include "host-sim/commands/golden.h"
#include "host-sim/commands/options.h"
#include "host-sim/ladder/ladder_svg.h"
#include "host-sim/ladder/ladder_text.h"
#include "host-sim/scenario/words.h"
#include "host-sim/soak/guarded.h"
#include "host-sim/soak/planting.h"
#include "host-sim/trace/trace_recorder.h"
#include "host-sim/trace/transcript.h"

namespace bivouac::sim {
namespace {

struct Options {
  std::vector<std::string> scenarios;
  std::string transcript;
  std::string svg;
  std::string bug;
  std::uint64_t seed = 1;
  bool check = false;
  bool rewrite = false;
  bool crash_everywhere = false;
};

void complain(const std::string& text) { std::fprintf(stderr, "%s\n", text.c_str()); }

/// What is wrong with the command line; empty when nothing is.
std::string read(Arguments arguments, Options& options) {
  const Option known[] = {{"--transcript", &options.transcript},
                          {"--svg", &options.svg},
                          {"--seed", &options.seed},
                          {"--plant", &options.bug},
                          {"--check", &options.check},
                          {"--rewrite", &options.rewrite},
                          {"--crash-everywhere", &options.crash_everywhere}};
  std::vector<std::string_view> paths;
  if (std::string problem = read_options(arguments, known, paths); !problem.empty()) {
    return problem;
  }
  options.scenarios.assign(paths.begin(), paths.end());
  if (options.scenarios.empty()) return "expected a scenario file";
  const bool one_output = !options.svg.empty() || !options.transcript.empty();
  if (one_output && options.scenarios.size() > 1) {
    return "--svg and --transcript are for one scenario";
  }
  return options.bug.empty() ? "" : plant(options.bug);
}

struct Played {
  Run run;
  Trace trace;
};

Played play(const Scenario& scenario, RunOptions options) {
  Played played;
  std::unique_ptr<TraceRecorder> recorder;
  std::unique_ptr<Checkers> checkers;
  options.at_beginning = [&](World& world) {
    recorder = std::make_unique<TraceRecorder>(world);
    world.observe(*recorder);
    checkers = std::make_unique<Checkers>(world);
  };
  // A scenario that has an end has come to rest there, also one that expects nothing of its own.
  const bool has_end = scenario.finally_after.ms > 0 || !scenario.finally.empty();
  if (has_end) options.at_end = [&](World&) { checkers->at_rest(); };
  const std::string broken = guarded([&] { played.run = run(scenario, options); });
  if (!broken.empty()) {
    played.run.failures.push_back(options.file + ": " + broken);
    static_cast<void>(checkers.release());  // they worked on what broke
    static_cast<void>(recorder.release());
    return played;
  }
  played.trace = recorder->trace();
  for (const std::string& violation : checkers->violations()) {
    played.run.failures.push_back(options.file + ": " + violation);
  }
  return played;
}

/// Again with a crash in each commit of the run without one.
std::vector<std::string> crash_everywhere(const Scenario& scenario, const RunOptions& options,
                                          const Run& whole, std::size_t& runs) {
  std::vector<std::string> failures;
  for (const auto& [system, commits] : whole.commits) {
    for (std::uint64_t commit = 1; commit <= commits; ++commit) {
      for (const bool survives : {false, true}) {
        RunOptions with_crash = options;
        with_crash.crash = CrashPlan{system, commit, survives, Down::power_cut, {2000}};
        ++runs;
        for (const std::string& failure : play(scenario, with_crash).run.failures) {
          failures.push_back(failure + "; with a power cut of " + short_identity(system) +
                             " in commit " + std::to_string(commit) + ", batch " +
                             (survives ? "surviving" : "lost"));
        }
      }
    }
  }
  return failures;
}

/// Writes or compares one file that is kept; what is wrong, or nothing.
std::string keep(const Options& options, const std::string& path, const std::string& text) {
  if (options.rewrite) return write_file(path, text) ? "" : path + ": cannot be written";
  return options.check ? difference(path, text) : "";
}

void add_if_any(std::vector<std::string>& failures, std::string failure) {
  if (!failure.empty()) failures.push_back(std::move(failure));
}

LadderOptions ladder_of(const Scenario& scenario) {
  LadderOptions options;
  options.title = title_of(scenario);
  return options;
}

void write_outputs(const Options& options, const std::string& path, const Scenario& scenario,
                   Played& played) {
  const LadderOptions ladder = ladder_of(scenario);
  std::vector<std::string>& failures = played.run.failures;
  add_if_any(failures, keep(options, golden_transcript_path(path), transcript(played.trace)));
  if (has_figure(scenario)) {
    add_if_any(failures, keep(options, figure_path(path), ladder_svg(played.trace, ladder)));
  }
  if (!options.transcript.empty() && !write_file(options.transcript, transcript(played.trace))) {
    failures.push_back(options.transcript + ": cannot be written");
  }
  if (!options.svg.empty() && !write_file(options.svg, ladder_svg(played.trace, ladder))) {
    failures.push_back(options.svg + ": cannot be written");
  }
}

/// For the clause index, as test programs do it: one line in the folder that the variable names.
void report_result(const std::string& path, bool held) {
  const char* folder = std::getenv("BIVOUAC_TEST_RESULTS");
  if (folder == nullptr) return;
  std::error_code ignored;  // writing tells
  std::filesystem::create_directories(folder, ignored);
  const std::string name = std::filesystem::path(path).stem().string();
  const std::string file = std::string(folder) + "/scenario_" + name + ".tsv";
  const std::string line = path + "\t\t" + (held ? "passed" : "failed") + "\n";
  if (!write_file(file, line)) complain(file + ": cannot be written");
}

int run_file(const Options& options, const std::string& path) {
  const auto text = read_file(path);
  if (!text) {
    complain(path + ": cannot be read");
    return exit_usage;
  }
  const Parsed parsed = parse(*text, path);
  for (const std::string& problem : parsed.problems) complain(problem);
  if (!parsed.problems.empty()) return exit_usage;

  RunOptions run_options;
  run_options.seed = options.seed;
  run_options.file = path;
  Played played = play(parsed.scenario, run_options);
  write_outputs(options, path, parsed.scenario, played);
  std::size_t runs = 1;
  std::vector<std::string>& failures = played.run.failures;
  if (options.crash_everywhere) {
    const auto more = crash_everywhere(parsed.scenario, run_options, played.run, runs);
    failures.insert(failures.end(), more.begin(), more.end());
  }
  const bool is_quiet = options.check || options.rewrite || options.crash_everywhere ||
                        !options.svg.empty() || !options.transcript.empty();
  if (!is_quiet) std::fputs(ladder_text(played.trace, ladder_of(parsed.scenario)).c_str(), stdout);
  for (const std::string& failure : failures) complain(failure);
  report_result(path, failures.empty());
  const std::string crashes = runs > 1 ? ", " + std::to_string(runs - 1) + " crashes" : "";
  std::printf("%s: %s (%lld s simulated%s)\n", path.c_str(),
              failures.empty() ? "held" : "did not hold",
              static_cast<long long>(played.run.ended.ms / 1000), crashes.c_str());
  return failures.empty() ? exit_held : exit_failed;
}

}  // namespace

int run_command(Arguments arguments) {
  Options options;
  if (const std::string problem = read(arguments, options); !problem.empty()) {
    complain("bivouac-sim run: " + problem);
    return exit_usage;
  }
  int status = exit_held;
  for (const std::string& path : options.scenarios) {
    status = std::max(status, run_file(options, path));
  }
  return status;
}

}  // namespace bivouac::sim
