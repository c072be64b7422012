// SPDX-License-Identifier: Apache-2.0
#include "host-sim/explore/explored_world.h"

#include <algorithm>
#include <set>

#include "core/base/hash.h"
#include "host-sim/scenario/words.h"

namespace bivouac::sim {
namespace {

using Kind = Pending::Kind;

constexpr DurationMs time_to_settle{3'000};

bool is_request(const Statement& one) {
  return one.verb == Verb::import || one.verb == Verb::remove || one.verb == Verb::push ||
         one.verb == Verb::fetch;
}

/// Where "count anew" stands, or else the first request.
auto beginning_of_exploration(const Scenario& scenario) {
  const auto marked = std::ranges::find(scenario.steps, Verb::count_anew, &Statement::verb);
  return marked != scenario.steps.end() ? marked : std::ranges::find_if(scenario.steps, is_request);
}

Statement wait_for(DurationMs duration) {
  Statement one;
  one.verb = Verb::wait;
  one.duration = duration;
  return one;
}

Statement make(Verb verb, const System& system) {
  Statement one;
  one.verb = verb;
  one.system = short_identity(system.id());
  return one;
}

Statement happens(const Pending& what) {
  Statement one;
  one.verb = Verb::happens;
  one.word = name(what.kind);
  one.count = what.subject;
  return one;
}

/// The end of a turn of the loop belongs to what happened in it.
bool ends_a_turn(const Pending& what) {
  return what.kind == Kind::flush || what.kind == Kind::hang_up;
}

class Mixer {
 public:
  void add(std::uint64_t value) {
    for (unsigned shift = 0; shift < 64; shift += 8) {
      words_.push_back(static_cast<std::uint8_t>(value >> shift));
    }
  }
  std::uint64_t hash() const { return siphash(5, 6, words_); }

 private:
  Bytes words_;
};

}  // namespace

ExploredWorld::ExploredWorld(const Scenario& scenario, const ExploreOptions& options)
    : scenario_(scenario), options_(options) {
  beginning_.declarations = scenario.declarations;
  run_options_.at_beginning = [this](World& world) {
    world.keeps_history = true;
    checkers_ = std::make_unique<Checkers>(world);
  };
  runner_ = std::make_unique<Runner>(beginning_, run_options_);
  runner_->begin();
  let_nothing_take_time();
  const auto first = beginning_of_exploration(scenario);
  for (auto step = scenario.steps.begin(); step != scenario.steps.end(); ++step) {
    const bool takes_time = step->verb == Verb::wait || step->verb == Verb::count_anew;
    const bool orders = step->verb == Verb::happens;  // every order comes
    if (is_expectation(step->verb) || takes_time || orders) continue;
    Statement one = *step;
    one.when = {};
    if (step >= first) {
      requests_.push_back(one);
      continue;
    }
    carry_out(one);
    carry_out(wait_for(time_to_settle));
  }
}

/// As statements, so that a trace can be run again.
void ExploredWorld::let_nothing_take_time() {
  for (const auto& a : runner_->world().systems()) {
    Statement disk = make(Verb::disk, *a);
    disk.settings = {{"sync_min", "0ms"}, {"sync_max", "0ms"}};
    carry_out(disk);
    for (const auto& b : runner_->world().systems()) {
      if (a->number() >= b->number()) continue;
      Statement path = make(Verb::path, *a);
      path.other = short_identity(b->id());
      path.settings = {{"delay", "0ms"}, {"jitter", "0ms"}, {"bytes_per_second", "0"}};
      carry_out(path);
    }
  }
}

ExploredWorld::~ExploredWorld() = default;

void ExploredWorld::carry_out(const Statement& one) {
  path_.push_back(one);
  runner_->step(one);
}

void ExploredWorld::end_turn() {
  const auto& entries = runner_->world().schedule().entries();
  while (true) {
    const auto found =
        std::ranges::find_if(entries, [](const auto& entry) { return ends_a_turn(entry.second); });
    if (found == entries.end()) return;
    carry_out(happens(found->second));
  }
}

void ExploredWorld::take(const Choice& choice) {
  const Statement& first = choice.front();
  const MonoMs before = runner_->world().now();
  if (first.verb == Verb::cut) ++cuts_;
  if (first.verb == Verb::crash) ++crashes_;
  if (next_request_ < requests_.size() && first == requests_[next_request_]) ++next_request_;
  for (const Statement& one : choice) carry_out(one);
  if (runner_->world().now() != before) ++ticks_;
  end_turn();
}

std::vector<Choice> ExploredWorld::choices() const {
  std::vector<Choice> choices;
  if (next_request_ < requests_.size()) choices.push_back({requests_[next_request_]});
  add_pending(choices);
  add_faults(choices);
  return choices;
}

void ExploredWorld::add_pending(std::vector<Choice>& choices) const {
  World& world = runner_->world();
  const auto& entries = world.schedule().entries();
  std::set<std::pair<Kind, std::uint32_t>> seen;
  bool has_tick = false;
  for (const auto& [key, what] : entries) {
    if (what.kind == Kind::tick) {
      // Deadlines come due in their order; everything else may be late. Those that are due now
      // are work that goes on, and take no time.
      const bool waits = key.at > world.now();
      if (waits && (std::exchange(has_tick, true) || ticks_ >= options_.ticks_max)) continue;
    }
    if (!world.network().is_enabled(what)) continue;
    if (seen.insert({what.kind, what.subject}).second) choices.push_back({happens(what)});
  }
}

void ExploredWorld::add_faults(std::vector<Choice>& choices) const {
  World& world = runner_->world();
  for (const auto& a : world.systems()) {
    for (const auto& b : world.systems()) {
      const bool may_cut = cuts_ < options_.cuts_max && a->number() < b->number() &&
                           world.network().is_connected(*a, *b);
      if (!may_cut) continue;
      Statement cut = make(Verb::cut, *a);
      cut.other = short_identity(b->id());
      Statement heal = cut;
      heal.verb = Verb::heal;
      choices.push_back({cut, heal});
    }
    if (crashes_ >= options_.crashes_max || !a->is_up()) continue;
    Statement crash = make(Verb::crash, *a);
    const Statement restart = make(Verb::restart, *a);
    choices.push_back({crash, restart});
    if (!a->disk().is_busy()) continue;
    crash.batch_survives = true;
    choices.push_back({crash, restart});
  }
}

std::uint64_t ExploredWorld::fingerprint() const {
  World& world = runner_->world();
  Mixer mixer;
  for (const std::uint64_t spent :
       {ticks_, cuts_, crashes_, static_cast<std::uint64_t>(next_request_)}) {
    mixer.add(spent);
  }
  mixer.add(static_cast<std::uint64_t>(world.now().ms));
  for (const auto& system : world.systems()) {
    mixer.add(system->fingerprint());
    mixer.add(system->is_up() ? 1 : 0);
  }
  for (const auto& client : world.clients()) {
    mixer.add(client->fingerprint());
    mixer.add(client->is_up() ? 1 : 0);
  }
  mixer.add(world.network().fingerprint());
  for (const auto& [key, what] : world.schedule().entries()) {
    mixer.add(static_cast<std::uint64_t>(key.at.ms));
    mixer.add(static_cast<std::uint64_t>(what.kind));
    mixer.add((std::uint64_t{what.subject} << 32U) | what.detail);
  }
  return mixer.hash();
}

void ExploredWorld::come_to_rest() {
  World& world = runner_->world();
  world.network().heal_all();
  constexpr DurationMs time_to_converge{20 * 60'000};
  world.run_for(time_to_converge);
  checkers_->at_rest();
  // What an operator asked for may not have been done, and was not acknowledged then.
  if (crashes_ != 0 || cuts_ != 0) return;
  for (const Statement& one : scenario_.finally) runner_->step(one);
  failures_ = runner_->failures();
}

std::string ExploredWorld::violation() const {
  if (const auto violations = checkers_->violations(); !violations.empty()) {
    return violations.front();
  }
  return failures_.empty() ? "" : failures_.front();
}

}  // namespace bivouac::sim
