// SPDX-License-Identifier: Apache-2.0
// 10.2.7.1, and NOTE 1 of 10.2.7.2 and 10.2.7.3: proxies between the two group management servers.
// Topology: alpha (home) - proxy one (- proxy two) - bravo, who dials towards alpha. Pass: the
// procedures end as without proxies, neither end knows who is between, and nothing is kept there.

#include <catch2/catch_test_macros.hpp>

#include "tests/support/configurations.h"
#include "tests/support/mc_systems.h"
#include "tests/support/proxy_configurations.h"
#include "tests/support/raw_peer.h"

using namespace bivouac;
using namespace bivouac::test;
using wire::fb::OutcomeKind;

namespace {

const std::string group_id = "sip:fire-1@alpha.example";
const std::string alpha_id = "sip:alpha.example";
const std::string bravo_id = "sip:bravo.example";
const std::string one_id = "sip:one.example";
const std::string two_id = "sip:two.example";

GroupConfiguration shared_group(std::size_t members = 3) {
  GroupConfiguration group = sample_configuration(members, group_id);
  for (const GroupMember& member : sample_members(2, "bravo.example"))
    group.members.push_back(member);
  sort_members(group);
  return group;
}

/// alpha - one - bravo.
struct OneProxy {
  McSystems world;
  McSystem& alpha = world.add(behind_proxy(alpha_configuration(), bravo_id, one_id, Dials::no));
  McSystem& one = world.add(proxy_configuration(one_id, {alpha_id, alpha_id, Dials::yes},
                                                {bravo_id, bravo_id, Dials::no}));
  McSystem& bravo = world.add(behind_proxy(bravo_configuration(), alpha_id, one_id, Dials::yes));

  OneProxy() {
    for (McSystem* system : {&alpha, &one, &bravo}) system->start();
    world.pass(DurationMs{3000});
  }
};

/// alpha - one - two - bravo.
struct TwoProxies {
  McSystems world;
  McSystem& alpha = world.add(behind_proxy(alpha_configuration(), bravo_id, one_id, Dials::no));
  McSystem& one = world.add(
      proxy_configuration(one_id, {alpha_id, alpha_id, Dials::yes}, {two_id, bravo_id, Dials::no}));
  McSystem& two = world.add(
      proxy_configuration(two_id, {one_id, alpha_id, Dials::yes}, {bravo_id, bravo_id, Dials::no}));
  McSystem& bravo = world.add(behind_proxy(bravo_configuration(), alpha_id, two_id, Dials::yes));

  TwoProxies() {
    for (McSystem* system : {&alpha, &one, &two, &bravo}) system->start();
    world.pass(DurationMs{4000});
  }
};

/// Notes of links as this system saw them: "+sip:bravo.example" up, "-" down.
std::vector<std::string> ups_and_downs(const McSystem& system, std::string_view of) {
  std::vector<std::string> seen;
  for (const Note& note : system.notes) {
    if (note.subject != of) continue;
    if (note.kind == NoteKind::link_up) seen.emplace_back("+");
    if (note.kind == NoteKind::link_down) seen.emplace_back("-");
  }
  return seen;
}

std::size_t count_refused(const McSystem& system, std::string_view who, Cause cause) {
  return static_cast<std::size_t>(std::ranges::count_if(system.notes, [&](const Note& note) {
    return note.kind == NoteKind::refused && note.subject == who && note.cause == cause;
  }));
}

bool knows_of(const McSystem& system, std::string_view identity) {
  return std::ranges::any_of(
      system.view().scan(store::prefix(store::RecordKind::identity)), [&](const auto& entry) {
        const Bytes& value = entry.second;
        const std::string_view text(reinterpret_cast<const char*>(value.data()), value.size());
        return text.contains(identity);
      });
}

}  // namespace

TEST_CASE("when a proxy lies between then a push ends as without one", "[10.2.7.1][10.2.7.2]") {
  OneProxy bench;
  REQUIRE(bench.alpha.import(shared_group()) == OutcomeKind::done);
  bench.world.pass(DurationMs{100});
  CHECK(bench.bravo.effective(group_id) == shared_group());
  CHECK(bench.alpha.push(group_id, bravo_id) == OutcomeKind::done);
  CHECK(bench.alpha.view().scan(store::prefix(store::RecordKind::outbox)).empty());
}

