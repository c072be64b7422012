// SPDX-License-Identifier: Apache-2.0
#include "host-sim/scenario/grammar.h"

#include <algorithm>

#include "core/base/nearest.h"
#include "host-sim/scenario/parts.h"
#include "host-sim/scenario/words.h"

namespace bivouac::sim {
namespace {

constexpr Pattern all_patterns[] = {
    {Verb::title, "title TEXT"},
    {Verb::figure, "figure"},
    {Verb::system, "system SYSTEM SETTINGS"},
    {Verb::proxy, "proxy SYSTEM"},
    {Verb::link_both, "link SYSTEM dials OTHER and back"},
    {Verb::link, "link SYSTEM dials OTHER"},
    {Verb::route, "route SYSTEM to OTHER via PROXIES"},
    {Verb::policy, "policy SYSTEM about OTHER SETTINGS"},
    {Verb::overlay, "overlay SYSTEM about OTHER SETTINGS"},
    {Verb::group, "group GROUP SETTINGS"},
    {Verb::user, "user USER SETTINGS"},
    {Verb::client, "client CLIENT at SYSTEM"},
    {Verb::keys, "keys GROUP for USER SETTINGS"},

    {Verb::start_all, "start all"},
    {Verb::start, "start SYSTEM"},
    {Verb::stop, "stop SYSTEM"},
    {Verb::crash_in_next_commit, "HOW SYSTEM in next commit batch FATE restart after DURATION"},
    {Verb::crash_in_commit, "HOW SYSTEM in commit COUNT batch FATE restart after DURATION"},
    {Verb::crash, "HOW SYSTEM batch FATE"},
    {Verb::crash, "HOW SYSTEM"},
    {Verb::restart, "restart SYSTEM after DURATION"},
    {Verb::reload_policy, "reload SYSTEM policy about OTHER SETTINGS"},
    {Verb::reload_overlay, "reload SYSTEM overlay about OTHER SETTINGS"},
    {Verb::reload_no_overlay, "reload SYSTEM no overlay about OTHER"},
    {Verb::reload_without, "reload SYSTEM without OTHER"},
    {Verb::reload_with, "reload SYSTEM with OTHER"},

    {Verb::lose_store, "lose store of SYSTEM"},
    {Verb::damage_store, "damage store of SYSTEM"},
    {Verb::lose_sealing_key, "lose sealing key of SYSTEM"},
    {Verb::disk, "disk SYSTEM SETTINGS"},
    {Verb::fail_commit, "fail next commit of SYSTEM"},
    {Verb::space_low, "space low at SYSTEM"},
    {Verb::space_back, "space back at SYSTEM"},
    {Verb::clock_jumps, "clock SYSTEM jumps JUMP"},
    {Verb::clock_lost, "clock SYSTEM lost"},
    {Verb::clock_set, "clock SYSTEM set"},
    {Verb::certificate_expires, "certificate SYSTEM expires"},
    {Verb::certificate_renewed, "certificate SYSTEM renewed"},

    {Verb::path, "path SYSTEM OTHER SETTINGS"},
    {Verb::cut_after_bytes, "cut SYSTEM to OTHER after COUNT bytes"},
    {Verb::cut, "cut SYSTEM OTHER"},
    {Verb::cut_client, "cut CLIENT SYSTEM"},
    {Verb::heal_all, "heal all"},
    {Verb::heal, "heal SYSTEM OTHER"},
    {Verb::heal_client, "heal CLIENT SYSTEM"},
    {Verb::block, "block SYSTEM to OTHER"},
    {Verb::unblock, "unblock SYSTEM to OTHER"},

    {Verb::import_user, "operator SYSTEM imports user USER SETTINGS"},
    {Verb::remove_user, "operator SYSTEM removes user USER"},
    {Verb::import, "operator SYSTEM imports GROUP SETTINGS"},
    {Verb::remove, "operator SYSTEM removes GROUP"},
    {Verb::push, "operator SYSTEM pushes GROUP to OTHER"},
    {Verb::push, "operator SYSTEM pushes GROUP"},
    {Verb::fetch, "operator SYSTEM fetches GROUP for SERVICE"},
    {Verb::fetch, "operator SYSTEM fetches GROUP"},
    {Verb::subscribe, "operator SYSTEM subscribes GROUP"},
    {Verb::unsubscribe, "operator SYSTEM unsubscribes GROUP"},
    {Verb::import_keys, "operator SYSTEM imports keys GROUP SETTINGS"},
    {Verb::remove_keys, "operator SYSTEM removes keys GROUP SETTINGS"},

    {Verb::client_logs_on, "client CLIENT logs on"},
    {Verb::client_logs_off, "client CLIENT logs off"},
    {Verb::client_subscribes, "client CLIENT subscribes GROUP"},
    {Verb::client_unsubscribes, "client CLIENT unsubscribes GROUP"},
    {Verb::client_gets, "client CLIENT gets GROUP"},
    {Verb::client_affiliates, "client CLIENT affiliates GROUPS"},
    {Verb::client_deaffiliates_all, "client CLIENT deaffiliates GROUPS for all clients"},
    {Verb::client_deaffiliates, "client CLIENT deaffiliates GROUPS"},
    {Verb::client_watches, "client CLIENT watches USER"},
    {Verb::client_unwatches, "client CLIENT unwatches USER"},
    {Verb::client_restarts, "client CLIENT restarts"},

    {Verb::happens, "happens EVENT COUNT"},
    {Verb::wait, "wait DURATION"},
    {Verb::count_anew, "count anew"},

    {Verb::expect_absent, "expect group GROUP at SYSTEM absent"},
    {Verb::expect_stored_times, "expect group GROUP at SYSTEM stored TIMES"},
    {Verb::expect_group, "expect group GROUP at SYSTEM SETTINGS"},
    {Verb::expect_subscriber, "expect subscriber OTHER of GROUP at SYSTEM"},
    {Verb::expect_no_subscriber, "expect no subscriber OTHER of GROUP at SYSTEM"},
    {Verb::expect_keys, "expect keys GROUP at SYSTEM SETTINGS"},
    {Verb::expect_original, "expect original GROUP at SYSTEM SETTINGS"},
    {Verb::expect_done, "expect answer at SYSTEM done"},
    {Verb::expect_queued, "expect answer at SYSTEM queued"},
    {Verb::expect_failed, "expect answer at SYSTEM failed CAUSE"},
    {Verb::expect_no_answer, "expect answer at SYSTEM none"},
    {Verb::expect_step, "expect step STEP at SYSTEM TIMES"},
    {Verb::expect_refusals, "expect refusal CAUSE at SYSTEM TIMES"},
    {Verb::expect_note, "expect note NOTE at SYSTEM TIMES"},
    {Verb::expect_messages, "expect message MESSAGE from SYSTEM to OTHER TIMES"},
    {Verb::expect_bytes, "expect bytes from SYSTEM to OTHER TIMES"},
    {Verb::expect_link_up, "expect link SYSTEM OTHER up"},
    {Verb::expect_link_down, "expect link SYSTEM OTHER down"},
    {Verb::expect_up, "expect system SYSTEM up"},
    {Verb::expect_down, "expect system SYSTEM down"},
    {Verb::expect_client_on, "expect client CLIENT logged on"},
    {Verb::expect_client_off, "expect client CLIENT logged off"},
    {Verb::expect_client_has_not, "expect client CLIENT has no GROUP"},
    {Verb::expect_client_has, "expect client CLIENT has GROUP SETTINGS"},
    {Verb::expect_client_got, "expect client CLIENT got GROUP SETTINGS"},
    {Verb::expect_client_told, "expect client CLIENT was told CAUSE"},
    {Verb::expect_affiliated, "expect client CLIENT affiliated GROUP"},
    {Verb::expect_affiliating, "expect client CLIENT affiliating GROUP"},
    {Verb::expect_not_affiliated, "expect client CLIENT not affiliated GROUP"},
    {Verb::finally, "finally after DURATION"},
};

struct PrefixWord {
  When::Kind kind;
  std::string_view word;
};
constexpr PrefixWord prefix_words[] = {
    {When::Kind::at, "at"}, {When::Kind::after, "after"}, {When::Kind::within, "within"}};

/// What the patterns wanted at the word where the best of them failed.
class Wanted {
 public:
  void add(std::size_t position, std::string_view description, std::string_view literal) {
    if (position < position_) return;
    if (position > position_) {
      position_ = position;
      descriptions_.clear();
      literals_.clear();
    }
    if (std::ranges::find(descriptions_, description) == descriptions_.end()) {
      descriptions_.emplace_back(description);
    }
    if (!literal.empty()) literals_.push_back(literal);
  }
  void add(std::size_t position, const Part& part) {
    add(position, part.description, {});
    const auto known = part.known();
    if (position == position_) literals_.insert(literals_.end(), known.begin(), known.end());
  }

