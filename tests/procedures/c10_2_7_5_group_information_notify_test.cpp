// SPDX-License-Identifier: Apache-2.0
// 10.2.7.5: the home (alpha) notifies its subscriber (bravo) of a group's configuration. Topology:
// alpha and bravo, one link, dialled by bravo; alpha does not push. Pass: bravo serves the newest
// that alpha shows it, once, stored before it says so; every refusal has its cause.

#include <catch2/catch_test_macros.hpp>

#include "tests/support/configurations.h"
#include "tests/support/raw_peer.h"

using namespace bivouac;
using namespace bivouac::test;
using store::RecordKind;
using wire::fb::Body;
using wire::fb::OutcomeKind;

namespace {

const std::string group_id = "sip:fire-1@alpha.example";

GroupConfiguration titled(std::string title, std::size_t members = 3) {
  GroupConfiguration group = sample_configuration(members, group_id);
  group.display_name = std::move(title);
  return group;
}

engine::Configuration home() {
  engine::Configuration a = alpha_configuration();
  a.partners[0].rights.receive.clear();
  a.partners[0].rights.subscribe = {"*"};
  return a;
}

struct Pair {
  McSystems world;
  McSystem& alpha;
  McSystem& bravo;

  explicit Pair(engine::Configuration a = home(), engine::Configuration b = bravo_configuration())
      : alpha(world.add(std::move(a))), bravo(world.add(std::move(b))) {
    alpha.start();
    bravo.start();
    world.pass(DurationMs{2000});
    alpha.import(titled("first"));
    REQUIRE(bravo.subscribe(group_id) == OutcomeKind::done);
    world.pass(DurationMs{100});
    alpha.notes.clear();
    bravo.notes.clear();
  }
  void change(std::string title) {
    alpha.import(titled(std::move(title)));
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

/// A home with a subscriber that says what the test says.
struct Bench {
  McSystems world;
  McSystem& alpha;
  RawPeer bravo;
  explicit Bench(std::uint32_t interval_ms = 0)
      : alpha(start(world)), bravo(world, alpha, "sip:bravo.example") {
    alpha.import(titled("first"));
    bravo.send(wire::build_group_information_subscribe_request(bravo.ask(1), {{group_id, {}}},
                                                               {86'400, interval_ms, {}}));
  }
  static McSystem& start(McSystems& world) {
    McSystem& alpha = world.add(home());
    alpha.start();
    world.settle();
    return alpha;
  }
  struct Notified {
    std::uint64_t exchange = 0;
    std::uint64_t incarnation = 0;
    std::uint64_t revision = 0;
    std::string title;
  };
  std::optional<Notified> next() {
    const auto* envelope = bravo.next(Body::GroupInformationNotifyRequest);
    if (envelope == nullptr) return std::nullopt;
    const auto* body = envelope->body_as_GroupInformationNotifyRequest();
    return Notified{envelope->exchange(), envelope->origin_incarnation(), body->exposed_revision(),
                    body->configuration() == nullptr
                        ? "withdrawn"
                        : body->configuration()->display_name()->str()};
  }
  void answer(const Notified& notified, Cause cause) {
    bravo.send(wire::build_group_information_notify_response(
        bravo.answer(notified.exchange, {notified.incarnation}), group_id, cause));
  }
  /// Time passes and the subscriber is alive.
  void pass(std::int64_t ms) {
    for (; ms > 0; ms -= 10'000) {
      world.pass(DurationMs{std::min<std::int64_t>(ms, 10'000)});
      bravo.send(wire::build_heartbeat(0, 0));
    }
  }
};

}  // namespace

TEST_CASE("when a group changes then its subscriber is notified and serves the change",
          "[10.2.7.5][10.2.2.z][10.2.2.w]") {
  Pair pair;
  pair.change("second");
  CHECK(pair.title() == "second");
  CHECK(count_step(pair.alpha, "10.2.7.5/1") == 1);
  CHECK(count_step(pair.bravo, "10.2.7.5/2") == 1);
  CHECK(count_step(pair.alpha, "10.2.7.5/2") == 1);
  CHECK(pair.bravo.services_notified(group_id) == Services::all());
  CHECK(count(pair.alpha, RecordKind::outbox) == 0);
}

TEST_CASE("when a group changes twice during an outage then one notification follows, the newest",
          "[10.2.7.5]") {
  Pair pair;
  pair.cut();
  pair.change("second");
  pair.change("third");
  pair.alpha.crash();
  pair.alpha.start();
  pair.heal();
  CHECK(pair.title() == "third");
  CHECK(count_step(pair.alpha, "10.2.7.5/1") == 1);
}

TEST_CASE("when one notification is not answered then the next waits, and the newest wins",
          "[10.2.7.5]") {
  Bench bench;
  const auto first = bench.next();
  REQUIRE(first.has_value());
  CHECK(first->title == "first");
  bench.alpha.import(titled("second"));
  bench.alpha.import(titled("third"));
  CHECK_FALSE(bench.next().has_value());
  bench.answer(*first, Cause::none);
  const auto second = bench.next();
  REQUIRE(second.has_value());
  CHECK(second->title == "third");
  CHECK(second->revision == first->revision + 2);
  bench.answer(*second, Cause::none);
  CHECK_FALSE(bench.next().has_value());
  CHECK(count(bench.alpha, RecordKind::outbox) == 0);
}

TEST_CASE("when the subscriber wants a shortest interval then changes wait for it and coalesce",
          "[10.2.7.5]") {
  Bench bench(60'000);
  auto notified = bench.next();
  REQUIRE(notified.has_value());
  bench.answer(*notified, Cause::none);
  for (const char* title : {"a", "b", "c"}) bench.alpha.import(titled(title));
  bench.pass(50'000);
  CHECK_FALSE(bench.next().has_value());
  bench.pass(10'000);
  notified = bench.next();
  REQUIRE(notified.has_value());
  CHECK(notified->title == "c");
  bench.answer(*notified, Cause::none);
  bench.pass(120'000);
  CHECK_FALSE(bench.next().has_value());
}

TEST_CASE("when notifications are refused again and again then the subscription ends",
          "[10.2.7.5]") {
  Bench bench;
  for (std::uint32_t i = 0; i < limits::notify_failures_max; ++i) {
    const auto notified = bench.next();
    REQUIRE(notified.has_value());
    bench.answer(*notified, Cause::home_mismatch);
    bench.pass(limits::push_again_ms);
  }
  CHECK(count(bench.alpha, RecordKind::subscription) == 0);
  CHECK(bench.alpha.refusals(Cause::notifications_failed) == 1);
  CHECK(count(bench.alpha, RecordKind::outbox) == 0);  // no other right entitles it
  CHECK_FALSE(bench.next().has_value());
  SECTION("it subscribes anew and is told") {
    bench.bravo.send(wire::build_group_information_subscribe_request(
        bench.bravo.ask(2), {{group_id, {}}}, {600, 0, {}}));
    CHECK(bench.next().has_value());
  }
}

TEST_CASE("when notifications are not answered then the subscription ends as well", "[10.2.7.5]") {
  Bench bench;
  bench.pass(static_cast<std::int64_t>(limits::notify_failures_max) * limits::exchange_ms);
  CHECK(count(bench.alpha, RecordKind::subscription) == 0);
  CHECK(bench.alpha.refusals(Cause::timed_out) == limits::notify_failures_max);
}

TEST_CASE("when a machine slept while a lease ended and an answer stayed out then it ended once",
          "[10.2.7.4][10.2.7.5]") {
  Bench bench;
  bench.answer(*bench.next(), Cause::none);
  bench.bravo.send(wire::build_group_information_subscribe_request(
      bench.bravo.ask(2), {{group_id, {}}}, {limits::lease_min_s, 0, {}}));
  bench.answer(*bench.next(), Cause::none);
  bench.pass(55'000);
  bench.alpha.import(titled("second"));
  // It wakes when both are over: first the lease, then the patience with who does not answer.
  bench.world.now.mono = bench.world.now.mono + DurationMs{15'000};
  bench.alpha.event(engine::Tick{});
  bench.world.settle();
  CHECK(count(bench.alpha, RecordKind::subscription) == 0);
  CHECK(bench.alpha.refusals(Cause::lease_ended) == 1);
  CHECK(bench.alpha.refusals(Cause::timed_out) == 1);
}

TEST_CASE("when the trouble of a subscriber passes by itself then it keeps its subscription",
          "[10.2.7.5]") {
  Bench bench;
  for (std::uint32_t i = 0; i < 2 * limits::notify_failures_max; ++i) {
    const auto notified = bench.next();
    REQUIRE(notified.has_value());
    bench.answer(*notified, Cause::storage_full);
    bench.pass(limits::push_again_passing_ms);
  }
  CHECK(count(bench.alpha, RecordKind::subscription) == 1);
}

TEST_CASE("when a failing subscriber accepts at last then what failed before is forgotten",
          "[10.2.7.5]") {
  Bench bench;
  bench.answer(bench.next().value(), Cause::none);
  for (int round = 0; round < 2; ++round) {
    bench.alpha.import(titled("round " + std::to_string(round)));
    for (std::uint32_t i = 0; i + 1 < limits::notify_failures_max; ++i) {
      const auto notified = bench.next();
      REQUIRE(notified.has_value());
      bench.answer(*notified, Cause::policy);
      bench.pass(limits::push_again_ms);
    }
    const auto notified = bench.next();
    REQUIRE(notified.has_value());
    bench.answer(*notified, Cause::none);
  }
  CHECK(count(bench.alpha, RecordKind::subscription) == 1);
}

TEST_CASE("when the subscriber says that it never subscribed then it is told no more",
          "[10.2.7.5]") {
  Bench bench;
  const auto notified = bench.next();
  REQUIRE(notified.has_value());
  bench.answer(*notified, Cause::not_subscribed);
  CHECK(count(bench.alpha, RecordKind::subscription) == 0);
  CHECK(count(bench.alpha, RecordKind::outbox) == 0);
}

TEST_CASE("when the policy shows less then the subscriber is notified, or told that it is gone",
          "[10.2.7.5]") {
  engine::Configuration a = home();
  Pair pair(a);
  SECTION("members are hidden") {
    a.partners[0].exposure.hide_members_of_others = true;
    pair.alpha.reload(a);
    pair.world.pass(DurationMs{100});
    CHECK(pair.bravo.effective(group_id)->members.empty());
    CHECK(count(pair.alpha, RecordKind::subscription) == 1);
  }
  SECTION("no service is left") {
    a.partners[0].exposure.drop_services = Services::all();
    pair.alpha.reload(a);
    pair.world.pass(DurationMs{100});
    CHECK_FALSE(pair.bravo.effective(group_id).has_value());
    CHECK(count(pair.alpha, RecordKind::subscription) == 0);  // a withdrawal ends it, at both ends
    CHECK(count_step(pair.alpha, "10.2.7.5/1") == 1);
  }
}

TEST_CASE("when a group is removed then its subscriber drops it and tells its servers",
          "[10.2.7.5]") {
  Pair pair;
  pair.alpha.remove(group_id);
  pair.world.pass(DurationMs{100});
  CHECK_FALSE(pair.bravo.effective(group_id).has_value());
  CHECK(pair.bravo.services_notified(group_id).empty());
  CHECK(count_step(pair.alpha, "10.2.7.5/1") == 1);
  CHECK(count(pair.alpha, RecordKind::subscription) == 0);
  CHECK(count(pair.alpha, RecordKind::exposure) == 0);
  SECTION("defined again, the operator's wish brings it back") {
    pair.alpha.import(titled("again"));
    pair.world.pass(DurationMs{limits::push_again_ms + 1'000});
    CHECK(pair.title() == "again");
  }
}

TEST_CASE("when the answer is lost then the retry gets the same one and has no second effect",
          "[10.2.7.5]") {
  Pair pair;
  pair.world.cut_after("sip:bravo.example", "sip:alpha.example", 1);
  pair.change("second");
  pair.world.pass(DurationMs{40'000});
  CHECK(pair.title() == "second");
  const auto stored = std::ranges::count(pair.bravo.notes, NoteKind::group_stored, &Note::kind);
  CHECK(stored == 1);
}

TEST_CASE("when an answer to no notification comes then it changes nothing", "[10.2.7.5]") {
  Bench bench;
  const auto notified = bench.next();
  REQUIRE(notified.has_value());
  bench.bravo.send(wire::build_group_configuration_provision_response(
      bench.bravo.answer(notified->exchange, {notified->incarnation}), group_id, Cause::none));
  bench.bravo.send(wire::build_group_information_notify_response(
      bench.bravo.answer(notified->exchange + 7, {notified->incarnation}), group_id, Cause::none));
  CHECK(bench.alpha.refusals(Cause::message_unexpected) == 2);
  CHECK(count(bench.alpha, RecordKind::outbox) == 1);
}

TEST_CASE("when the commit of a notification is lost then it was not acknowledged", "[10.2.7.5]") {
  Pair pair;
  pair.bravo.hold_commits = true;
  pair.alpha.import(titled("second"));
  pair.world.pass(DurationMs{100});
  CHECK(count(pair.alpha, RecordKind::outbox) == 1);
  pair.bravo.crash();
  pair.bravo.hold_commits = false;
  pair.bravo.start();
  CHECK(pair.title() == "first");
  pair.world.pass(DurationMs{40'000});
  CHECK(pair.title() == "second");
}

TEST_CASE("when a pushed group is subscribed to then it is notified from then on, once",
          "[10.2.7.5]") {
  engine::Configuration a = home();
  a.partners[0].rights.receive = {"*"};
  Pair pair(a);
  pair.change("second");
  CHECK(count_step(pair.alpha, "10.2.7.5/1") == 1);
  CHECK(count_step(pair.alpha, "10.2.7.2/1") == 0);
  REQUIRE(pair.bravo.unsubscribe(group_id) == OutcomeKind::done);
  pair.change("third");
  CHECK(count_step(pair.alpha, "10.2.7.2/1") == 1);  // it had asked for it, and may receive it
  CHECK(pair.title() == "third");
}
