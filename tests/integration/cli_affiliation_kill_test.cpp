// SPDX-License-Identifier: Apache-2.0
// Goal: no acknowledged affiliation is lost, and everybody agrees in the end, however often a
// gateway dies. Topology: alpha and bravo, two processes, each with groups and users of its own;
// 64 clients of their users, real sockets and mutual TLS on loopback. The clients affiliate to and
// leave groups of both at random while the gateways are killed with kill -9, ten times in all.
// Pass: what was acknowledged last of a client and a group holds; the clients of a user know the
// same as their server; both systems have the same of each other's users.
// BIVOUAC_KILL_SECONDS says for how long; 20 when it does not.

#include <cstdlib>
#include <map>
#include <random>
#include <set>
#include <tuple>

#include <poll.h>

#include "tests/integration/two_systems.h"

using namespace bivouac;
using namespace bivouac::integration;
using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::milliseconds;
using Report = Phone::Report;

namespace {

constexpr int kills = 10;

/// What the clients were told, and what of it binds.
class Ledger {
 public:
  void asked(const Phone& phone, const std::vector<std::string>& groups, bool all_clients) {
    for (const Spot& place : places(phone, groups, all_clients)) {
      Entry& entry = entries_[place];
      entry.acknowledged.reset();
      // Two at once, over two connections: nobody knows which one comes first.
      if (++entry.on_the_way > 1) entry.muddled = true;
    }
  }
  /// `wanted`: the acknowledged one; none where the request came to nothing that is known.
  void answered(const Phone& phone, const std::string& group, bool all_clients,
                std::optional<bool> wanted) {
    for (const Spot& place : places(phone, {group}, all_clients)) {
      Entry& entry = entries_[place];
      --entry.on_the_way;
      if (!entry.muddled) entry.acknowledged = wanted;
      if (entry.on_the_way == 0) entry.muddled = false;
      if (wanted) ++acknowledgements_;
    }
  }
  /// What must hold, by those who asked.
  std::map<Spot, bool> binding() const {
    std::map<Spot, bool> all;
    for (const auto& [place, entry] : entries_) {
      if (entry.acknowledged && entry.on_the_way == 0) all[place] = *entry.acknowledged;
    }
    return all;
  }
  std::size_t acknowledgements() const { return acknowledgements_; }

 private:
  struct Entry {
    int on_the_way = 0;
    bool muddled = false;
    std::optional<bool> acknowledged;
  };
  static std::vector<Spot> places(const Phone& phone, const std::vector<std::string>& groups,
                                  bool all_clients) {
    std::vector<Spot> all;
    for (const std::string& group : groups) {
      for (const std::string client : {"phone", "tablet"}) {
        if (all_clients || client == phone.id()) all.emplace_back(phone.user(), client, group);
      }
    }
    return all;
  }
  std::map<Spot, Entry> entries_;
  std::size_t acknowledgements_ = 0;
};

/// Clients that affiliate and leave at random, one request at a time each.
class Crowd {
 public:
  explicit Crowd(const TwoSystems& world) : phones_(world.phones()), doing_(phones_.size()) {}

  /// All clients turn until the time is over, or it holds.
  bool turn(Milliseconds time, bool acting, const std::function<bool()>& holds) {
    const auto end = Clock::now() + time;
    while (Clock::now() < end) {
      wait();
      for (std::size_t i = 0; i < phones_.size(); ++i) {
        hear(i);
        if (acting) do_something(i);
      }
      if (holds()) return true;
    }
    return false;
  }
  bool is_idle() const {
    return std::ranges::all_of(doing_, [](const Doing& one) { return one.groups.empty(); }) &&
           std::ranges::all_of(phones_,
                               [](const Phone& one) { return one.client().is_logged_on(); });
  }
  void ask_for_status() {
    for (Phone& phone : phones_) {
      phone.act([&](client::McServiceClient& client, Now now, engine::Effects& effects) {
        client.watch_affiliations(now, effects, phone.user());
      });
    }
  }
  /// What this client knows of all clients of its user.
  static Affiliated known(const Phone& phone) {
    Affiliated all;
    const auto own = phone.client().affiliations().find(phone.user());
    if (own == phone.client().affiliations().end()) return all;
    for (const GroupAffiliation& one : own->second)
      all[{phone.user(), one.client_id, one.group_id}] = name(one.status);
    return all;
  }
  const std::deque<Phone>& phones() const { return phones_; }
  const Ledger& ledger() const { return ledger_; }
  /// Causes for which a request was rejected, or an affiliation ended, against the clients' will.
  const std::map<std::string, int>& unwanted() const { return unwanted_; }

