// SPDX-License-Identifier: Apache-2.0
// 10.2.7.4: the partner (bravo) subscribes to a group's configuration at its home (alpha).
// Topology: alpha and bravo, one link, dialled by bravo; alpha does not push. Pass: bravo is told
// of changes for as long as it wants and may, and of nothing otherwise; every refusal has its
// cause.

#include <catch2/catch_test_macros.hpp>

#include "core/gms/home/subscriptions.h"
#include "tests/support/configurations.h"
#include "tests/support/raw_peer.h"

using namespace bivouac;
using namespace bivouac::test;
using store::RecordKind;
using wire::fb::Body;
using wire::fb::OutcomeKind;

namespace {

const std::string group_id = "sip:fire-1@alpha.example";

engine::Configuration home() {
  engine::Configuration a = alpha_configuration();
  a.partners[0].rights.receive.clear();  // nothing comes but by request or subscription
  a.partners[0].rights.subscribe = {"*"};
  return a;
}

engine::Configuration subscriber() {
  engine::Configuration b = bravo_configuration();
  b.partners[0].subscribe_to = {"sip:*@alpha.example"};
  return b;
}

struct Pair {
  McSystems world;
  McSystem& alpha;
  McSystem& bravo;

  explicit Pair(engine::Configuration a = home(), engine::Configuration b = subscriber())
      : alpha(world.add(std::move(a))), bravo(world.add(std::move(b))) {
    alpha.start();
    bravo.start();
    world.pass(DurationMs{2000});
    alpha.import(sample_configuration(3, group_id));
    world.pass(DurationMs{100});
  }
  void change(std::string title) {
    GroupConfiguration group = sample_configuration(3, group_id);
    group.display_name = std::move(title);
    alpha.import(group);
    world.pass(DurationMs{100});
  }
  std::string title() { return bravo.effective(group_id)->display_name; }
  void cut() { world.cut("sip:alpha.example", "sip:bravo.example"); }
  void heal() {
    world.heal("sip:alpha.example", "sip:bravo.example");
    world.pass(DurationMs{40'000});
  }
};

std::size_t count(const McSystem& system, RecordKind kind) {
  const auto records = system.view().scan(store::prefix(kind));
  return static_cast<std::size_t>(std::distance(records.begin(), records.end()));
}

std::size_t count_step(const McSystem& system, std::string_view step) {
  const auto steps = system.steps();
  return static_cast<std::size_t>(std::ranges::count(steps, step));
}

std::size_t count_notes(const McSystem& system, NoteKind kind) {
  return static_cast<std::size_t>(std::ranges::count(system.notes, kind, &Note::kind));
}

Bytes subscribe_request(const RawPeer& peer, std::uint64_t exchange, std::uint32_t lease_s,
                        std::string_view group = group_id, std::uint32_t interval_ms = 0) {
  return wire::build_group_information_subscribe_request(
      peer.ask(exchange), {{std::string(group), {}}}, {lease_s, interval_ms, {}});
}

/// A home alone, with a partner that says what the test says.
struct Bench {
  McSystems world;
  McSystem& alpha;
  RawPeer bravo;
  explicit Bench(engine::Configuration a = home())
      : alpha(start(world, std::move(a))), bravo(world, alpha, "sip:bravo.example") {
    alpha.import(sample_configuration(3, group_id));
  }
  static McSystem& start(McSystems& world, engine::Configuration a) {
    McSystem& alpha = world.add(std::move(a));
    alpha.start();
    world.settle();
    return alpha;
  }
  Cause ask(std::uint64_t exchange, std::uint32_t lease_s, std::string_view group = group_id,
            std::uint32_t interval_ms = 0) {
    bravo.send(subscribe_request(bravo, exchange, lease_s, group, interval_ms));
    const auto* answer = bravo.next(Body::GroupInformationSubscribeResponse);
    REQUIRE(answer != nullptr);
    const auto* response = answer->body_as_GroupInformationSubscribeResponse();
    CHECK(response->group_id()->string_view() == group);
    granted_s = response->lease_s();
    revision = response->exposed_revision();
    return engine::outcome(response->result(), response->cause());
  }
  std::uint32_t granted_s = 0;
  std::uint64_t revision = 0;
};

}  // namespace

TEST_CASE("when a group was stored then its partner subscribes to it and is told of changes",
          "[10.2.7.4][10.2.2.x][10.2.2.y]") {
  Pair pair;
  pair.bravo.fetch(group_id);
  pair.world.pass(DurationMs{100});
  CHECK(count_step(pair.bravo, "10.2.7.4/1") == 1);
  CHECK(count_step(pair.alpha, "10.2.7.4/2") == 1);
  CHECK(count(pair.alpha, RecordKind::subscription) == 1);
  CHECK(count_step(pair.alpha, "10.2.7.5/1") == 0);  // it has the newest already
  pair.change("changed");
  CHECK(pair.title() == "changed");
  CHECK(count_step(pair.alpha, "10.2.7.5/1") == 1);
  CHECK(count_step(pair.alpha, "10.2.7.2/1") == 0);
}

TEST_CASE("when nothing of the group is stored then the subscription acts as a request",
          "[10.2.7.4]") {
  Pair pair(home(), bravo_configuration());  // nothing by itself
  CHECK(pair.bravo.subscribe(group_id) == OutcomeKind::done);
  pair.world.pass(DurationMs{100});
  CHECK(pair.title() == sample_configuration(3, group_id).display_name);
  pair.change("changed");
  CHECK(pair.title() == "changed");

  SECTION("unsubscribed, it is told no more, and keeps what it has") {
    CHECK(pair.bravo.unsubscribe(group_id) == OutcomeKind::done);
    CHECK(count(pair.alpha, RecordKind::subscription) == 0);
    pair.change("changed again");
    CHECK(pair.title() == "changed");
    pair.cut();
    pair.heal();
    CHECK(pair.title() == "changed");
    CHECK(pair.bravo.subscribe(group_id) == OutcomeKind::done);
    pair.world.pass(DurationMs{100});
    CHECK(pair.title() == "changed again");
  }
}

TEST_CASE("when the operator unsubscribes then the configuration does not subscribe again",
          "[10.2.7.4]") {
  Pair pair;
  pair.bravo.fetch(group_id);
  pair.world.pass(DurationMs{100});
  pair.cut();
  CHECK(pair.bravo.unsubscribe(group_id) == OutcomeKind::queued);  // the home is out of reach
  pair.bravo.crash();
  pair.bravo.start();
  pair.heal();
  CHECK(count(pair.alpha, RecordKind::subscription) == 0);
  pair.bravo.fetch(group_id);
  pair.world.pass(DurationMs{limits::push_again_ms});
  CHECK(count(pair.alpha, RecordKind::subscription) == 0);
}

TEST_CASE("when the partner lacks the right to subscribe then it is refused, whatever it asks for",
          "[10.2.7.4]") {
  engine::Configuration a = home();
  a.partners[0].rights.subscribe = {"sip:police-*"};
  Bench bench(a);
  CHECK(bench.ask(1, 600) == Cause::not_authorised);
  CHECK(bench.ask(2, 600, "sip:no-such@alpha.example") == Cause::not_authorised);
  CHECK(bench.ask(3, 0) == Cause::none);  // as for anybody who leaves
  CHECK(bench.ask(4, 600, "sip:police-1@alpha.example") == Cause::group_unknown);
  CHECK(bench.alpha.refusals(Cause::not_authorised) == 2);
  CHECK(bench.alpha.refusals(Cause::group_unknown) == 1);
  CHECK(count(bench.alpha, RecordKind::subscription) == 0);
  CHECK(count(bench.alpha, RecordKind::exposure) == 0);
  CHECK(count_notes(bench.alpha, NoteKind::right_missing) == 2);
}

TEST_CASE("when lease or interval are out of range then the subscription is as it was",
          "[10.2.7.4]") {
  Bench bench;
  for (const std::uint32_t lease : {1U, limits::lease_min_s - 1, limits::lease_max_s + 1, ~0U}) {
    CHECK(bench.ask(lease, lease) == Cause::value_out_of_range);
  }
  CHECK(count(bench.alpha, RecordKind::subscription) == 0);
  CHECK(bench.ask(100, 600, group_id, limits::notify_interval_max_ms + 1) ==
        Cause::value_out_of_range);
  CHECK(bench.alpha.refusals(Cause::value_out_of_range) == 5);
  CHECK(bench.ask(101, limits::lease_min_s) == Cause::none);
  CHECK(bench.granted_s == limits::lease_min_s);
  CHECK(bench.ask(102, limits::lease_max_s) == Cause::none);  // a renewal takes its place
  CHECK(bench.granted_s == limits::lease_max_s);
  CHECK(count(bench.alpha, RecordKind::subscription) == 1);
  CHECK(bench.ask(103, limits::lease_max_s + 1) == Cause::value_out_of_range);
  CHECK(count(bench.alpha, RecordKind::subscription) == 1);
  CHECK(bench.ask(104, 0) == Cause::none);
  CHECK(count(bench.alpha, RecordKind::subscription) == 0);
  CHECK(bench.ask(105, 0) == Cause::none);  // there was none any more
}

TEST_CASE("when what the subscriber knows is not the newest then a notification follows at once",
          "[10.2.7.4][10.2.7.5]") {
  Bench bench;
  REQUIRE(bench.ask(1, 600) == Cause::none);
  const auto* notified = bench.bravo.next(Body::GroupInformationNotifyRequest);
  REQUIRE(notified != nullptr);
  CHECK(notified->body_as_GroupInformationNotifyRequest()->exposed_revision() == bench.revision);
  const auto ask = [&](std::uint64_t exchange, ExposedRevision known, Incarnation store) {
    bench.bravo.send(wire::build_group_information_notify_response(
        bench.bravo.answer(notified->exchange(), {notified->origin_incarnation()}), group_id,
        Cause::none));
    bench.bravo.send(wire::build_group_information_subscribe_request(
        bench.bravo.ask(exchange), {{group_id, known}}, {600, 0, store}));
    notified = bench.bravo.next(Body::GroupInformationNotifyRequest);
    return notified != nullptr;
  };
  const Incarnation alpha{notified->origin_incarnation()};
  const ExposedRevision newest{bench.revision};
  CHECK_FALSE(ask(2, newest, alpha));
  notified = nullptr;
  bench.bravo.send(wire::build_group_information_subscribe_request(
      bench.bravo.ask(3), {{group_id, newest}}, {600, 0, {alpha.value + 1}}));
  notified = bench.bravo.next(Body::GroupInformationNotifyRequest);
  CHECK(notified != nullptr);  // of another store's revision
}

TEST_CASE("when half of the lease has passed then it is renewed, for as long as the link is up",
          "[10.2.7.4]") {
  Pair pair;
  pair.bravo.fetch(group_id);
  pair.world.pass(DurationMs{3 * 3'600'000});
  CHECK(count(pair.alpha, RecordKind::subscription) == 1);
  CHECK(count_step(pair.bravo, "10.2.7.4/1") == 6 + 1);
  pair.change("changed");
  CHECK(pair.title() == "changed");

  SECTION("a subscriber that is gone loses it") {
    pair.cut();
    pair.world.pass(DurationMs{3'600'000});
    CHECK(count(pair.alpha, RecordKind::subscription) == 0);
    CHECK(pair.alpha.refusals(Cause::lease_ended) == 1);
    pair.change("while away");
    CHECK(count(pair.alpha, RecordKind::outbox) == 0);
    CHECK(pair.title() == "changed");
    pair.heal();  // and subscribes anew, with what it knows
    CHECK(pair.title() == "while away");
  }
}

TEST_CASE("when the home restarts then a lease goes on, and a clock that jumps ends none",
          "[10.2.7.4]") {
  Pair pair;
  const auto restart_after = [&](std::int64_t ms) {
    pair.alpha.crash();
    pair.world.pass(DurationMs{ms});
    pair.alpha.start();
  };
  pair.bravo.fetch(group_id);
  pair.world.pass(DurationMs{100});
  pair.cut();
  SECTION("the clock is not trusted: time while it is down does not count") {
    restart_after(4 * 3'600'000);
    CHECK(count(pair.alpha, RecordKind::subscription) == 1);
    pair.world.pass(DurationMs{3'599'000});
    CHECK(count(pair.alpha, RecordKind::subscription) == 1);
    pair.world.pass(DurationMs{2'000});
    CHECK(count(pair.alpha, RecordKind::subscription) == 0);
  }
  SECTION("a jump within a run ends nothing") {
    pair.alpha.event(engine::Clock{true});
    pair.world.now.wall.ms += 100LL * 24 * 3'600'000;
    pair.world.pass(DurationMs{60'000});
    CHECK(count(pair.alpha, RecordKind::subscription) == 1);
  }
  SECTION("trusted at both ends, what passed counts") {
    pair.alpha.event(engine::Clock{true});
    pair.heal();
    REQUIRE(pair.bravo.subscribe(group_id, 7'200) == OutcomeKind::done);
    pair.cut();
    restart_after(7'000'000);
    pair.alpha.event(engine::Clock{true});
    CHECK(count(pair.alpha, RecordKind::subscription) == 1);
    pair.world.now.wall.ms += 100LL * 24 * 3'600'000;
    pair.world.pass(DurationMs{100'000});
    CHECK(count(pair.alpha, RecordKind::subscription) == 1);
    pair.world.pass(DurationMs{100'000});
    CHECK(count(pair.alpha, RecordKind::subscription) == 0);
  }
}

TEST_CASE("when the right to subscribe is taken away then the subscription and what it gave go",
          "[10.2.7.4]") {
  Pair pair;
  pair.bravo.fetch(group_id);
  pair.world.pass(DurationMs{100});
  engine::Configuration a = home();
  a.partners[0].rights.subscribe.clear();
  SECTION("it may still ask: it keeps what it has") {
    pair.alpha.reload(a);
    pair.world.pass(DurationMs{100});
    CHECK(count(pair.alpha, RecordKind::subscription) == 0);
    pair.change("changed");
    CHECK(pair.title() == sample_configuration(3, group_id).display_name);
  }
  SECTION("nothing else entitles it: it is withdrawn") {
    a.partners[0].rights.request.clear();
    pair.alpha.reload(a);
    pair.world.pass(DurationMs{100});
    CHECK(count(pair.alpha, RecordKind::subscription) == 0);
    CHECK_FALSE(pair.bravo.effective(group_id).has_value());
    CHECK(count(pair.bravo, RecordKind::subscribed) == 0);
  }
  CHECK(pair.alpha.refusals(Cause::not_authorised) >= 1);
}

TEST_CASE("when many groups are stored then a reconnection asks for all of them in few messages",
          "[10.2.7.4]") {
  Pair pair;
  std::vector<std::string> groups;
  for (std::size_t i = 0; i < 100; ++i) {
    groups.push_back("sip:g" + std::to_string(100 + i) + "@alpha.example");
    pair.alpha.import(sample_configuration(5, groups.back()));
    pair.bravo.fetch(groups.back());
  }
  pair.world.pass(DurationMs{100});
  REQUIRE(count(pair.alpha, RecordKind::subscription) == 100);
  pair.cut();
  for (std::size_t i = 0; i < 7; ++i) pair.alpha.import(sample_configuration(6, groups[i * 10]));
  pair.world.pass(DurationMs{100});
  pair.bravo.notes.clear();
  pair.alpha.notes.clear();
  pair.heal();
  CHECK(count_step(pair.bravo, "10.2.7.4/1") == 4);
  CHECK(count_step(pair.alpha, "10.2.7.5/1") == 7);
  for (std::size_t i = 0; i < 7; ++i)
    CHECK(pair.bravo.effective(groups[i * 10])->members.size() == 6);
}

TEST_CASE("when the home's store is rebuilt then the subscription brings the groups again",
          "[10.2.7.4]") {
  engine::Configuration a = home();
  a.partners[0].rights.request.clear();  // no pull
  Pair pair(a, bravo_configuration());
  REQUIRE(pair.bravo.subscribe(group_id) == OutcomeKind::done);
  pair.world.pass(DurationMs{100});
  for (const char* title : {"1", "2", "3"}) pair.change(title);
  pair.alpha.crash();
  pair.alpha.lose_store();
  pair.alpha.start();
  pair.change("rebuilt");
  pair.world.pass(DurationMs{60'000});
  CHECK(pair.title() == "rebuilt");
  pair.change("and on");
  CHECK(pair.title() == "and on");
}

TEST_CASE("when space is low then no subscription is granted anew, and renewals go on",
          "[10.2.7.4]") {
  Bench bench;
  REQUIRE(bench.ask(1, 600) == Cause::none);
  bench.alpha.import(sample_configuration(3, "sip:fire-2@alpha.example"));
  bench.alpha.event(engine::Space{true});
  CHECK(bench.ask(2, 600, "sip:fire-2@alpha.example") == Cause::storage_full);
  CHECK(bench.ask(3, 900) == Cause::none);
  CHECK(bench.granted_s == 900);
  CHECK(bench.ask(4, 0) == Cause::none);
  CHECK(count(bench.alpha, RecordKind::subscription) == 0);
}

TEST_CASE("when an operator wishes for what cannot be then it is refused with the cause",
          "[10.2.7.4]") {
  Pair pair;
  CHECK(pair.bravo.subscribe("sip:x@nowhere.example") == OutcomeKind::failed);
  CHECK(pair.bravo.last_cause == Cause::group_unknown);
  CHECK(pair.bravo.subscribe(group_id, limits::lease_min_s - 1) == OutcomeKind::failed);
  CHECK(pair.bravo.last_cause == Cause::value_out_of_range);
  pair.bravo.import(sample_configuration(1, "sip:own@bravo.example"));
  CHECK(pair.bravo.subscribe("sip:own@bravo.example") == OutcomeKind::failed);
  CHECK(pair.bravo.last_cause == Cause::home_mismatch);
  CHECK(pair.bravo.unsubscribe("sip:fire-9@alpha.example") == OutcomeKind::failed);
  CHECK(pair.bravo.last_cause == Cause::group_unknown);
  CHECK(count(pair.bravo, RecordKind::subscribed) == 0);
  CHECK(pair.bravo.subscribe("sip:fire-9@alpha.example") == OutcomeKind::failed);  // no such group
  CHECK(pair.bravo.last_cause == Cause::group_unknown);
}
