// SPDX-License-Identifier: Apache-2.0
#include "host-sim/scenario/run.h"

#include "host-sim/scenario/grammar.h"
#include "host-sim/scenario/judge.h"
#include "host-sim/scenario/ledger.h"
#include "host-sim/scenario/operators.h"
#include "host-sim/scenario/runner.h"
#include "host-sim/scenario/setup.h"
#include "host-sim/scenario/words.h"

namespace bivouac::sim {
namespace {

/// What a crash may add to the time that the end takes: the restart, dials that wait, requests
/// asked again.
constexpr DurationMs after_a_crash{120'000};

/// What a client may have to ask for again before it comes true.
bool is_wish(Verb verb) {
  return verb == Verb::expect_affiliated || verb == Verb::expect_affiliating ||
         verb == Verb::expect_answered;
}

std::string seconds(MonoMs time) {
  const std::string ms = std::to_string(time.ms % 1000);
  return std::to_string(time.ms / 1000) + "." + std::string(3 - ms.size(), '0') + ms + " s";
}

}  // namespace

Runner::Runner(const Scenario& scenario, const RunOptions& options)
    : scenario_(scenario),
      options_(options),
      world_(options.seed),
      operators_(world_, options.crash.has_value()),
      clients_(world_, ledger_, options.crash.has_value()),
      judge_(world_, ledger_, operators_),
      groups_(declared_groups(scenario)),
      users_(declared_users(scenario)) {
  for (const std::string& name : system_names(scenario)) {
    world_.add(configuration_of(scenario, name));
  }
  for (client::McServiceClient::Options& client : declared_clients(scenario))
    world_.add_client(std::move(client));
  world_.observe(ledger_);
  for (Observer* observer : options.observers) world_.observe(*observer);
  if (options.crash) world_.crash_in_commit(*options.crash);
}

void Runner::begin() {
  if (options_.at_beginning) options_.at_beginning(world_);
}

Run Runner::run() {
  begin();
  for (const Statement& one : scenario_.steps) {
    step(one);
    look();
  }
  advance(world_.now() + scenario_.finally_after);
  if (options_.crash && !scenario_.finally.empty()) advance(world_.now() + after_a_crash);
  for (const Statement& one : scenario_.finally) expect(one);
  if (options_.at_end) options_.at_end(world_);
  for (const auto& system : world_.systems()) {
    run_.commits.emplace_back(system->id(), system->commits());
  }
  run_.ended = world_.now();
  return std::move(run_);
}

void Runner::look() {
  operators_.look();
  clients_.look();
}

void Runner::advance(MonoMs time) {
  while (world_.schedule().next_at() <= time) {
    world_.run_next();
    look();
  }
  world_.run_until(time);
}

void Runner::step(const Statement& one) {
  switch (one.when.kind) {
    case When::Kind::now: break;
    case When::Kind::at:
      if (MonoMs{one.when.time.ms} < world_.now() && !options_.crash) {
        fail(one, "'at' lies in the past: it is " + seconds(world_.now()));
      }
      advance({one.when.time.ms});
      break;
    case When::Kind::after: advance(world_.now() + one.when.time); break;
    case When::Kind::within: return expect_within(one);
  }
  if (!is_expectation(one.verb)) return act(one);
  if (!options_.crash) expect(one);
}

void Runner::expect_within(const Statement& one) {
  const DurationMs patience{options_.crash ? one.when.time.ms + after_a_crash.ms
                                           : one.when.time.ms};
  const MonoMs end = world_.now() + patience;
  while (!judge_.found_instead(one).empty()) {
    if (world_.schedule().next_at() > end) {
      advance(end);
      if (!options_.crash) expect(one);
      return;
    }
    world_.run_next();
    look();
    if (options_.crash && one.verb == Verb::expect_done) operators_.insist(system(one));
    if (options_.crash && is_wish(one.verb)) clients_.insist(client_of(one));
  }
}

void Runner::expect(const Statement& one) {
  const std::string found = judge_.found_instead(one);
  if (found.empty()) return;
  Statement expected = one;
  expected.when = {};
  constexpr std::string_view verb = "expect ";
  fail(one, "expected " + write(expected).substr(verb.size()) + ", found " + found + " at " +
                seconds(world_.now()));
}

void Runner::fail(const Statement& one, const std::string& text) {
  run_.failures.push_back(options_.file + ":" + std::to_string(one.line.number) + ": " + text);
}

Run run(const Scenario& scenario, const RunOptions& options) {
  return Runner(scenario, options).run();
}

}  // namespace bivouac::sim
