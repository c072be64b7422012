// SPDX-License-Identifier: Apache-2.0
#include "host-sim/scenario/parts.h"

#include <algorithm>

#include "core/base/cause.h"
#include "core/base/note.h"
#include "core/base/service.h"
#include "core/wire/schema/envelope_generated.h"
#include "host-sim/scenario/words.h"
#include "host-sim/world/schedule.h"

namespace bivouac::sim {
namespace {

using Words = std::vector<std::string_view>;

constexpr std::string_view kill_word = "kill";
constexpr std::string_view power_cut_word = "power-cut";
constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz0123456789-";

Words no_words() { return {}; }
bool always(const Statement&) { return true; }

// ---- names

template <std::string Statement::* field>
bool read_name(WordReader& reader, Statement& statement) {
  const std::string_view name = reader.peek();
  if (name.empty() || name.find_first_not_of(letters) != std::string_view::npos) return false;
  statement.*field = reader.take();
  return true;
}

bool read_names(WordReader& reader, Statement& statement) {
  for (const std::string& name : split_list(reader.peek())) {
    if (name.empty() || name.find_first_not_of(letters) != std::string::npos) return false;
  }
  if (reader.peek() == "none") return false;
  statement.word = reader.take();
  return true;
}

bool is_group(std::string_view name) {
  const bool is_local = name.find('@') != std::string_view::npos;
  return (is_local || name.starts_with("tel:")) && name.find('=') == std::string_view::npos;
}

bool read_group(WordReader& reader, Statement& statement) {
  if (!is_group(reader.peek())) return false;
  statement.group = reader.take();
  return true;
}

bool read_groups(WordReader& reader, Statement& statement) {
  const auto groups = split_list(reader.peek());
  if (groups.empty() || !std::ranges::all_of(groups, is_group)) return false;
  statement.group = reader.take();
  return true;
}

bool read_user(WordReader& reader, Statement& statement) {
  const std::string_view name = reader.peek();
  const bool is_user = name.find('@') != std::string_view::npos || name.starts_with("tel:");
  if (!is_user || name.find_first_of("=/") != std::string_view::npos) return false;
  statement.user = reader.take();
  return true;
}

bool read_client(WordReader& reader, Statement& statement) {
  const std::string_view name = reader.peek();
  const std::size_t slash = name.find('/');
  if (slash == std::string_view::npos ||
      name.substr(0, slash).find('@') == std::string_view::npos || slash + 1 == name.size() ||
      name.find('=') != std::string_view::npos) {
    return false;
  }
  statement.client = reader.take();
  return true;
}

template <std::string Statement::* field>
std::string write_name(const Statement& statement) {
  return in_quotes_if_needed(statement.*field);
}

template <std::string Statement::* field>
bool has_name(const Statement& statement) {
  return !(statement.*field).empty();
}

// ---- words of a list

template <Words (*known)()>
bool read_known(WordReader& reader, Statement& statement) {
  const Words words = known();
  if (std::ranges::find(words, reader.peek()) == words.end()) return false;
  statement.word = reader.take();
  return true;
}

Words causes() {
  Words words;
  for (std::uint16_t number = 1; number < 256; ++number) {
    if (is_known(Cause{number})) words.push_back(name(Cause{number}));
  }
  return words;
}

Words services() {
  Words words;
  for (const Service service : all_services) words.push_back(name(service));
  return words;
}

Words notes() {
  Words words;
  for (std::uint8_t number = 0;; ++number) {
    const std::string_view word = name(NoteKind{number});
    if (word == "unnamed") return words;
    words.push_back(word);
  }
}

Words events() {
  Words words;
  for (const Pending::Kind kind : pending_kinds()) words.push_back(name(kind));
  return words;
}

Words messages() {
  Words words;
  for (const wire::fb::Body body : wire::fb::EnumValuesBody()) {
    if (body != wire::fb::Body::NONE) words.emplace_back(wire::fb::EnumNameBody(body));
  }
  return words;
}

bool read_step(WordReader& reader, Statement& statement) {
  const std::string_view step = reader.peek();
  if (step.find('/') == std::string_view::npos || step.find('=') != std::string_view::npos) {
    return false;
  }
  statement.word = reader.take();
  return true;
}

bool read_text(WordReader& reader, Statement& statement) {
  if (reader.peek().empty()) return false;
  statement.word = reader.take();
  return true;
}
std::string write_text(const Statement& statement) { return in_quotes(statement.word); }

// ---- numbers and times

bool read_count(WordReader& reader, Statement& statement) {
  const auto number = read_number(reader.peek());
  if (!number) return false;
  statement.count = *number;
  reader.take();
  return true;
}
std::string write_count(const Statement& statement) { return std::to_string(statement.count); }

bool read_jump(WordReader& reader, Statement& statement) {
  const auto duration = read_duration(reader.peek());
  if (!duration) return false;
  statement.duration = *duration;
  reader.take();
  return true;
}
bool read_time(WordReader& reader, Statement& statement) {
  return !reader.peek().starts_with('-') && read_jump(reader, statement);
}
std::string write_time(const Statement& statement) { return write_duration(statement.duration); }

bool read_times(WordReader& reader, Statement& statement) {
  Times& times = statement.times;
  times = {};
  if (reader.peek() == "never" || reader.peek() == "once") {
    times.count = reader.take() == "once" ? 1 : 0;
    return true;
  }
  if (reader.peek() == "at") {
    reader.take();
    if (reader.peek() != "least" && reader.peek() != "most") return false;
    times.kind = reader.take() == "least" ? Times::Kind::at_least : Times::Kind::at_most;
    if (reader.peek() == "once") {
      reader.take();
      times.count = 1;
      return true;
    }
  }
  const auto number = read_number(reader.peek());
  if (!number) return false;
  times.count = *number;
  reader.take();
  if (reader.peek() != "times") return false;
  reader.take();
  return true;
}

std::string write_times(const Statement& statement) {
  const Times& times = statement.times;
  const std::string count = times.count == 1 ? "once" : std::to_string(times.count) + " times";
  if (times.kind == Times::Kind::at_least) return "at least " + count;
  if (times.kind == Times::Kind::at_most) return "at most " + count;
  return times.count == 0 ? "never" : count;
}
Words times_words() { return {"once", "never", "times", "least", "most"}; }

// ---- choices

bool read_how(WordReader& reader, Statement& statement) {
  if (reader.peek() != kill_word && reader.peek() != power_cut_word) return false;
  statement.how = reader.take() == kill_word ? Down::killed : Down::power_cut;
  return true;
}
std::string write_how(const Statement& statement) {
  return std::string(statement.how == Down::killed ? kill_word : power_cut_word);
}
Words how_words() { return {kill_word, power_cut_word}; }

bool read_fate(WordReader& reader, Statement& statement) {
  if (reader.peek() != "lost" && reader.peek() != "survives") return false;
  statement.batch_survives = reader.take() == "survives";
  return true;
}
std::string write_fate(const Statement& statement) {
  return statement.batch_survives ? "survives" : "lost";
}
Words fate_words() { return {"lost", "survives"}; }

// ---- settings

bool read_settings(WordReader& reader, Statement& statement) {
  while (!reader.peek().empty()) {
    const std::string_view word = reader.peek();
    const std::size_t equals = word.find('=');
    if (equals == std::string_view::npos || equals == 0) return false;
    statement.settings.push_back(
        {std::string(word.substr(0, equals)), std::string(word.substr(equals + 1))});
    reader.take();
  }
  return true;
}

std::string write_settings(const Statement& statement) {
  std::vector<std::string> words;
  for (const Setting& setting : statement.settings) {
    const bool bare = setting.value.empty();
    words.push_back(setting.key + "=" + (bare ? "" : in_quotes_if_needed(setting.value)));
  }
  return join(words, " ");
}

constexpr Part parts[] = {
    {"SYSTEM", "the name of a system", read_name<&Statement::system>,
     write_name<&Statement::system>, has_name<&Statement::system>, no_words},
    {"OTHER", "the name of a system", read_name<&Statement::other>, write_name<&Statement::other>,
     has_name<&Statement::other>, no_words},
    {"PROXIES", "names of proxies such as one,two", read_names, write_name<&Statement::word>,
     has_name<&Statement::word>, no_words},
    {"GROUP", "a group such as fire-1@alpha", read_group, write_name<&Statement::group>,
     has_name<&Statement::group>, no_words},
    {"GROUPS", "groups such as fire-1@alpha,two@bravo", read_groups, write_name<&Statement::group>,
     has_name<&Statement::group>, no_words},
    {"USER", "a user such as ben@bravo", read_user, write_name<&Statement::user>,
     has_name<&Statement::user>, no_words},
    {"CLIENT", "a client such as ben@bravo/phone", read_client, write_name<&Statement::client>,
     has_name<&Statement::client>, no_words},
    {"CAUSE", "a cause", read_known<causes>, write_name<&Statement::word>,
     has_name<&Statement::word>, causes},
    {"SERVICE", "mcptt, mcvideo or mcdata", read_known<services>, write_name<&Statement::word>,
     has_name<&Statement::word>, services},
    {"NOTE", "a kind of note", read_known<notes>, write_name<&Statement::word>,
     has_name<&Statement::word>, notes},
    {"EVENT", "a pending event such as deliver", read_known<events>, write_name<&Statement::word>,
     has_name<&Statement::word>, events},
    {"MESSAGE", "a message", read_known<messages>, write_name<&Statement::word>,
     has_name<&Statement::word>, messages},
    {"STEP", "a step such as 10.2.7.2/3", read_step, write_name<&Statement::word>,
     has_name<&Statement::word>, no_words},
    {"TEXT", "a text in quotes", read_text, write_text, always, no_words},
    {"COUNT", "a number", read_count, write_count, always, no_words},
    {"DURATION", "a time such as 200ms", read_time, write_time, always, no_words},
    {"JUMP", "a time such as 2h or -2h", read_jump, write_time, always, no_words},
    {"TIMES", "once, never, 3 times, at least or at most 3 times", read_times, write_times, always,
     times_words},
    {"HOW", "kill or power-cut", read_how, write_how, always, how_words},
    {"FATE", "lost or survives", read_fate, write_fate, always, fate_words},
    {"SETTINGS", "key=value", read_settings, write_settings, always, no_words},
};

}  // namespace

const Part* find_part(std::string_view name) {
  const auto* found = std::ranges::find(parts, name, &Part::name);
  return found == std::end(parts) ? nullptr : found;
}

}  // namespace bivouac::sim
