// SPDX-License-Identifier: Apache-2.0
// What an outage costs a gateway with hundreds of affiliated users, over a thin link (F7).
#include <algorithm>
#include <cstdio>
#include <map>

#include <catch2/catch_test_macros.hpp>

#include "core/wire/operator_message.h"
#include "host-sim/checkers/records.h"
#include "host-sim/world/world.h"
#include "tests/support/configurations.h"

namespace bivouac::sim {
namespace {

constexpr std::size_t users = 500;
constexpr std::size_t groups = 50;
constexpr std::size_t groups_per_user = 10;
constexpr std::size_t changed = 50;
const std::string alpha_id = "sip:alpha.example";
const std::string bravo_id = "sip:bravo.example";

std::string user_id(std::size_t index) {
  return "sip:u" + std::to_string(1'000 + index) + "@bravo.example";
}
std::string group_id(std::size_t index) {
  return "sip:g" + std::to_string(100 + index % groups) + "@alpha.example";
}

/// Each is in groups_per_user + 1 groups, and affiliated to all but the last.
std::vector<std::string> groups_of(std::size_t user) {
  std::vector<std::string> ids;
  for (std::size_t i = 0; i <= groups_per_user; ++i) ids.push_back(group_id(user + 3 * i));
  return ids;
}

engine::Configuration system_with(const std::string& self, const std::string& other, bool dials) {
  engine::Partner partner;
  partner.system_id = other;
  partner.users = partner.groups = {"sip:*@" + other.substr(4)};
  if (dials) partner.addresses = {"127.0.0.1:1"};
  partner.rights.request = partner.rights.subscribe = partner.rights.receive = {"*"};
  partner.rights.provide = partner.rights.affiliate = {"*"};
  engine::Configuration result;
  result.system_id = self;
  result.services = Services::of(Service::mcptt);
  result.partners = {partner};
  return result;
}

UserProfile profile_of(std::size_t user) {
  UserProfile profile;
  profile.mc_service_id = user_id(user);
  profile.services = Services::of(Service::mcptt);
  profile.affiliations_max = groups_per_user + 1;
  for (const std::string& id : groups_of(user)) profile.groups.push_back({id, {}});
  std::ranges::sort(profile.groups, {}, &ProfileGroup::group_id);
  return profile;
}

GroupConfiguration group_of(std::size_t index) {
  GroupConfiguration group = test::sample_configuration(0, group_id(index));
  group.services = Services::of(Service::mcptt);
  for (std::size_t i = 0; i < users; ++i) {
    if (!std::ranges::contains(groups_of(i), group.group_id)) continue;
    group.members.emplace_back().mc_service_id = user_id(i);
  }
  test::sort_members(group);
  return group;
}

class Meter final : public Observer {
 public:
  void on_arrived(const Flight& flight) override {
    if (!flight.from->is_client() && !flight.to->is_client()) bytes += flight.frame->size();
  }
  std::size_t bytes = 0;
};

using Settled = std::map<AffiliationPlace, Services>;

Settled settled_in(const System& system) {
  Settled places;
  for (const StoredAffiliation& one : read_affiliations(system.view())) {
    if (one.status == AffiliationStatus::affiliated) places[one.place] = one.services;
  }
  return places;
}

/// Each of them is settled, and known at both ends alike.
bool agree(const System& a, const System& b) {
  const Settled at_a = settled_in(a);
  return at_a == settled_in(b) && at_a.size() == users * groups_per_user &&
         read_affiliations(b.view()).size() == at_a.size();
}

}  // namespace

TEST_CASE(
    "when 50 of 500 users changed in an outage then a thin link carries little more than them",
    "[10.X.3.2.2][10.X.4.3]") {
  World world(11);
  Meter meter;
  world.observe(meter);
  System& alpha = world.add(system_with(alpha_id, bravo_id, false));
  System& bravo = world.add(system_with(bravo_id, alpha_id, true));
  std::vector<System*> clients;
  for (std::size_t i = 0; i < users; ++i)
    clients.push_back(&world.add_client(
        {.mc_service_id = user_id(i), .client_id = "phone", .system = bravo_id, .services = {}}));
  world.start(alpha);
  world.start(bravo);
  world.run_for({2'000});
  for (std::size_t g = 0; g < groups; ++g) {
    world.request(alpha, wire::build_group_import_request(group_of(g)));
    world.run_for({100});
  }
  for (std::size_t i = 0; i < users; ++i) {
    world.request(bravo, wire::build_user_import_request(profile_of(i)));
    world.run_for({10});
    world.start(*clients[i]);
    clients[i]->wish([](client::McServiceClient& client, Now now, engine::Effects& effects) {
      client.log_on(now, effects);
    });
  }
  world.run_for({10'000});
  const auto wish = [&](std::size_t user, std::vector<std::string> ids, bool leave) {
    clients[user]->wish([&](client::McServiceClient& client, Now now, engine::Effects& effects) {
      leave ? client.deaffiliate(now, effects, ids, DeaffiliationScope::this_client)
            : client.affiliate(now, effects, ids);
    });
  };
  for (std::size_t i = 0; i < users; ++i) {
    auto ids = groups_of(i);
    ids.pop_back();
    wish(i, ids, false);
    world.run_for({20});
  }
  world.run_for({10'000});
  REQUIRE(agree(alpha, bravo));

  world.network().cut(alpha, bravo);
  world.run_for({2'000});
  for (std::size_t i = 0; i < changed; ++i) {
    const std::size_t user = i * (users / changed);
    wish(user, {groups_of(user).front()}, true);
    wish(user, {groups_of(user).back()}, false);
    world.run_for({100});
  }
  REQUIRE_FALSE(agree(alpha, bravo));
  constexpr std::int64_t one_mbit = 1'000'000 / 8;
  world.network().set_conditions(alpha, bravo,
                                 {.delay = {20}, .jitter = {0}, .bytes_per_second = one_mbit});
  meter.bytes = 0;
  world.network().heal(alpha, bravo);
  while (bravo.gateway().links_up() == 0) world.run_for({1});
  const MonoMs linked = world.now();
  const RequestId other = world.request(bravo, wire::build_group_list_request());
  bool served_meanwhile = false;
  for (int i = 0; i < 60'000 && !agree(alpha, bravo); ++i) {
    world.run_for({1});
    served_meanwhile = served_meanwhile || (world.answer(other) != nullptr && !agree(alpha, bravo));
  }
  REQUIRE(agree(alpha, bravo));
  CHECK(served_meanwhile);
  std::printf("%zu of %zu users changed, 1 Mbit/s: %zu bytes, %lld ms from the link to agreement\n",
              changed, users, meter.bytes, static_cast<long long>((world.now() - linked).ms));
}

}  // namespace bivouac::sim
