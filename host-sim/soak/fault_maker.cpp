// SPDX-License-Identifier: Apache-2.0
#include "host-sim/soak/fault_maker.h"

#include "host-sim/scenario/words.h"

namespace bivouac::sim {

const FaultMaker::Kind FaultMaker::kinds[] = {
    {"crash", &FaultMaker::crash},
    {"crash_in_commit", &FaultMaker::crash_in_commit},
    {"stop", &FaultMaker::stop},
    {"lose_store", &FaultMaker::lose_store},
    {"damage_store", &FaultMaker::damage_store},
    {"fail_commit", &FaultMaker::fail_commit},
    {"slow_disk", &FaultMaker::slow_disk},
    {"low_space", &FaultMaker::low_space},
    {"jump_clock", &FaultMaker::jump_clock},
    {"lose_clock", &FaultMaker::lose_clock},
    {"expire_certificate", &FaultMaker::expire_certificate},
    {"cut", &FaultMaker::cut},
    {"cut_in_frame", &FaultMaker::cut_in_frame},
    {"block_one_way", &FaultMaker::block_one_way},
    {"partition", &FaultMaker::partition},
    {"bad_path", &FaultMaker::bad_path},
};

FaultMaker::FaultMaker(engine::Random& random, std::vector<std::string> systems,
                       std::vector<std::pair<std::string, std::string>> links)
    : random_(random), systems_(std::move(systems)), links_(std::move(links)) {}

std::string FaultMaker::enable_some() {
  std::string names;
  for (const Kind& kind : kinds) {
    if (random_.below(3) != 0) continue;
    enabled_.push_back(&kind);
    names += (names.empty() ? "" : " ") + std::string(kind.name);
  }
  return names.empty() ? "none" : names;
}

void FaultMaker::add(std::int64_t at_ms, std::vector<Statement>& steps) {
  if (enabled_.empty()) return;
  steps_ = &steps;
  ++made_;
  const auto which = random_.below(static_cast<std::int64_t>(enabled_.size()));
  (this->*enabled_[static_cast<std::size_t>(which)]->add)(at_ms);
}

void FaultMaker::end_all(std::int64_t at_ms, std::vector<Statement>& steps) const {
  const auto put = [&](Verb verb, const std::string& system = {}, const std::string& other = {}) {
    Statement one;
    one.verb = verb;
    one.when = {When::Kind::at, {at_ms}};
    one.system = system;
    one.other = other;
    steps.push_back(std::move(one));
  };
  put(Verb::heal_all);
  for (const auto& [a, b] : links_) {
    put(Verb::path, a, b);
    steps.back().settings = {{"delay", "20ms"}, {"jitter", "0ms"}, {"bytes_per_second", "0"}};
  }
  put(Verb::start_all);
  for (const std::string& system : systems_) {
    put(Verb::disk, system);
    steps.back().settings = {{"sync_min", "1ms"}, {"sync_max", "3ms"}};
    put(Verb::space_back, system);
    put(Verb::clock_set, system);
    put(Verb::certificate_renewed, system);
  }
}

Statement& FaultMaker::put(std::int64_t at_ms, Verb verb, const std::string& system,
                           const std::string& other) {
  Statement one;
  one.verb = verb;
  one.when = {When::Kind::at, {at_ms}};
  one.system = system;
  one.other = other;
  steps_->push_back(std::move(one));
  return steps_->back();
}

const std::string& FaultMaker::any_system() {
  return systems_[static_cast<std::size_t>(
      random_.below(static_cast<std::int64_t>(systems_.size())))];
}

std::pair<std::string, std::string> FaultMaker::any_link() {
  auto link =
      links_[static_cast<std::size_t>(random_.below(static_cast<std::int64_t>(links_.size())))];
  if (random_.below(2) == 0) std::swap(link.first, link.second);
  return link;
}

// ---- systems

bool FaultMaker::take_down(std::int64_t at_ms, std::string& system, std::int64_t& until_ms) {
  system = any_system();
  if (down_until_[system] >= at_ms) return false;
  until_ms = at_ms + between(10, random_.below(4) == 0 ? 120'000 : 5'000);
  down_until_[system] = until_ms;
  Statement& down = put(at_ms, Verb::crash, system);
  down.how = random_.below(2) == 0 ? Down::power_cut : Down::killed;
  down.batch_survives = random_.below(2) == 0;
  put(until_ms, Verb::start, system);
  return true;
}

void FaultMaker::crash(std::int64_t at_ms) {
  std::string system;
  std::int64_t until = 0;
  take_down(at_ms, system, until);
}

void FaultMaker::crash_in_commit(std::int64_t at_ms) {
  Statement& one = put(at_ms, Verb::crash_in_next_commit, any_system());
  one.how = random_.below(2) == 0 ? Down::power_cut : Down::killed;
  one.batch_survives = random_.below(2) == 0;
  one.duration = {between(10, 5'000)};
}

void FaultMaker::stop(std::int64_t at_ms) {
  const std::string system = any_system();
  if (down_until_[system] >= at_ms) return;
  const std::int64_t until = at_ms + between(6'000, 20'000);
  down_until_[system] = until;
  put(at_ms, Verb::stop, system);
  put(until, Verb::start, system);
}

void FaultMaker::lose_store(std::int64_t at_ms) {
  std::string system;
  std::int64_t until = 0;
  if (take_down(at_ms, system, until)) put(at_ms + 5, Verb::lose_store, system);
}

void FaultMaker::damage_store(std::int64_t at_ms) {
  std::string system;
  std::int64_t until = 0;
  if (take_down(at_ms, system, until)) put(at_ms + 5, Verb::damage_store, system);
}

void FaultMaker::fail_commit(std::int64_t at_ms) { put(at_ms, Verb::fail_commit, any_system()); }

void FaultMaker::slow_disk(std::int64_t at_ms) {
  const std::string system = any_system();
  const std::int64_t slow = between(50, 5'000);
  put(at_ms, Verb::disk, system).settings = {{"sync_min", write_duration({slow / 4})},
                                             {"sync_max", write_duration({slow})}};
  put(at_ms + between(1'000, 60'000), Verb::disk, system).settings = {{"sync_min", "1ms"},
                                                                      {"sync_max", "3ms"}};
}

void FaultMaker::low_space(std::int64_t at_ms) {
  const std::string system = any_system();
  put(at_ms, Verb::space_low, system);
  put(at_ms + between(1'000, 90'000), Verb::space_back, system);
}

void FaultMaker::jump_clock(std::int64_t at_ms) {
  constexpr std::int64_t day_ms = 86'400'000;
  const std::int64_t forward = random_.below(2) == 0 ? 1 : -1;
  put(at_ms, Verb::clock_jumps, any_system()).duration = {forward * between(1, 400) * day_ms};
}

void FaultMaker::lose_clock(std::int64_t at_ms) {
  std::string system;
  std::int64_t until = 0;
  if (!take_down(at_ms, system, until)) return;
  put(at_ms + 5, Verb::clock_lost, system);
  put(until + between(1'000, 60'000), Verb::clock_set, system);
}

void FaultMaker::expire_certificate(std::int64_t at_ms) {
  const std::string system = any_system();
  put(at_ms, Verb::certificate_expires, system);
  put(at_ms + between(1'000, 90'000), Verb::certificate_renewed, system);
}

// ---- the network

void FaultMaker::cut(std::int64_t at_ms) {
  const auto [a, b] = any_link();
  put(at_ms, Verb::cut, a, b);
  put(at_ms + between(10, random_.below(3) == 0 ? 120'000 : 3'000), Verb::heal, a, b);
}

void FaultMaker::cut_in_frame(std::int64_t at_ms) {
  const auto [a, b] = any_link();
  put(at_ms, Verb::cut_after_bytes, a, b).count = static_cast<std::uint64_t>(between(1, 3'000));
}

void FaultMaker::block_one_way(std::int64_t at_ms) {
  const auto [a, b] = any_link();
  put(at_ms, Verb::block, a, b);
  put(at_ms + between(100, 60'000), Verb::unblock, a, b);
}

void FaultMaker::partition(std::int64_t at_ms) {
  const auto [a, b] = any_link();
  const std::int64_t until = at_ms + between(100, 60'000);
  put(at_ms, Verb::block, a, b);
  put(at_ms, Verb::block, b, a);
  put(until, Verb::heal, a, b);
}

void FaultMaker::bad_path(std::int64_t at_ms) {
  const auto [a, b] = any_link();
  const std::string speed = std::to_string(random_.below(2) == 0 ? 0 : between(2'000, 200'000));
  put(at_ms, Verb::path, a, b).settings = {{"delay", write_duration({between(1, 2'000)})},
                                           {"jitter", write_duration({between(0, 2'000)})},
                                           {"bytes_per_second", speed}};
  put(at_ms + between(5'000, 120'000), Verb::path, a, b).settings = {
      {"delay", "20ms"}, {"jitter", "5ms"}, {"bytes_per_second", "0"}};
}

}  // namespace bivouac::sim
