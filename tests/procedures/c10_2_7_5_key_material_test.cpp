// SPDX-License-Identifier: Apache-2.0
// 10.2.7.5 with key material: the home (alpha) notifies its subscriber (bravo) of envelopes for
// bravo's users, with a new configuration or without. Topology: alpha and bravo, one link, dialled
// by bravo. Pass: bravo holds exactly the envelopes of its own users, in its key records and
// nowhere else; each bad notification is refused with its cause and changes nothing.

#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "core/store/record.h"
#include "core/store/sealer.h"
#include "tests/support/configurations.h"
#include "tests/support/key_envelopes.h"
#include "tests/support/raw_peer.h"

using namespace bivouac;
using namespace bivouac::test;
using store::RecordKind;
using wire::fb::Body;
using wire::fb::OutcomeKind;

namespace {

const std::string group_id = "sip:fire-1@alpha.example";
const std::string ada = "sip:ada@alpha.example";
const std::string ben = "sip:ben@bravo.example";
const std::string bob = "sip:bob@bravo.example";

GroupConfiguration shared(std::string title = "first") {
  GroupConfiguration group = sample_configuration(1, group_id);
  group.display_name = std::move(title);
  group.members.clear();
  for (const std::string& user : {ada, ben, bob}) {
    GroupMember member;
    member.mc_service_id = user;
    group.members.push_back(std::move(member));
  }
  sort_members(group);
  return group;
}

engine::Configuration home() {
  engine::Configuration a = alpha_configuration();
  a.partners[0].rights.subscribe = {"*"};
  return a;
}

struct Pair {
  McSystems world;
  McSystem& alpha = world.add(home());
  McSystem& bravo = world.add(bravo_configuration());

