// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"
#include "host-sim/world/observer.h"

// A scenario as plain values: what LANGUAGE.md describes, one statement a line.

namespace bivouac::sim {

/// grammar.cpp has the words of each.
enum class Verb : std::uint8_t {
  // what there is
  title,
  figure,
  system,
  proxy,
  link,
  link_both,
  route,
  policy,
  overlay,
  group,
  user,
  client,
  keys,
  // life of systems
  start,
  start_all,
  stop,
  crash,
  crash_in_commit,
  crash_in_next_commit,
  restart,
  reload_policy,
  reload_overlay,
  reload_no_overlay,
  reload_without,
  reload_with,
  // stores, disks, clocks, certificates
  lose_store,
  damage_store,
  lose_sealing_key,
  disk,
  fail_commit,
  space_low,
  space_back,
  clock_jumps,
  clock_lost,
  clock_set,
  certificate_expires,
  certificate_renewed,
  // the network
  path,
  cut,
  heal,
  heal_all,
  block,
  unblock,
  cut_after_bytes,
  // operators
  import,
  remove,
  push,
  fetch,
  subscribe,
  unsubscribe,
  import_user,
  remove_user,
  // clients
  client_logs_on,
  client_logs_off,
  client_subscribes,
  client_unsubscribes,
  client_gets,
  client_affiliates,
  client_deaffiliates,
  client_deaffiliates_all,
  client_watches,
  client_unwatches,
  client_restarts,
  cut_client,
  heal_client,
  import_keys,
  remove_keys,
  // time
  happens,
  wait,
  count_anew,
  // what is expected
  expect_group,
  expect_original,
  expect_absent,
  expect_keys,
  expect_stored_times,
  expect_subscriber,
  expect_no_subscriber,
  expect_done,
  expect_queued,
  expect_failed,
  expect_no_answer,
  expect_step,
  expect_refusals,
  expect_note,
  expect_messages,
  expect_bytes,
  expect_link_up,
  expect_link_down,
  expect_up,
  expect_down,
  expect_client_on,
  expect_client_off,
  expect_client_has_not,
  expect_client_has,
  expect_client_got,
  expect_client_told,
  expect_affiliated,
  expect_affiliating,
  expect_not_affiliated,
  finally,
};

/// Whether it only looks.
bool is_expectation(Verb verb);
/// Whether it says what there is, before anything happens.
bool is_declaration(Verb verb);

/// When a statement takes its turn. `within` is for expectations: they come true by then.
struct When {
  enum class Kind : std::uint8_t { now, at, after, within };
  Kind kind = Kind::now;
  DurationMs time{};
  friend bool operator==(const When&, const When&) = default;
};

/// How often something is expected to have happened.
struct Times {
  enum class Kind : std::uint8_t { exactly, at_least, at_most };
  Kind kind = Kind::exactly;
  std::uint64_t count = 0;
  bool holds(std::uint64_t found) const;
  friend bool operator==(const Times&, const Times&) = default;
};

/// key=value, with names as in the text.
struct Setting {
  std::string key;
  std::string value;
  friend bool operator==(const Setting&, const Setting&) = default;
};

/// Where a statement was read; no part of what it says.
struct Line {
  std::size_t number = 0;
  friend bool operator==(Line, Line) { return true; }
};

/// Each verb uses what its words in grammar.cpp name.
struct Statement {
  Verb verb = Verb::wait;
  When when;
  std::string system;
  std::string other;
  std::string group;  // or several, as "fire-1@alpha,two@bravo"
  std::string user;
  std::string client;  // user and client id, such as ben@bravo/phone
  std::string word;    // a title, step, cause, service, message, kind of note or list of proxies
  DurationMs duration{};
  std::uint64_t count = 0;
  Times times;
  Down how = Down::power_cut;
  bool batch_survives = false;
  std::vector<Setting> settings;
  Line line;
  friend bool operator==(const Statement&, const Statement&) = default;
};

struct Scenario {
  std::vector<Statement> declarations;
  std::vector<Statement> steps;
  DurationMs finally_after{};
  std::vector<Statement> finally;  // expectations about the end
  friend bool operator==(const Scenario&, const Scenario&) = default;
};

/// Names of the declared systems, proxies among them, in their order.
std::vector<std::string> system_names(const Scenario& scenario);
bool has_figure(const Scenario& scenario);
/// Empty when it has none.
std::string title_of(const Scenario& scenario);

struct Parsed {
  Scenario scenario;
  std::vector<std::string> problems;  // "file:line: ...", empty when all is well
};
/// `file` is what problems name.
Parsed parse(std::string_view text, std::string_view file);
/// What parse reads back as an equal value.
std::string print(const Scenario& scenario);

}  // namespace bivouac::sim