  std::string problem(std::span<const std::string> words) const {
    if (position_ < words.size() && position_ == 0) {
      return "no statement begins with " + in_quotes(words[0]) + did_you_mean(words[0], literals_);
    }
    std::string list;
    for (std::size_t i = 0; i < descriptions_.size(); ++i) {
      if (i > 0) list += i + 1 == descriptions_.size() ? " or " : ", ";
      list += descriptions_[i];
    }
    if (position_ >= words.size()) return "expected " + list + " at the end of the line";
    return "expected " + list + ", found " + in_quotes(words[position_]) +
           did_you_mean(words[position_], literals_);
  }

 private:
  std::size_t position_ = 0;
  std::vector<std::string> descriptions_;
  std::vector<std::string_view> literals_;
};

bool match(const Pattern& pattern, std::span<const std::string> words, Statement& statement,
           Wanted& wanted) {
  WordReader reader{words, 0};
  for (const std::string& piece : split_words(pattern.words).words) {
    const std::size_t position = reader.at;
    if (const Part* part = find_part(piece)) {
      if (part->read(reader, statement)) continue;
      wanted.add(std::max(position, reader.at), *part);
      return false;
    }
    const auto literal = pattern.words.substr(pattern.words.find(piece), piece.size());
    if (reader.take() == piece) continue;
    wanted.add(position, in_quotes(piece), literal);
    return false;
  }
  if (reader.at == words.size()) return true;
  wanted.add(reader.at, "nothing more", {});
  return false;
}

/// Takes "at 5s" and its like off the front. False when the time is not understood.
bool take_when(std::span<const std::string>& words, When& when) {
  if (words.empty()) return true;
  const auto prefix = std::ranges::find(prefix_words, words[0], &PrefixWord::word);
  if (prefix == std::end(prefix_words)) return true;
  const auto time = words.size() < 2 ? std::nullopt : read_duration(words[1]);
  if (!time || time->ms < 0) return false;
  when = {prefix->kind, *time};
  words = words.subspan(2);
  return true;
}

bool has_parts(const Pattern& pattern, const Statement& statement) {
  const auto pieces = split_words(pattern.words).words;
  return std::ranges::all_of(pieces, [&](const std::string& piece) {
    const Part* part = find_part(piece);
    return part == nullptr || part->is_given(statement);
  });
}

}  // namespace

std::span<const Pattern> patterns() { return all_patterns; }

Understood understand(std::span<const std::string> words) {
  Understood result;
  When when;
  const std::span<const std::string> whole = words;
  if (!take_when(words, when)) {
    const std::string found = whole.size() < 2 ? "the end of the line" : in_quotes(whole[1]);
    result.problem =
        "expected a time such as 200ms after " + in_quotes(whole[0]) + ", found " + found;
    return result;
  }
  Wanted wanted;
  for (const Pattern& pattern : all_patterns) {
    Statement statement;
    if (!match(pattern, words, statement, wanted)) continue;
    statement.verb = pattern.verb;
    statement.when = when;
    result.statement = std::move(statement);
    return result;
  }
  result.problem = words.empty() ? "expected a statement after the time" : wanted.problem(words);
  return result;
}

std::string write(const Statement& statement) {
  std::vector<std::string> words;
  const auto prefix = std::ranges::find(prefix_words, statement.when.kind, &PrefixWord::kind);
  if (prefix != std::end(prefix_words)) {
    words.emplace_back(prefix->word);
    words.push_back(write_duration(statement.when.time));
  }
  const auto pattern = std::ranges::find_if(all_patterns, [&](const Pattern& one) {
    return one.verb == statement.verb && has_parts(one, statement);
  });
  if (pattern == std::end(all_patterns)) return {};
  for (const std::string& piece : split_words(pattern->words).words) {
    const Part* part = find_part(piece);
    const std::string text = part == nullptr ? piece : part->write(statement);
    if (!text.empty()) words.push_back(text);
  }
  return join(words, " ");
}

bool is_expectation(Verb verb) { return verb >= Verb::expect_group && verb < Verb::finally; }
bool is_declaration(Verb verb) { return verb <= Verb::keys; }

}  // namespace bivouac::sim