 private:
  /// A request that is on the way, and when the next one may follow.
  struct Doing {
    std::set<std::string> groups;
    bool leaves = false;
    bool all_clients = false;
    Clock::time_point next = Clock::now();
  };

  void wait() {
    std::vector<pollfd> entries;
    for (const Phone& phone : phones_) entries.push_back({phone.descriptor(), POLLIN, 0});
    poll(entries.data(), entries.size(), 10);
    for (std::size_t i = 0; i < phones_.size(); ++i) phones_[i].turn(entries[i].revents != 0);
  }

  void hear(std::size_t i) {
    Doing& doing = doing_[i];
    for (const Report& report : phones_[i].take_reports()) {
      const bool refused = report.kind == Report::Kind::refused && !report.group_id.empty();
      if (report.kind == Report::Kind::deaffiliated) ++unwanted_["ended: " + text(report.cause)];
      if (!refused && report.kind != Report::Kind::affiliation) continue;
      if (doing.groups.erase(report.group_id) == 0) continue;
      std::optional<bool> wanted = !doing.leaves;
      if (refused || report.status == AffiliationStatus::rejected) wanted.reset();
      // What it asked before it changed its mind is overtaken.
      const bool overtaken = report.cause == Cause::superseded;
      if (!refused && !wanted && !overtaken) ++unwanted_["rejected: " + text(report.cause)];
      ledger_.answered(phones_[i], report.group_id, doing.all_clients, wanted);
    }
  }
  static std::string text(Cause cause) { return std::string(name(cause)); }

  void do_something(std::size_t i) {
    Doing& doing = doing_[i];
    Phone& phone = phones_[i];
    if (!doing.groups.empty() || !phone.client().is_logged_on() || Clock::now() < doing.next)
      return;
    doing.next = Clock::now() + Milliseconds(100 + random_() % 900);
    std::vector<std::string> groups = groups_;
    std::ranges::shuffle(groups, random_);
    groups.resize(1 + random_() % 3);
    doing.groups = {groups.begin(), groups.end()};
    doing.leaves = random_() % 100 < 45;
    doing.all_clients = doing.leaves && random_() % 8 == 0;
    ledger_.asked(phone, groups, doing.all_clients);
    phone.act([&](client::McServiceClient& client, Now now, engine::Effects& effects) {
      if (doing.leaves) {
        client.deaffiliate(
            now, effects, groups,
            doing.all_clients ? DeaffiliationScope::all_clients : DeaffiliationScope::this_client);
      } else {
        client.affiliate(now, effects, groups);
      }
    });
  }

