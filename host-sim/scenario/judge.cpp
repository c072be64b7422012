// SPDX-License-Identifier: Apache-2.0
#include "host-sim/scenario/judge.h"

#include <algorithm>

#include "core/base/assert.h"
#include "host-sim/scenario/settings.h"
#include "host-sim/scenario/setup.h"
#include "host-sim/scenario/stored_group.h"
#include "host-sim/scenario/values.h"
#include "host-sim/scenario/words.h"

namespace bivouac::sim {
namespace {

std::string instead(std::string_view expected, std::string found) {
  return found == expected ? "" : found;
}

/// Both as the same text, whatever way the expectation was written.
std::string expected_text(const Setting& setting) {
  GroupConfiguration scratch;
  apply(setting, scratch);
  return item_of(scratch, setting.key);
}

std::string setting_instead(const Setting& expected, const GroupThere& stored,
                            const GroupConfiguration& shown) {
  const std::string key = expected.key + "=";
  if (is_record_fact(expected.key)) {
    const std::string found = record_fact(stored, expected.key);
    return found == expected.value ? "" : key + found;
  }
  if (expected.key == "members" && read_number(expected.value)) {
    const std::string found = std::to_string(shown.members.size());
    return found == expected.value ? "" : key + found;
  }
  const std::string found = item_of(shown, expected.key);
  return found == expected_text(expected) ? "" : key + in_quotes_if_needed(found);
}

}  // namespace

const System& Judge::system(const Statement& expected) const {
  return world_.at(full_identity(expected.system));
}

const Judge::Question Judge::questions[] = {
    {Verb::expect_group, &Judge::group},
    {Verb::expect_original, &Judge::group},
    {Verb::expect_keys, &Judge::keys},
    {Verb::expect_absent, &Judge::absent},
    {Verb::expect_stored_times, &Judge::number},
    {Verb::expect_done, &Judge::answer},
    {Verb::expect_queued, &Judge::answer},
    {Verb::expect_failed, &Judge::answer},
    {Verb::expect_no_answer, &Judge::answer},
    {Verb::expect_step, &Judge::number},
    {Verb::expect_refusals, &Judge::number},
    {Verb::expect_note, &Judge::number},
    {Verb::expect_messages, &Judge::number},
    {Verb::expect_bytes, &Judge::number},
    {Verb::expect_link_up, &Judge::link},
    {Verb::expect_link_down, &Judge::link},
    {Verb::expect_up, &Judge::life},
    {Verb::expect_down, &Judge::life},
    {Verb::expect_subscriber, &Judge::subscriber},
    {Verb::expect_no_subscriber, &Judge::subscriber},
    {Verb::expect_client_on, &Judge::client},
    {Verb::expect_client_off, &Judge::client},
    {Verb::expect_client_has, &Judge::held},
    {Verb::expect_client_has_not, &Judge::held},
    {Verb::expect_client_got, &Judge::held},
    {Verb::expect_client_told, &Judge::told},
    {Verb::expect_affiliated, &Judge::affiliation},
    {Verb::expect_affiliating, &Judge::affiliation},
    {Verb::expect_not_affiliated, &Judge::affiliation},
    {Verb::expect_answered, &Judge::answered},
    {Verb::expect_sees, &Judge::seen},
    {Verb::expect_affiliation, &Judge::stored_affiliation},
    {Verb::expect_affiliation_absent, &Judge::stored_affiliation},
};

std::string Judge::found_instead(const Statement& expected) const {
  const auto* question = std::ranges::find(questions, expected.verb, &Question::verb);
  BIVOUAC_ASSERT(question != std::end(questions));
  return (this->*question->found_instead)(expected);
}

std::string Judge::group(const Statement& expected) const {
  const auto stored = find_stored(system(expected), full_identity(expected.group), ledger_);
  if (!stored) return "absent";
  const GroupConfiguration& shown =
      expected.verb == Verb::expect_original ? stored->original : stored->effective;
  std::vector<std::string> differences;
  for (const Setting& setting : expected.settings) {
    std::string found = setting_instead(setting, *stored, shown);
    if (!found.empty()) differences.push_back(std::move(found));
  }
  return join(differences, " ");
}

std::string Judge::keys(const Statement& expected) const {
  KeysExpected wanted;
  apply_all(expected.settings, wanted);
  const KeysThere stored = find_stored_keys(system(expected), full_identity(expected.group));
  std::vector<std::string> differences;
  if (wanted.envelopes && *wanted.envelopes != stored.envelopes)
    differences.push_back("envelopes=" + std::to_string(stored.envelopes));
  if (wanted.recipients && *wanted.recipients != stored.recipients)
    differences.push_back("recipients=" + write_value(stored.recipients));
  if (wanted.lost && *wanted.lost != stored.lost)
    differences.push_back("lost=" + write_value(stored.lost));
  return join(differences, " ");
}

std::string Judge::absent(const Statement& expected) const {
  const auto stored = find_stored(system(expected), full_identity(expected.group), ledger_);
  return stored ? "stored" : "";
}

std::string Judge::subscriber(const Statement& expected) const {
  const bool is_one =
      is_subscriber(system(expected), full_identity(expected.group), full_identity(expected.other));
  return instead(expected.verb == Verb::expect_subscriber ? "a subscriber" : "no subscriber",
                 is_one ? "a subscriber" : "no subscriber");
}

std::string Judge::answer(const Statement& expected) const {
  std::string wanted = "none";
  if (expected.verb == Verb::expect_done) wanted = "done";
  if (expected.verb == Verb::expect_queued) wanted = "queued";
  if (expected.verb == Verb::expect_failed) wanted = "failed " + expected.word;
  return instead(wanted, operators_.last_answer(system(expected)));
}

std::string Judge::link(const Statement& expected) const {
  const bool up = ledger_.is_link_up(system(expected), full_identity(expected.other));
  return instead(expected.verb == Verb::expect_link_up ? "up" : "down", up ? "up" : "down");
}

std::string Judge::life(const Statement& expected) const {
  const bool up = system(expected).is_up();
  return instead(expected.verb == Verb::expect_up ? "up" : "down", up ? "up" : "down");
}

std::string Judge::client(const Statement& expected) const {
  const System& its = *world_.find_client(full_client(expected.client));
  const bool on = its.is_up() && its.client().is_logged_on();
  return instead(expected.verb == Verb::expect_client_on ? "logged on" : "logged off",
                 on ? "logged on" : "logged off");
}

namespace {

std::string gmks_in_words(const std::vector<KeyEnvelope>& keys) {
  std::vector<std::string> gmks;
  for (const KeyEnvelope& one : keys) gmks.push_back(std::to_string(one.gmk.value));
  return gmks.empty() ? "none" : join(gmks, ",");
}

}  // namespace

/// What a client holds of a group, or got of it last.
std::string Judge::held(const Statement& expected) const {
  const System& its = *world_.find_client(full_client(expected.client));
  const std::string group = full_identity(expected.group);
  const GroupConfiguration* held = nullptr;
  const std::vector<KeyEnvelope>* keys = nullptr;
  bool stale = false;
  if (expected.verb == Verb::expect_client_got) {
    const client::Report* got = ledger_.got(its, group);
    if (got != nullptr) {
      held = &*got->configuration;
      keys = &got->keys;
      stale = got->stale;
    }
  } else if (its.is_up()) {
    const auto found = its.client().copies().find(group);
    if (found != its.client().copies().end()) {
      held = &found->second.configuration;
      keys = &found->second.keys;
      stale = found->second.stale;
    }
  }
  if (expected.verb == Verb::expect_client_has_not) return held == nullptr ? "" : "a copy of it";
  if (held == nullptr) return "none";
  std::vector<std::string> differences;
  for (const Setting& setting : expected.settings) {
    std::string found;
    if (setting.key == "stale") {
      found = stale == (setting.value == "yes") ? "" : stale ? "stale=yes" : "stale=no";
    } else if (setting.key == "gmks") {
      const std::string gmks = gmks_in_words(*keys);
      if (gmks != setting.value) found = "gmks=" + gmks;
    } else {
      found = setting_instead(setting, {}, *held);
    }
    if (!found.empty()) differences.push_back(std::move(found));
  }
  return join(differences, " ");
}

/// Of this client, as it was told last.
std::string Judge::affiliation(const Statement& expected) const {
  const System& its = *world_.find_client(full_client(expected.client));
  const GroupAffiliation* held =
      its.is_up() ? its.client().affiliation(full_identity(expected.group)) : nullptr;
  // What is to end is over for the client.
  const bool is_over = held == nullptr || held->status == AffiliationStatus::deaffiliating;
  const AffiliationStatus status = is_over ? AffiliationStatus::not_affiliated : held->status;
  AffiliationStatus wanted = AffiliationStatus::not_affiliated;
  if (expected.verb == Verb::expect_affiliated) wanted = AffiliationStatus::affiliated;
  if (expected.verb == Verb::expect_affiliating) wanted = AffiliationStatus::affiliating;
  return instead(std::string(name(wanted)), std::string(name(status)));
}

/// The whole list, in its order.
std::string Judge::answered(const Statement& expected) const {
  std::vector<std::string> wanted;
  for (const Setting& setting : expected.settings)
    wanted.push_back(setting.key + "=" + setting.value);
  std::vector<std::string> found;
  for (const GroupAffiliation& one :
       ledger_.answer(*world_.find_client(full_client(expected.client))))
    found.push_back(short_identity(one.group_id) + "=" + in_words(one));
  if (wanted == found) return {};
  return found.empty() ? "no answer" : join(found, " ");
}

/// Of a user, by whichever client: what the watching client was told last.
std::string Judge::seen(const Statement& expected) const {
  const System& its = *world_.find_client(full_client(expected.client));
  std::vector<std::string> differences;
  for (const Setting& setting : expected.settings) {
    std::string found(name(AffiliationStatus::not_affiliated));
    if (its.is_up()) {
      const auto user = its.client().affiliations().find(full_identity(expected.user));
      if (user != its.client().affiliations().end()) {
        for (const GroupAffiliation& one : user->second) {
          if (one.group_id == full_identity(setting.key)) found = in_words(one);
        }
      }
    }
    if (found != setting.value) differences.push_back(setting.key + "=" + found);
  }
  return join(differences, " ");
}

std::string Judge::stored_affiliation(const Statement& expected) const {
  const AffiliationThere stored = find_stored_affiliation(
      system(expected), full_identity(expected.user), full_identity(expected.group));
  if (expected.verb == Verb::expect_affiliation_absent) {
    if (stored.clients == 0 && !stored.told) return {};
    return "status=" + write_value(stored.status) + " told=" + write_value(stored.told);
  }
  AffiliationExpected wanted;
  apply_all(expected.settings, wanted);
  std::vector<std::string> differences;
  if (wanted.status.value_or(stored.status) != stored.status)
    differences.push_back("status=" + write_value(stored.status));
  if (wanted.clients.value_or(stored.clients) != stored.clients)
    differences.push_back("clients=" + write_value(stored.clients));
  if (wanted.told.value_or(stored.told) != stored.told)
    differences.push_back("told=" + write_value(stored.told));
  if (wanted.services.value_or(stored.services) != stored.services)
    differences.push_back("services=" + write_value(stored.services));
  return join(differences, " ");
}

std::string Judge::told(const Statement& expected) const {
  const System& its = *world_.find_client(full_client(expected.client));
  return ledger_.was_told(its, expected.word) ? "" : "other causes, or none";
}

std::uint64_t Judge::count(const Statement& expected) const {
  const System& one = system(expected);
  if (expected.verb == Verb::expect_stored_times) {
    return ledger_.stored(one, full_identity(expected.group));
  }
  if (expected.verb == Verb::expect_step) return ledger_.steps(one, expected.word);
  if (expected.verb == Verb::expect_refusals) return ledger_.refusals(one, expected.word);
  if (expected.verb == Verb::expect_note) return ledger_.notes(one, expected.word);
  const System& other = world_.at(full_identity(expected.other));
  if (expected.verb == Verb::expect_bytes) return ledger_.bytes(one, other);
  return ledger_.messages(one, other, expected.word);
}

std::string Judge::number(const Statement& expected) const {
  const std::uint64_t found = count(expected);
  return expected.times.holds(found) ? "" : std::to_string(found);
}

}  // namespace bivouac::sim
