// SPDX-License-Identifier: Apache-2.0
// What a proxy takes and what it sends on, and what a proxy can do to us that lies: nothing.
#include <catch2/catch_test_macros.hpp>

#include "core/node/forwarding.h"
#include "tests/support/configurations.h"
#include "tests/support/proxy_configurations.h"
#include "tests/support/raw_peer.h"

using namespace bivouac;
using namespace bivouac::test;
using node::forwarding::Facts;
using wire::fb::Body;

namespace {

const std::string group_id = "sip:fire-1@alpha.example";
const std::string alpha_id = "sip:alpha.example";
const std::string bravo_id = "sip:bravo.example";
const std::string proxy_id = "sip:proxy.example";

/// The proxy, with neighbours that say what the test says.
struct Middle {
  McSystems world;
  McSystem& proxy =
      world.add(proxy_configuration(proxy_id, {alpha_id, alpha_id}, {bravo_id, bravo_id}));
  Middle() {
    proxy.start();
    world.settle();
  }
};

wire::Address from_alpha(std::uint64_t exchange, std::uint32_t remaining_ms = 10'000) {
  return {alpha_id, bravo_id, {exchange}, {77}, {}, remaining_ms};
}

Bytes pull(const wire::Address& address) {
  return wire::build_group_configuration_request(address, group_id, {}, {});
}

/// Alpha, whose partner bravo lies behind a proxy that says what the test says.
struct End {
  McSystems world;
  McSystem& alpha = world.add(behind_proxy(alpha_configuration(), bravo_id, proxy_id, Dials::no));
  RawPeer proxy{world, (alpha.start(), alpha), proxy_id};