  Pair() {
    alpha.start();
    bravo.start();
    world.pass(DurationMs{2'000});
    alpha.import(shared());
    REQUIRE(bravo.subscribe(group_id) == OutcomeKind::done);
    pass(100);
    alpha.notes.clear();
    bravo.notes.clear();
  }
  void pass(std::int64_t ms) { world.pass(DurationMs{ms}); }
  void import(std::vector<KeyEnvelope> envelopes) {
    REQUIRE(alpha.import_keys(group_id, std::move(envelopes)) == OutcomeKind::done);
    pass(100);
  }
  void cut() { world.cut("sip:alpha.example", "sip:bravo.example"); }
  void heal() {
    world.heal("sip:alpha.example", "sip:bravo.example");
    pass(40'000);
  }
  std::size_t notifications() const {
    return static_cast<std::size_t>(std::ranges::count(alpha.steps(), "10.2.7.5/1"));
  }
};

/// In a record of another kind: no outbox entry, no stored answer, no policy may have it.
bool is_elsewhere(const McSystem& system, ByteView bytes) {
  const store::Prefix all;
  return std::ranges::any_of(system.view().scan(all), [&](const auto& record) {
    return record.first.kind() != RecordKind::keys &&
           !std::ranges::search(record.second, bytes).empty();
  });
}

/// The disk does not open the key records of this system any more.
void lose_sealing_key(McSystem& system) {
  store::Batch batch;
  for (const auto& [key, value] : system.view().scan(store::prefix(RecordKind::keys)))
    batch.add({key, store::lost_value(), false});
  system.crash();
  system.durable.push_back(batch.take());
  system.start();
}

}  // namespace

TEST_CASE(
    "when key material is imported then each partner is notified of its users' envelopes only",
    "[10.2.7.5]") {
  Pair pair;
  const KeyEnvelope for_ada = envelope_for(ada);
  const KeyEnvelope for_ben = envelope_for(ben);
  pair.import({for_ada, for_ben});
  CHECK(pair.notifications() == 1);
  CHECK(pair.bravo.keys(group_id) == std::vector{for_ben});
  CHECK_FALSE(pair.bravo.holds(for_ada.bytes));
  CHECK_FALSE(is_elsewhere(pair.bravo, for_ben.bytes));
  CHECK_FALSE(is_elsewhere(pair.alpha, for_ben.bytes));
  CHECK(pair.bravo.effective(group_id)->display_name == "first");
}

TEST_CASE("when only envelopes for others change then the partner is not notified", "[10.2.7.5]") {
  Pair pair;
  pair.import({envelope_for(ada)});
  CHECK(pair.notifications() == 1);  // that there is key material now, and none for its users
  pair.import({envelope_for(ada, 2)});
  CHECK(pair.notifications() == 1);
  CHECK(pair.bravo.keys(group_id).empty());
}

TEST_CASE("when key material is removed while nobody subscribes then the next subscriber loses it",
          "[10.2.7.4][10.2.7.5]") {
  Pair pair;
  pair.import({envelope_for(ben)});
  REQUIRE(pair.bravo.unsubscribe(group_id) == OutcomeKind::done);
  pair.pass(100);
  REQUIRE(pair.alpha.remove_keys(group_id) == OutcomeKind::done);
  pair.alpha.import(shared("second"));
  pair.pass(100);
  CHECK(pair.bravo.effective(group_id)->display_name == "second");  // by a push
  REQUIRE(pair.bravo.subscribe(group_id) == OutcomeKind::done);
  pair.pass(100);
  CHECK(pair.bravo.keys(group_id).empty());
  CHECK_FALSE(pair.bravo.holds(envelope_for(ben).bytes));
}

TEST_CASE("when configuration and key material do not go into one message then neither is taken",
          "[10.2.7.5]") {
  Pair pair;
  std::vector<KeyEnvelope> keys;  // 344 KiB
  for (std::uint32_t gmk = 1; gmk <= 86; ++gmk)
    keys.push_back(envelope_for(ben, gmk, 0, limits::key_envelope_bytes_max));
  REQUIRE(pair.alpha.import_keys(group_id, keys) == OutcomeKind::done);
  pair.pass(1'000);
  CHECK(pair.bravo.keys(group_id).size() == keys.size());
  GroupConfiguration large = shared("large");  // more than 424 KiB
  for (GroupMember& member : sample_members(2'000 - 3, "charlie.example")) {
    member.mc_service_id = "sip:" + std::string(80, 'x') + member.mc_service_id.substr(4);
    member.mcvideo_id = member.mcdata_id = "sip:" + std::string(60, 'y') + "@charlie.example";
    large.members.push_back(std::move(member));
  }
  sort_members(large);
  CHECK(pair.alpha.import(large) == OutcomeKind::failed);
  CHECK(pair.alpha.last_cause == Cause::key_limit);
  CHECK(pair.alpha.effective(group_id)->display_name == "first");
  REQUIRE(pair.alpha.remove_keys(group_id) == OutcomeKind::done);
  CHECK(pair.alpha.import(large) == OutcomeKind::done);
  CHECK(pair.alpha.import_keys(group_id, keys) == OutcomeKind::failed);
  CHECK(pair.alpha.last_cause == Cause::key_limit);
}

TEST_CASE(
    "when configuration and key material change while the link is down then one notification "
    "brings both",
    "[10.2.7.5]") {
  Pair pair;
  pair.import({envelope_for(ben, 1)});
  pair.cut();
  pair.import({envelope_for(ben, 2)});
  pair.alpha.import(shared("second"));
  pair.alpha.remove_keys(group_id, {1});
  const std::size_t before = pair.notifications();
  pair.heal();
  CHECK(pair.notifications() == before + 1);
  CHECK(pair.bravo.effective(group_id)->display_name == "second");
  CHECK(pair.bravo.keys(group_id) == std::vector{envelope_for(ben, 2)});
  CHECK_FALSE(pair.bravo.holds(envelope_for(ben, 1).bytes));
}

TEST_CASE("when key material is removed or expires at its home then it is removed at the partner",
          "[10.2.7.5]") {
  Pair pair;
  pair.alpha.event(engine::Clock{true});
  const auto in_a_minute = static_cast<std::uint64_t>(pair.world.now.wall.ms + 60'000);
  pair.import({envelope_for(ben, 1), envelope_for(bob, 1, in_a_minute)});
  CHECK(pair.bravo.keys(group_id).size() == 2);
  SECTION("it expires at the home, whose clock is trusted") {
    pair.pass(70'000);
    CHECK(pair.bravo.keys(group_id) == std::vector{envelope_for(ben, 1)});
  }
  SECTION("it expires here while the home cannot be reached") {
    pair.bravo.event(engine::Clock{true});
    pair.cut();
    pair.pass(70'000);
    CHECK(pair.bravo.keys(group_id) == std::vector{envelope_for(ben, 1)});
  }
  SECTION("all is removed") {
    REQUIRE(pair.alpha.remove_keys(group_id) == OutcomeKind::done);
    pair.pass(100);
    CHECK(pair.bravo.keys(group_id).empty());
    CHECK_FALSE(pair.bravo.holds(envelope_for(ben, 1).bytes));
  }
  SECTION("the group is removed (P6)") {
    REQUIRE(pair.alpha.remove(group_id) == OutcomeKind::done);
    pair.pass(100);
    CHECK_FALSE(pair.bravo.effective(group_id));
    CHECK_FALSE(pair.bravo.holds(envelope_for(ben, 1).bytes));
  }
}

TEST_CASE("when the subscriber lost its sealing key then it is notified of the key material anew",
          "[10.2.7.5]") {
  Pair pair;
  pair.import({envelope_for(ben)});
  lose_sealing_key(pair.bravo);
  CHECK(pair.bravo.keys(group_id).empty());
  pair.pass(40'000);
  CHECK(pair.bravo.keys(group_id) == std::vector{envelope_for(ben)});
  const std::size_t before = pair.notifications();
  pair.cut();
  pair.heal();
  CHECK(pair.notifications() == before);  // nothing is lost any more
}

TEST_CASE("when the home lost its sealing key then its subscribers keep what they have",
          "[10.2.7.5]") {
  Pair pair;
  pair.import({envelope_for(ben)});
  lose_sealing_key(pair.alpha);
  pair.pass(40'000);
  pair.alpha.import(shared("second"));
  pair.pass(100);
  CHECK(pair.bravo.effective(group_id)->display_name == "second");
  CHECK(pair.bravo.keys(group_id) == std::vector{envelope_for(ben)});
  pair.import({envelope_for(bob)});  // imported anew: what is there now counts
  CHECK(pair.bravo.keys(group_id) == std::vector{envelope_for(bob)});
}

TEST_CASE("when a subscriber also requests the group then it is notified of the key material again",
          "[10.2.7.5]") {
  Pair pair;
  pair.import({envelope_for(ben)});
  pair.bravo.lose_store();
  pair.bravo.crash();
  pair.bravo.durable.clear();
  pair.bravo.start();
  pair.pass(40'000);
  REQUIRE(pair.bravo.fetch(group_id) == OutcomeKind::done);
  CHECK(pair.bravo.keys(group_id).empty());  // a pull bears none
  REQUIRE(pair.bravo.subscribe(group_id) == OutcomeKind::done);
  pair.pass(100);
  CHECK(pair.bravo.keys(group_id) == std::vector{envelope_for(ben)});
}

TEST_CASE("when a subscription ends before its keys are told then the next one is told of them",
          "[10.2.7.4][10.2.7.5]") {
  Pair pair;
  pair.cut();
  REQUIRE(pair.alpha.import_keys(group_id, {envelope_for(ben)}) == OutcomeKind::done);
  pair.pass(3'700'000);  // the lease is over: with the link comes a push, which bears no keys
  pair.heal();
  CHECK(std::ranges::count(pair.alpha.steps(), "10.2.7.2/1") > 0);
  CHECK(pair.bravo.keys(group_id) == std::vector{envelope_for(ben)});
}

TEST_CASE("when the power is cut before an envelope is durable then it is notified again",
          "[10.2.7.5]") {
  Pair pair;
  pair.bravo.hold_commits = true;
  REQUIRE(pair.alpha.import_keys(group_id, {envelope_for(ben)}) == OutcomeKind::done);
  pair.pass(100);
  pair.bravo.crash(false);
  pair.bravo.hold_commits = false;
  pair.bravo.start();
  pair.pass(40'000);
  CHECK(pair.bravo.keys(group_id) == std::vector{envelope_for(ben)});
}

namespace {

/// A subscriber that is told by a home of the test's making.
struct Subscriber {
  McSystems world;
  McSystem& bravo;
  RawPeer alpha;
  Subscriber() : bravo(start(world)), alpha(world, bravo, "sip:alpha.example") {
    bravo.subscribe(group_id);
  }
  static McSystem& start(McSystems& world) {
    McSystem& bravo = world.add(bravo_configuration());
    bravo.start();
    world.settle();
    return bravo;
  }
  Cause notify(std::uint64_t exchange, std::uint64_t revision,
               const std::vector<KeyEnvelope>& keys) {
    const GroupConfiguration group = [] {
      GroupConfiguration one = shared();
      one.home_system = "sip:alpha.example";
      return one;
    }();
    alpha.send(wire::build_group_information_notify_request(alpha.ask(exchange), group_id,
                                                            {revision}, &group, &keys));
    while (const auto* answer = alpha.next()) {
      if (const auto* refusal = answer->body_as_Refusal())
        return static_cast<Cause>(refusal->cause());
      if (const auto* response = answer->body_as_GroupInformationNotifyResponse())
        return static_cast<Cause>(response->cause());
    }
    return Cause::unreachable;
  }
};

}  // namespace

TEST_CASE("when an envelope is for a stranger then the notification is refused whole",
          "[10.2.7.5]") {
  Subscriber subscriber;
  REQUIRE(subscriber.notify(1, 1, {envelope_for(ben)}) == Cause::none);
  const std::vector before = subscriber.bravo.keys(group_id);
  REQUIRE(before.size() == 1);
  for (const std::string& stranger : {ada, std::string("sip:eve@bravo.example")}) {
    CHECK(subscriber.notify(stranger == ada ? 2 : 3, 2, {envelope_for(stranger)}) ==
          Cause::key_stranger);
    CHECK(subscriber.bravo.keys(group_id) == before);
  }
  CHECK(subscriber.bravo.refusals(Cause::key_stranger) == 2);
  CHECK(subscriber.notify(4, 2, {envelope_for(bob)}) == Cause::none);
  CHECK(subscriber.bravo.keys(group_id) == std::vector{envelope_for(bob)});
}

TEST_CASE("when envelopes are out of order, too long or empty then the notification is refused",
          "[10.2.7.5]") {
  Subscriber subscriber;
  CHECK(subscriber.notify(1, 1, {envelope_for(bob), envelope_for(ben)}) == Cause::keys_unsorted);
  CHECK(subscriber.notify(2, 1, {envelope_for(ben), envelope_for(ben)}) == Cause::keys_unsorted);
  CHECK(subscriber.notify(3, 1, {envelope_for(ben, 0)}) == Cause::value_out_of_range);
  CHECK(subscriber.notify(4, 1, {envelope_for(ben, 1, 0, 0)}) == Cause::value_out_of_range);
  CHECK(subscriber.notify(5, 1, {envelope_for(ben, 1, 0, limits::key_envelope_bytes_max + 1)}) ==
        Cause::key_too_long);
  CHECK(subscriber.bravo.keys(group_id).empty());
  CHECK_FALSE(subscriber.bravo.effective(group_id));
}