TEST_CASE("when two proxies lie between then a pull ends as without them", "[10.2.7.1][10.2.7.3]") {
  TwoProxies bench;
  bench.alpha.import(sample_configuration(3, group_id));
  REQUIRE(bench.bravo.fetch(group_id, Services::of(Service::mcptt)) == OutcomeKind::done);
  CHECK(bench.bravo.effective(group_id) == sample_configuration(3, group_id));
  CHECK(bench.bravo.fetch("sip:none@alpha.example") == OutcomeKind::failed);
  CHECK(bench.bravo.last_cause == Cause::group_unknown);
}

TEST_CASE("when the largest group goes through proxies then it arrives", "[10.2.7.1]") {
  TwoProxies bench;
  bench.alpha.import(shared_group(limits::group_members_max - 2));
  bench.world.pass(DurationMs{1000});
  CHECK(bench.bravo.effective(group_id) == shared_group(limits::group_members_max - 2));
}

TEST_CASE("when a proxy has forwarded then it keeps nothing of it", "[10.2.7.1]") {
  TwoProxies bench;
  const std::size_t before = bench.one.view().size();
  bench.alpha.import(shared_group());
  bench.bravo.fetch(group_id);
  bench.world.pass(DurationMs{60'000});
  CHECK(bench.one.view().size() == before);
  CHECK(bench.two.view().scan(store::prefix(store::RecordKind::group)).empty());
  // Nor does an end, or the far proxy, learn who else lies on the way.
  CHECK_FALSE(knows_of(bench.alpha, "two.example"));
  CHECK_FALSE(knows_of(bench.bravo, "one.example"));
  CHECK_FALSE(knows_of(bench.one, "bravo.example"));
}

TEST_CASE("when the links come up then each end finds the other up, once", "[10.2.7.1]") {
  TwoProxies bench;
  CHECK(ups_and_downs(bench.alpha, bravo_id) == std::vector<std::string>{"+"});
  CHECK(ups_and_downs(bench.bravo, alpha_id) == std::vector<std::string>{"+"});
  bench.world.pass(DurationMs{120'000});
  CHECK(ups_and_downs(bench.alpha, bravo_id) == std::vector<std::string>{"+"});
  CHECK(ups_and_downs(bench.bravo, alpha_id) == std::vector<std::string>{"+"});
  CHECK(bench.alpha.gateway().links_up() == 2);  // the proxy, and who is behind it
}

TEST_CASE("when the link on the far side of a proxy is cut then a push waits, and arrives",
          "[10.2.7.1][10.2.7.2]") {
  OneProxy bench;
  bench.world.cut(one_id, bravo_id);
  bench.alpha.import(shared_group());
  bench.world.pass(DurationMs{100});
  CHECK_FALSE(bench.bravo.effective(group_id).has_value());
  // The proxy says so: nobody waits for the deadline.
  CHECK(ups_and_downs(bench.alpha, bravo_id) == std::vector<std::string>{"+", "-"});
  CHECK(bench.alpha.refusals(Cause::timed_out) == 0);
  bench.world.pass(DurationMs{60'000});
  bench.world.heal(one_id, bravo_id);
  bench.world.pass(DurationMs{35'000});
  CHECK(bench.bravo.effective(group_id) == shared_group());
  CHECK(ups_and_downs(bench.alpha, bravo_id) == std::vector<std::string>{"+", "-", "+"});
  CHECK(bench.alpha.view().scan(store::prefix(store::RecordKind::outbox)).empty());
}

TEST_CASE("when the link to the proxy is cut then all behind it is down, and comes back",
          "[10.2.7.1]") {
  OneProxy bench;
  bench.alpha.import(shared_group());
  bench.world.cut(alpha_id, one_id);
  CHECK(ups_and_downs(bench.alpha, bravo_id) == std::vector<std::string>{"+", "-"});
  GroupConfiguration changed = shared_group();
  changed.display_name = "changed";
  CHECK(bench.alpha.import(changed) == OutcomeKind::done);
  bench.world.pass(DurationMs{11'000});  // bravo learns it with its next sign of life
  CHECK(ups_and_downs(bench.bravo, alpha_id) == std::vector<std::string>{"+", "-"});
  bench.world.heal(alpha_id, one_id);
  bench.world.pass(DurationMs{35'000});
  CHECK(ups_and_downs(bench.bravo, alpha_id) == std::vector<std::string>{"+", "-", "+"});
  CHECK(bench.bravo.effective(group_id)->display_name == "changed");
}

TEST_CASE("when the far system waits for its disk then it is up all the same", "[10.2.7.1]") {
  OneProxy bench;
  bench.bravo.hold_commits = true;
  begin(bench.bravo, wire::build_group_import_request(
                         sample_configuration(1, "sip:own@bravo.example", bravo_id)));
  REQUIRE(bench.bravo.commit_under_way());
  bench.world.pass(DurationMs{2 * limits::peer_dead_ms});
  CHECK(ups_and_downs(bench.alpha, bravo_id) == std::vector<std::string>{"+"});
}

TEST_CASE("when the far system restarts behind the proxy then it is greeted anew",
          "[10.2.7.1][10.2.7.2]") {
  OneProxy bench;
  bench.bravo.crash();
  bench.alpha.import(shared_group());
  bench.world.pass(DurationMs{500});
  bench.bravo.start();
  bench.world.pass(DurationMs{5'000});
  CHECK(bench.bravo.effective(group_id) == shared_group());
  CHECK(ups_and_downs(bench.alpha, bravo_id) == std::vector<std::string>{"+", "-", "+"});
}

TEST_CASE("when the far store is a new one then the groups are given again",
          "[10.2.7.1][10.2.7.2]") {
  OneProxy bench;
  bench.alpha.import(shared_group());
  bench.world.pass(DurationMs{100});
  bench.bravo.crash();
  bench.bravo.lose_store();
  bench.bravo.start();
  bench.world.pass(DurationMs{35'000});
  CHECK(bench.bravo.effective(group_id) == shared_group());
}

TEST_CASE("when the home behind a proxy lost its store then what is cached is stale",
          "[10.2.7.1][10.2.7.3]") {
  OneProxy bench;
  bench.alpha.import(shared_group());
  bench.world.pass(DurationMs{100});
  bench.alpha.crash();
  bench.alpha.lose_store();
  bench.alpha.start();
  bench.world.pass(DurationMs{35'000});
  REQUIRE(bench.bravo.effective(group_id).has_value());  // it is kept, orphaned
  GroupConfiguration again = shared_group();
  again.display_name = "again";
  bench.alpha.import(again);
  bench.world.pass(DurationMs{1'000});
  CHECK(bench.bravo.effective(group_id)->display_name == "again");
}

TEST_CASE("when a proxy restarts then what was on the way is sent again", "[10.2.7.1][10.2.7.2]") {
  TwoProxies bench;
  bench.two.crash();
  bench.alpha.import(shared_group());
  bench.world.pass(DurationMs{2'000});
  bench.two.start();
  bench.world.pass(DurationMs{40'000});
  CHECK(bench.bravo.effective(group_id) == shared_group());
  CHECK(bench.alpha.view().scan(store::prefix(store::RecordKind::outbox)).empty());
}

TEST_CASE("when a proxy may not speak for a system then what it brings is refused, and counted",
          "[10.2.7.1]") {
  McSystems world;
  engine::Configuration b = behind_proxy(bravo_configuration(), alpha_id, one_id, Dials::yes);
  for (engine::Partner& partner : b.partners) partner.speaks_for.clear();
  McSystem& alpha = world.add(behind_proxy(alpha_configuration(), bravo_id, one_id, Dials::no));
  McSystem& one = world.add(proxy_configuration(one_id, {alpha_id, alpha_id, Dials::yes},
                                                {bravo_id, bravo_id, Dials::no}));
  McSystem& bravo = world.add(b);
  for (McSystem* system : {&alpha, &one, &bravo}) system->start();
  alpha.import(shared_group());
  world.pass(DurationMs{30'000});
  CHECK(bravo.refusals(Cause::origin_not_permitted) > 0);
  CHECK_FALSE(bravo.effective(group_id).has_value());
  CHECK(ups_and_downs(alpha, bravo_id).empty());
  CHECK(ups_and_downs(bravo, alpha_id).empty());
}

TEST_CASE("when a neighbour lacks the right to send through a proxy then it is told",
          "[10.2.7.1]") {
  McSystems world;
  engine::Configuration p = proxy_configuration(one_id, {alpha_id, alpha_id, Dials::yes},
                                                {bravo_id, bravo_id, Dials::no});
  for (engine::Partner& partner : p.partners) partner.rights.forward.clear();
  McSystem& alpha = world.add(behind_proxy(alpha_configuration(), bravo_id, one_id, Dials::no));
  McSystem& one = world.add(p);
  McSystem& bravo = world.add(behind_proxy(bravo_configuration(), alpha_id, one_id, Dials::yes));
  for (McSystem* system : {&alpha, &one, &bravo}) system->start();
  world.pass(DurationMs{5'000});
  CHECK(one.refusals(Cause::target_unknown) == 2);
  CHECK(count_refused(alpha, bravo_id, Cause::target_unknown) ==
        1);  // in the name of who was asked
  CHECK(count_refused(bravo, alpha_id, Cause::target_unknown) == 1);
  const bool is_told = std::ranges::any_of(one.notes, [](const Note& note) {
    return note.kind == NoteKind::right_missing && note.object == "forward " + bravo_id;
  });
  CHECK(is_told);

  SECTION("a reload that gives the right is enough") {
    one.reload(proxy_configuration(one_id, {alpha_id, alpha_id, Dials::yes},
                                   {bravo_id, bravo_id, Dials::no}));
    world.pass(DurationMs{11'000});
    alpha.import(shared_group());
    world.pass(DurationMs{1'000});
    CHECK(bravo.effective(group_id) == shared_group());
  }
}

TEST_CASE("when routes lead in a circle then the circle is refused, and the asker is told",
          "[10.2.7.1]") {
  McSystems world;
  // Proxy one believes that bravo lies behind alpha, where the message comes from.
  engine::Configuration p =
      proxy_configuration(one_id, {alpha_id, alpha_id, Dials::yes}, {two_id, two_id, Dials::no});
  for (engine::Partner& partner : p.partners) {
    if (partner.system_id == alpha_id) partner.speaks_for = {bravo_id};
    partner.rights.forward = {"*"};
  }
  McSystem& alpha = world.add(behind_proxy(alpha_configuration(), bravo_id, one_id, Dials::no));
  McSystem& one = world.add(p);
  for (McSystem* system : {&alpha, &one}) system->start();
  world.pass(DurationMs{5'000});
  CHECK(one.refusals(Cause::route_loop) == 1);
  CHECK(count_refused(alpha, bravo_id, Cause::route_loop) == 1);
}

TEST_CASE("when a chain has more proxies than there may be hops then the last one refuses",
          "[10.2.7.1]") {
  McSystems world;
  std::vector<std::string> chain{alpha_id};
  for (int i = 0; i <= limits::hops_max; ++i) {
    chain.push_back("sip:p" + std::to_string(i) + ".example");
  }
  chain.push_back(bravo_id);
  std::vector<McSystem*> systems;
  systems.push_back(&world.add(behind_proxy(alpha_configuration(), bravo_id, chain[1], Dials::no)));
  for (std::size_t i = 1; i + 1 < chain.size(); ++i) {
    systems.push_back(&world.add(proxy_configuration(chain[i], {chain[i - 1], alpha_id, Dials::yes},
                                                     {chain[i + 1], bravo_id, Dials::no})));
  }
  systems.push_back(&world.add(
      behind_proxy(bravo_configuration(), alpha_id, chain[chain.size() - 2], Dials::yes)));
  for (McSystem* system : systems) system->start();
  world.pass(DurationMs{15'000});
  CHECK(systems[systems.size() - 2]->refusals(Cause::hops_exceeded) > 0);
  CHECK(count_refused(*systems.front(), bravo_id, Cause::hops_exceeded) > 0);
  CHECK(ups_and_downs(*systems.front(), bravo_id).empty());
}

TEST_CASE("when a reload takes the proxy away then the systems behind it are down", "[10.2.7.1]") {
  OneProxy bench;
  engine::Configuration direct = alpha_configuration();
  bench.alpha.reload(direct);
  CHECK(ups_and_downs(bench.alpha, bravo_id) == std::vector<std::string>{"+", "-"});
  bench.alpha.reload(behind_proxy(alpha_configuration(), bravo_id, one_id, Dials::no));
  bench.world.pass(DurationMs{35'000});
  CHECK(ups_and_downs(bench.alpha, bravo_id) == std::vector<std::string>{"+", "-", "+"});
}

TEST_CASE("when too much waits to leave then a proxy refuses more of it, visibly", "[10.2.7.1]") {
  OneProxy bench;
  bench.world.hold_forwarded = true;
  GroupConfiguration large = shared_group(limits::group_members_max - 2);
  for (GroupMember& member : large.members) member.mcvideo_id = member.mc_service_id;
  for (int i = 0; i < 12; ++i) {
    large.group_id = "sip:fire-" + std::to_string(i) + "@alpha.example";
    REQUIRE(bench.alpha.import(large) == OutcomeKind::done);
  }
  bench.world.pass(DurationMs{5'000});
  CHECK(bench.one.refusals(Cause::overloaded) > 0);
  CHECK(bench.alpha.refusals(Cause::overloaded) > 0);
  // What is refused so is tried again, and arrives when there is room.
  bench.world.hold_forwarded = false;
  bench.world.pass(DurationMs{200'000});
  for (int i = 0; i < 12; ++i) {
    CHECK(bench.bravo.effective("sip:fire-" + std::to_string(i) + "@alpha.example").has_value());
  }
}