  /// In the name of bravo.
  wire::Address ask(std::uint64_t exchange, std::uint64_t incarnation = 500) {
    return {bravo_id, alpha_id, {exchange}, {incarnation}, {}, 10'000};
  }
  wire::Address answer(const wire::fb::Envelope& asked, std::uint64_t incarnation = 500) {
    return {bravo_id,      alpha_id, {asked.exchange()}, {asked.origin_incarnation()}, {}, 0, {},
            {incarnation}, 0};
  }
  const wire::fb::Envelope* next_presence() {
    while (proxy.next() != nullptr) {  // the older ones do not count any more
    }
    world.pass(DurationMs{limits::presence_ms});
    return proxy.next(Body::PresenceRequest);
  }
  void say_that_bravo_is_there(std::uint64_t incarnation = 500, std::uint32_t boots = 1) {
    const auto* asked = next_presence();
    REQUIRE(asked != nullptr);
    wire::Address address = answer(*asked, incarnation);
    address.frame_bytes_max = 10'000;
    proxy.send(wire::build_presence_response(address, boots));
  }
  bool is_up() { return alpha.gateway().links_up() == 2; }
};

}  // namespace

TEST_CASE("when a message is for another then the first thing that is wrong decides") {
  Facts good;
  good.may_speak = good.between_systems = good.may_forward = good.has_route = true;
  good.reachable = good.fits = good.has_room = true;
  CHECK(decide(good) == Cause::none);
  struct Row {
    bool Facts::* fact;
    Cause cause;
  };
  // In the order in which they count: each is wrong together with all that follow.
  const Row rows[] = {{&Facts::may_speak, Cause::origin_not_permitted},
                      {&Facts::from_self, Cause::route_loop},
                      {&Facts::between_systems, Cause::message_unexpected},
                      {&Facts::may_forward, Cause::target_unknown},
                      {&Facts::has_route, Cause::target_unknown},
                      {&Facts::goes_back, Cause::route_loop},
                      {&Facts::reachable, Cause::unreachable},
                      {&Facts::fits, Cause::frame_too_long},
                      {&Facts::has_room, Cause::overloaded}};
  Facts facts = good;
  for (auto row = std::rbegin(rows); row != std::rend(rows); ++row) {
    facts.*(row->fact) = !(good.*(row->fact));
    CHECK(decide(facts) == row->cause);
  }
}

TEST_CASE("when a proxy sends on then hops and time change, and nothing else") {
  Middle bench;
  RawPeer alpha(bench.world, bench.proxy, alpha_id);
  RawPeer bravo(bench.world, bench.proxy, bravo_id);
  const Bytes sent = pull(from_alpha(5));
  SECTION("at once") {
    alpha.send(sent);
    const auto* came = bravo.next(Body::GroupConfigurationRequest);
    REQUIRE(came != nullptr);
    CHECK(came->remaining_ms() == 10'000);
    CHECK(came->origin()->string_view() == alpha_id);
    CHECK(bravo.hops() == 1);
    Bytes expected = sent;
    expected[5] = 1;
    CHECK(bravo.current() == expected);
  }
  SECTION("after it arrived slowly") {
    alpha.send(ByteView(sent).first(20));
    bench.world.pass(DurationMs{4'000});
    alpha.send(ByteView(sent).subspan(20));
    const auto* came = bravo.next(Body::GroupConfigurationRequest);
    REQUIRE(came != nullptr);
    CHECK(came->remaining_ms() == 6'000);
    CHECK(came->exchange() == 5);
  }
  SECTION("too late") {
    alpha.send(ByteView(sent).first(20));
    bench.world.pass(DurationMs{10'000});
    alpha.send(ByteView(sent).subspan(20));
    CHECK(bravo.next(Body::GroupConfigurationRequest) == nullptr);
    const auto* refusal = alpha.next(Body::Refusal);
    REQUIRE(refusal != nullptr);
    CHECK(refusal->body_as_Refusal()->cause() == static_cast<std::uint16_t>(Cause::timed_out));
    CHECK(refusal->origin()->string_view() == bravo_id);  // in the name of who was asked
    CHECK(refusal->answerer_incarnation() == 0);          // and in that of no store
  }
}

TEST_CASE("when the next hop cannot be reached then only a request is answered") {
  Middle bench;
  RawPeer alpha(bench.world, bench.proxy, alpha_id);
  alpha.send(pull(from_alpha(5)));
  const auto* refusal = alpha.next(Body::Refusal);
  REQUIRE(refusal != nullptr);
  CHECK(refusal->exchange() == 5);
  CHECK(refusal->body_as_Refusal()->cause() == static_cast<std::uint16_t>(Cause::unreachable));
  alpha.send(wire::build_group_configuration_response(from_alpha(6, 0), group_id,
                                                      Cause::group_unknown, {}, nullptr));
  CHECK(alpha.next(Body::Refusal) == nullptr);
  CHECK(bench.proxy.refusals(Cause::unreachable) == 2);
}

TEST_CASE("when a message goes round then a proxy refuses it") {
  Middle bench;
  RawPeer alpha(bench.world, bench.proxy, alpha_id);
  RawPeer bravo(bench.world, bench.proxy, bravo_id);
  Bytes often = pull(from_alpha(5));
  SECTION("it has come over as many hops as there may be") {
    often[5] = limits::hops_max;
    alpha.send(often);
    const auto* refusal = alpha.next(Body::Refusal);
    REQUIRE(refusal != nullptr);
    CHECK(refusal->body_as_Refusal()->cause() == static_cast<std::uint16_t>(Cause::hops_exceeded));
    CHECK(bench.proxy.refusals(Cause::hops_exceeded) == 1);
  }
  SECTION("one hop less is good") {
    often[5] = limits::hops_max - 1;
    alpha.send(often);
    REQUIRE(bravo.next(Body::GroupConfigurationRequest) != nullptr);
    CHECK(bravo.hops() == limits::hops_max);
  }
  SECTION("it is our own") {
    engine::Configuration all =
        proxy_configuration(proxy_id, {alpha_id, alpha_id}, {bravo_id, bravo_id});
    all.partners[0].speaks_for = {"*"};
    bench.proxy.reload(all);
    wire::Address address = from_alpha(5);
    address.origin = proxy_id;
    alpha.send(pull(address));
    CHECK(alpha.next(Body::Refusal) == nullptr);  // it would be an answer to ourselves
    CHECK(bench.proxy.refusals(Cause::route_loop) == 1);
  }
  CHECK(bravo.next(Body::GroupConfigurationRequest) == nullptr);
}

TEST_CASE("when a neighbour speaks for a system that it may not then nothing goes on") {
  Middle bench;
  RawPeer alpha(bench.world, bench.proxy, alpha_id);
  RawPeer bravo(bench.world, bench.proxy, bravo_id);
  wire::Address address = from_alpha(5);
  address.origin = "sip:charlie.example";
  alpha.send(pull(address));
  CHECK(bravo.next(Body::GroupConfigurationRequest) == nullptr);
  CHECK(alpha.next(Body::Refusal) == nullptr);
  CHECK(bench.proxy.refusals(Cause::origin_not_permitted) == 1);
  CHECK(alpha.is_open());
}

TEST_CASE("when a message stays within a system by its nature then no proxy sends it on") {
  Middle bench;
  RawPeer alpha(bench.world, bench.proxy, alpha_id);
  RawPeer bravo(bench.world, bench.proxy, bravo_id);
  const GroupConfiguration group = sample_configuration(1, group_id);
  alpha.send(wire::build_notify_group_configuration_request(from_alpha(5), group_id, Service::mcptt,
                                                            &group));
  bravo.next(Body::Hello);
  CHECK(bravo.next() == nullptr);
  CHECK(bench.proxy.refusals(Cause::message_unexpected) == 1);
}

TEST_CASE("when a proxy does not know a message then its target may") {
  Middle bench;
  RawPeer alpha(bench.world, bench.proxy, alpha_id);
  RawPeer bravo(bench.world, bench.proxy, bravo_id);
  flatbuffers::FlatBufferBuilder builder;
  const auto body = wire::fb::CreateHeartbeat(builder, 1, 2);
  const auto newer = static_cast<Body>(200);
  alpha.send(wire::finish_frame(builder, from_alpha(5), newer, body.Union()));
  CHECK(bravo.next(newer) != nullptr);
}

TEST_CASE("when a message says what its target must judge then a proxy does not judge it") {
  Middle bench;
  RawPeer alpha(bench.world, bench.proxy, alpha_id);
  RawPeer bravo(bench.world, bench.proxy, bravo_id);
  alpha.send(wire::build_group_configuration_request(from_alpha(5), "not an identity", {}, {}));
  CHECK(bravo.next(Body::GroupConfigurationRequest) != nullptr);
}

TEST_CASE("when the next hop takes shorter frames only then a longer one is refused") {
  Middle bench;
  RawPeer alpha(bench.world, bench.proxy, alpha_id);
  RawPeer bravo(bench.world, bench.proxy, bravo_id, {78}, RawPeer::Greets::no);
  bravo.send(build_other_hello(bravo_id, wire::protocol_version, 2'000));
  const GroupConfiguration group = sample_configuration(60, group_id);
  alpha.send(
      wire::build_group_configuration_provision_request(from_alpha(5), group_id, {1}, &group));
  CHECK(bravo.next(Body::GroupConfigurationProvisionRequest) == nullptr);
  const auto* refusal = alpha.next(Body::Refusal);
  REQUIRE(refusal != nullptr);
  CHECK(refusal->body_as_Refusal()->cause() == static_cast<std::uint16_t>(Cause::frame_too_long));
}

TEST_CASE("when fields lie over one another then a proxy does not write into them") {
  Middle bench;
  RawPeer alpha(bench.world, bench.proxy, alpha_id);
  RawPeer bravo(bench.world, bench.proxy, bravo_id);
  // The time that is left is said to lie in the name of the origin.
  Bytes frame = pull(from_alpha(5));
  {
    auto* body = frame.data() + limits::frame_header_bytes;
    auto* table = flatbuffers::GetMutableRoot<flatbuffers::Table>(body);
    const auto* origin = wire::fb::GetEnvelope(body)->origin();
    const auto* start = reinterpret_cast<const std::uint8_t*>(table);
    auto* vtable = const_cast<std::uint8_t*>(table->GetVTable());
    // A string lies behind its table here, at a multiple of four.
    const auto at = origin->Data() - start;
    REQUIRE(at > 0);
    flatbuffers::WriteScalar(vtable + wire::fb::Envelope::VT_REMAINING_MS,
                             static_cast<flatbuffers::voffset_t>(at));
  }
  alpha.send(ByteView(frame).first(20));
  bench.world.pass(DurationMs{1});
  alpha.send(ByteView(frame).subspan(20));
  CHECK(bravo.next(Body::GroupConfigurationRequest) == nullptr);
  CHECK_FALSE(alpha.is_open());
  CHECK(bravo.is_open());
  CHECK(bench.proxy.refusals(Cause::envelope_malformed) == 1);
}

TEST_CASE("when a system behind a proxy answers then it is up, until it is silent") {
  End bench;
  CHECK_FALSE(bench.is_up());
  bench.say_that_bravo_is_there();
  CHECK(bench.is_up());
  // The proxy goes on, the system behind it does not.
  for (int i = 0; i < 4; ++i) {
    bench.world.pass(DurationMs{8'000});
    bench.proxy.send(wire::build_heartbeat(1, 0));
  }
  CHECK_FALSE(bench.is_up());
  CHECK(bench.alpha.refusals(Cause::silent) == 1);
  bench.say_that_bravo_is_there();
  CHECK(bench.is_up());
}

TEST_CASE("when an answer comes of another life of a system behind a proxy then it is no answer") {
  End bench;
  bench.say_that_bravo_is_there();
  begin(bench.alpha, wire::build_group_fetch_request("sip:own@bravo.example", {}));
  bench.world.settle();
  const auto* asked = bench.proxy.next(Body::GroupConfigurationRequest);
  REQUIRE(asked != nullptr);
  const GroupConfiguration group = sample_configuration(2, "sip:own@bravo.example", bravo_id);
  for (const std::uint64_t incarnation : {0U, 501U}) {
    bench.proxy.send(wire::build_group_configuration_response(
        bench.answer(*asked, incarnation), group.group_id, Cause::none, {1}, &group));
  }
  CHECK(bench.alpha.refusals(Cause::exchange_expired) == 2);
  CHECK_FALSE(bench.alpha.effective(group.group_id).has_value());
  bench.proxy.send(wire::build_group_configuration_response(bench.answer(*asked), group.group_id,
                                                            Cause::none, {1}, &group));
  CHECK(bench.alpha.effective(group.group_id) == group);
}

TEST_CASE("when a system behind a proxy asks before it has greeted then it is to greet") {
  End bench;
  bench.proxy.send(pull(bench.ask(5)));
  const auto* refusal = bench.proxy.next(Body::Refusal);
  REQUIRE(refusal != nullptr);
  CHECK(refusal->body_as_Refusal()->cause() == static_cast<std::uint16_t>(Cause::unreachable));
  wire::Address address = bench.ask(6);
  address.frame_bytes_max = 10'000;
  bench.proxy.send(wire::build_presence_request(address, 1));
  const auto* answer = bench.proxy.next(Body::PresenceResponse);
  REQUIRE(answer != nullptr);
  CHECK(answer->answerer_incarnation() != 0);
  bench.proxy.send(pull(bench.ask(7)));
  CHECK(bench.proxy.next(Body::GroupConfigurationResponse) != nullptr);
  bench.proxy.send(pull(bench.ask(8, 501)));  // of a store that it did not tell
  CHECK(bench.alpha.refusals(Cause::exchange_expired) == 1);
}

TEST_CASE("when a system behind a proxy is in another run then it was down") {
  End bench;
  bench.say_that_bravo_is_there(500, 1);
  REQUIRE(bench.is_up());
  wire::Address address = bench.ask(6);
  address.frame_bytes_max = 10'000;
  bench.proxy.send(wire::build_presence_request(address, 2));
  CHECK_FALSE(bench.is_up());
  bench.say_that_bravo_is_there(500, 2);
  CHECK(bench.is_up());
}

TEST_CASE("when a sign of life is not what it should be then it is refused") {
  End bench;
  wire::Address address = bench.ask(6);
  address.frame_bytes_max = 10'000;
  SECTION("it answers nothing") {
    address.origin_incarnation = {bench.next_presence()->origin_incarnation()};
    address.answerer_incarnation = {500};
    address.exchange = {999'999};
    bench.proxy.send(wire::build_presence_response(address, 1));
    CHECK(bench.alpha.refusals(Cause::message_unexpected) == 1);
  }
  SECTION("a neighbour has heartbeats for it") {
    address.origin = proxy_id;
    bench.proxy.send(wire::build_presence_request(address, 1));
    CHECK(bench.alpha.refusals(Cause::message_unexpected) == 1);
  }
  SECTION("it speaks another version") {
    flatbuffers::FlatBufferBuilder builder;
    const auto body = wire::fb::CreatePresenceRequest(builder, wire::protocol_version + 1, 1);
    bench.proxy.send(wire::finish_frame(builder, address, Body::PresenceRequest, body.Union()));
    CHECK(bench.alpha.refusals(Cause::protocol_version) == 1);
    CHECK(bench.proxy.next(Body::Refusal) != nullptr);
  }
  CHECK_FALSE(bench.is_up());
}

TEST_CASE("when a proxy speaks for a system that is no partner then it is told so") {
  McSystems world;
  engine::Configuration wide = behind_proxy(alpha_configuration(), bravo_id, proxy_id, Dials::no);
  for (engine::Partner& partner : wide.partners) {
    if (partner.via.empty()) partner.speaks_for = {"sip:*.example"};
  }
  McSystem& alpha = world.add(wide);
  alpha.start();
  RawPeer proxy(world, alpha, proxy_id);
  proxy.send(pull({"sip:stranger.example", alpha_id, {5}, {9}, {}, 1'000}));
  CHECK(alpha.refusals(Cause::identity_unknown) == 1);
  CHECK(proxy.next(Body::Refusal) != nullptr);
  proxy.send(pull({alpha_id, alpha_id, {5}, {9}, {}, 1'000}));  // in our own name
  CHECK(alpha.refusals(Cause::origin_not_permitted) == 1);
}

TEST_CASE("when a system behind a proxy connects by itself then it is not let in") {
  End bench;
  const RawPeer bravo(bench.world, bench.alpha, bravo_id);
  CHECK_FALSE(bravo.is_open());
  CHECK(bench.alpha.refusals(Cause::identity_unknown) == 1);
}

TEST_CASE("when the way takes shorter frames than we do then longer ones are not sent") {
  End bench;
  bench.say_that_bravo_is_there();
  GroupConfiguration group = sample_configuration(300, group_id);
  for (const GroupMember& member : sample_members(1, "bravo.example"))
    group.members.push_back(member);
  sort_members(group);
  bench.alpha.import(group);
  CHECK(bench.proxy.next(Body::GroupConfigurationProvisionRequest) == nullptr);
  CHECK(bench.alpha.refusals(Cause::frame_too_long) == 1);
}