  std::deque<Phone> phones_;
  std::vector<Doing> doing_;
  const std::vector<std::string> groups_ = all_groups();
  Ledger ledger_;
  std::map<std::string, int> unwanted_;
  std::mt19937 random_{20'262};
};

bool is_settled(const Affiliated& all) {
  return std::ranges::all_of(all, [](const auto& one) { return one.second == "affiliated"; });
}

/// Of users of one system and groups of one.
Affiliated only(Affiliated all, const std::string& users, const std::string& groups) {
  std::erase_if(all, [&](const auto& entry) {
    const auto& [user, client, group] = entry.first;
    return !is_of(user, users) || !is_of(group, groups);
  });
  return all;
}

/// Both systems have the same of what concerns both, the group management servers know who is
/// affiliated, and it is what the clients were told.
void check_stores(const Stored& alpha, const Stored& bravo, const Affiliated& told) {
  const std::map<std::string, const Stored*> stores = {{"alpha", &alpha}, {"bravo", &bravo}};
  for (const std::string& users : both) {
    for (const std::string& groups : both) {
      INFO("users of " << users << ", groups of " << groups);
      const Affiliated expected = only(told, users, groups);
      CHECK(only(stores.at(users)->affiliated, users, groups) == expected);
      CHECK(only(stores.at(groups)->affiliated, users, groups) == expected);
    }
  }
  for (const std::string& groups : both) {
    INFO("groups of " << groups);
    std::set<std::pair<std::string, std::string>> members;
    for (const auto& [place, status] : told) {
      const auto& [user, client, group] = place;
      if (is_of(group, groups)) members.emplace(group, user);
    }
    CHECK(stores.at(groups)->members == members);
  }
}

std::chrono::seconds duration() {
  const char* given = std::getenv("BIVOUAC_KILL_SECONDS");
  return std::chrono::seconds(given == nullptr ? 20 : std::atoi(given));
}

}  // namespace

TEST_CASE("64 clients affiliate at random while gateways are killed, and all agree in the end") {
  TwoSystems world;
  Crowd crowd(world);
  const auto never = [] { return false; };
  REQUIRE(crowd.turn(Milliseconds(30'000), false, [&] { return crowd.is_idle(); }));

  std::mt19937 random(20'263);
  const Milliseconds between = Milliseconds(duration()) / (kills + 1);
  crowd.turn(between, true, never);
  for (int kill = 0; kill < kills; ++kill) {
    const std::string& victim = both[random() % 2];
    const Milliseconds down(random() % 1'000);
    world.kill(victim);
    crowd.turn(down, true, never);
    world.start(victim);
    crowd.turn(std::max(between - down, Milliseconds(500)), true, never);
  }

  // Nobody does anything any more: all that was asked for comes to its end.
  REQUIRE(crowd.turn(Milliseconds(60'000), false, [&] { return crowd.is_idle(); }));
  REQUIRE(within(Milliseconds(60'000), [&] { return world.is_linked(); }));
  REQUIRE(crowd.turn(Milliseconds(90'000), false, [&] {
    return std::ranges::all_of(crowd.phones(),
                               [](const Phone& one) { return is_settled(Crowd::known(one)); });
  }));
  crowd.turn(Milliseconds(1'000), false, never);
  std::map<Spot, Affiliated> told;
  for (const Phone& phone : crowd.phones())
    told[{phone.user(), phone.id(), {}}] = Crowd::known(phone);
  crowd.ask_for_status();
  crowd.turn(Milliseconds(2'000), false, never);

  Affiliated all;  // of all users, as their servers tell
  for (const Phone& phone : crowd.phones()) {
    INFO(phone.user() << ' ' << phone.id());
    const Affiliated now = Crowd::known(phone);
    CHECK(now == told.at({phone.user(), phone.id(), {}}));
    CHECK(is_settled(now));
    all.insert(now.begin(), now.end());
  }
  const auto binding = crowd.ledger().binding();
  for (const auto& [place, wanted] : binding) {
    INFO(std::get<0>(place) << ' ' << std::get<1>(place) << ' ' << std::get<2>(place));
    CHECK(all.contains(place) == wanted);
  }
  for (const auto& [what, count] : crowd.unwanted()) FAIL_CHECK(what << ", " << count << " times");
  for (const std::string& system : both) world.kill(system);
  check_stores(world.stored_by("alpha"), world.stored_by("bravo"), all);
  // It was no idle play.
  CHECK(crowd.ledger().acknowledgements() > 500);
  CHECK(binding.size() > 100);
  CHECK(all.size() > 50);
  WARN(crowd.ledger().acknowledgements() << " acknowledgements, " << binding.size()
                                         << " of them bind, " << all.size() << " affiliations");
}
