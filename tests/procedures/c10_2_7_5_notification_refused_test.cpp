// SPDX-License-Identifier: Apache-2.0
// 10.2.7.5: what the partner (bravo) refuses. Topology: bravo, and a home (alpha) that says what
// the test says. Pass: nothing changes, and the cause is counted.

#include <catch2/catch_test_macros.hpp>

#include "core/engine/context.h"
#include "tests/support/configurations.h"
#include "tests/support/raw_peer.h"

using namespace bivouac;
using namespace bivouac::test;
using store::RecordKind;
using wire::fb::Body;

namespace {

const std::string group_id = "sip:fire-1@alpha.example";

GroupConfiguration titled(std::string title) {
  GroupConfiguration group = sample_configuration(3, group_id);
  group.display_name = std::move(title);
  return group;
}

std::size_t count(const McSystem& system, RecordKind kind) {
  const auto records = system.view().scan(store::prefix(kind));
  return static_cast<std::size_t>(std::distance(records.begin(), records.end()));
}

/// A subscriber with a home that says what the test says.
struct Lied {
  McSystems world;
  McSystem& bravo;
  RawPeer alpha;
  std::uint64_t exchange = 0;
  explicit Lied(bool subscribed = true)
      : bravo(start(world)), alpha(world, bravo, "sip:alpha.example") {
    if (!subscribed) return;
    begin(bravo, wire::build_group_subscribe_request(group_id, 0));
    world.settle();
    const auto* asked = alpha.next(Body::GroupInformationSubscribeRequest);
    REQUIRE(asked != nullptr);
    alpha.send(wire::build_group_information_subscribe_response(
        alpha.answer(asked->exchange(), {asked->origin_incarnation()}), 3'600,
        {{group_id, Cause::none, {5}}}));
  }
  static McSystem& start(McSystems& world) {
    McSystem& bravo = world.add(bravo_configuration());
    bravo.start();
    world.settle();
    return bravo;
  }
  Cause notify(ExposedRevision revision, const GroupConfiguration* group,
               std::uint64_t same_exchange = 0) {
    const std::uint64_t id = same_exchange != 0 ? same_exchange : ++exchange;
    alpha.send(
        wire::build_group_information_notify_request(alpha.ask(id), group_id, revision, group));
    const auto* answer = alpha.next(Body::GroupInformationNotifyResponse);
    REQUIRE(answer != nullptr);
    CHECK(answer->exchange() == id);
    const auto* body = answer->body_as_GroupInformationNotifyResponse();
    return engine::outcome(body->result(), body->cause());
  }
  std::string title() { return bravo.effective(group_id)->display_name; }
};

}  // namespace

TEST_CASE("when a notification comes again, late or unasked then nothing changes and it is counted",
          "[10.2.7.5]") {
  const GroupConfiguration fifth = titled("fifth");
  const GroupConfiguration fourth = titled("fourth");
  SECTION("replayed: the same answer") {
    Lied lied;
    CHECK(lied.notify({5}, &fifth) == Cause::none);
    const std::size_t stored = count(lied.bravo, RecordKind::answer);
    CHECK(lied.notify({5}, &fourth, 1) == Cause::none);  // whatever else it says now
    CHECK(lied.title() == "fifth");
    CHECK(count(lied.bravo, RecordKind::answer) == stored);
  }
  SECTION("reordered: the older one is refused") {
    Lied lied;
    CHECK(lied.notify({5}, &fifth) == Cause::none);
    CHECK(lied.notify({4}, &fourth) == Cause::revision_stale);
    CHECK(lied.notify({4}, nullptr) == Cause::revision_stale);
    CHECK(lied.title() == "fifth");
    CHECK(lied.bravo.refusals(Cause::revision_stale) == 2);
  }
  SECTION("nobody subscribed") {
    Lied lied(false);
    CHECK(lied.notify({5}, &fifth) == Cause::not_subscribed);
    CHECK(lied.notify({6}, nullptr) == Cause::not_subscribed);
    CHECK_FALSE(lied.bravo.effective(group_id).has_value());
    CHECK(lied.bravo.refusals(Cause::not_subscribed) == 2);
    CHECK(count(lied.bravo, RecordKind::answer) == 0);
  }
  SECTION("the subscription was ended") {
    Lied lied;
    CHECK(lied.notify({5}, &fifth) == Cause::none);
    begin(lied.bravo, wire::build_group_unsubscribe_request(group_id), 900'001);
    lied.world.settle();
    const GroupConfiguration sixth = titled("sixth");
    CHECK(lied.notify({6}, &sixth) == Cause::not_subscribed);
    CHECK(lied.title() == "fifth");
  }
  SECTION("of a group that names another home") {
    Lied lied;
    GroupConfiguration foreign = titled("foreign");
    foreign.home_system = "sip:charlie.example";
    CHECK(lied.notify({5}, &foreign) == Cause::home_mismatch);
    CHECK(lied.bravo.refusals(Cause::home_mismatch) == 1);
  }
}
