// SPDX-License-Identifier: Apache-2.0
// The benchmark: see README.md.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/affiliation_bench.h"
#include "tests/bench/fan_out_bench.h"
#include "tests/bench/handshake_bench.h"
#include "tests/bench/memory_bench.h"
#include "tests/bench/place.h"
#include "tests/bench/report.h"
#include "tests/bench/settings.h"
#include "tests/bench/start_bench.h"

namespace {

using namespace bivouac::bench;

constexpr std::size_t users = 64;

struct Subject {
  std::string_view name;
  void (*run)(const Place&, const Settings&, Report&);
};
constexpr Subject subjects[] = {
    {"affiliation", bench_affiliation}, {"fanout", bench_fan_out}, {"handshake", bench_handshake},
    {"memory", bench_memory},           {"start", bench_start},
};

struct Command {
  std::string programs;
  std::string results;
  std::string commit = "unknown";
  Settings settings;
  std::vector<std::string> subjects;  // none: all
};

[[noreturn]] void explain() {
  std::string names;
  for (const Subject& subject : subjects) names += " " + std::string(subject.name);
  give_up(
      "usage: bench PROGRAMS RESULTS [--commit C] [--seconds S] [--rounds N] [SUBJECT...]\n"
      "subjects:" +
      names);
}

Command read(const std::vector<std::string>& words) {
  if (words.size() < 2) explain();
  Command command{words[0], words[1], "unknown", {}, {}};
  for (std::size_t i = 2; i < words.size(); ++i) {
    const bool has_value = i + 1 < words.size();
    if (words[i] == "--commit" && has_value) {
      command.commit = words[++i];
    } else if (words[i] == "--seconds" && has_value) {
      command.settings.seconds = std::strtod(words[++i].c_str(), nullptr);
    } else if (words[i] == "--rounds" && has_value) {
      command.settings.rounds = std::strtoul(words[++i].c_str(), nullptr, 10);
    } else {
      bool is_known = false;
      for (const Subject& subject : subjects) is_known = is_known || words[i] == subject.name;
      if (!is_known) explain();
      command.subjects.push_back(words[i]);
    }
  }
  if (command.settings.seconds <= 0 || command.settings.rounds == 0) explain();
  return command;
}

void write(const std::string& path, const std::string& text) {
  std::ofstream file(path);
  file << text;
  if (!file.flush()) give_up("cannot write " + path);
}

}  // namespace

int main(int count, char** arguments) {
  const Command command = read({arguments + 1, arguments + count});
  raise_descriptor_limit();
  Report report(this_machine(), command.commit,
                "windows of " + fixed(command.settings.seconds, 1) + " s, median of " +
                    std::to_string(command.settings.rounds) + " rounds");
  {
    const Place place(command.programs, command.results + "/work", users);
    if (place.cores().server == place.cores().load)
      std::fprintf(stderr, "bench: only one core: server and load disturb each other\n");
    for (const Subject& subject : subjects) {
      bool is_wanted = command.subjects.empty();
      for (const std::string& name : command.subjects)
        is_wanted = is_wanted || name == subject.name;
      if (!is_wanted) continue;
      std::fprintf(stderr, "bench: %s ...\n", std::string(subject.name).c_str());
      subject.run(place, command.settings, report);
    }
  }
  write(command.results + "/bench.txt", report.text());
  write(command.results + "/bench.json", report.json());
  write(command.results + "/bench.svg", report.svg());
  std::fputs(report.text().c_str(), stdout);
  return 0;
}
