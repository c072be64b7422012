// SPDX-License-Identifier: Apache-2.0
// Sessions and dials: who may speak, when a link is up or dead, and when it is dialled again.

#include <catch2/catch_test_macros.hpp>

#include "tests/support/configurations.h"
#include "tests/support/gateway_bench.h"
#include "tests/support/raw_peer.h"

using namespace bivouac;
using namespace bivouac::test;
using engine::Outgoing;
using wire::fb::Body;

namespace {

struct Bench {
  McSystems world;
  McSystem& alpha = world.add(alpha_configuration());
  Bench() {
    alpha.start();
    world.settle();
  }
};

/// A configuration with so many partners, none of whom is dialled.
engine::Configuration with_partners(std::size_t count) {
  engine::Configuration configuration;
  configuration.system_id = "sip:alpha.example";
  for (std::size_t i = 0; i < count; ++i) {
    char name[32];
    std::snprintf(name, sizeof name, "sip:p%04zu.example", i);
    engine::Partner partner;
    partner.system_id = name;
    configuration.partners.push_back(partner);
  }
  return configuration;
}

}  // namespace

TEST_CASE("when a peer says Hello then the link is up, with its incarnation") {
  Bench bench;
  RawPeer bravo(bench.world, bench.alpha, "sip:bravo.example", {77}, RawPeer::Greets::no);
  CHECK(bravo.next(Body::Hello) != nullptr);
  CHECK(bench.alpha.gateway().links_up() == 0);
  bravo.send(wire::build_hello(bravo.id(), {77}));
  CHECK(bench.alpha.gateway().links_up() == 1);
}

TEST_CASE("when a Hello is wrong then the connection is closed, and the cause counted") {
  Bench bench;
  RawPeer bravo(bench.world, bench.alpha, "sip:bravo.example", {77}, RawPeer::Greets::no);
  SECTION("repeated") {
    bravo.send(wire::build_hello(bravo.id(), {77}));
    bravo.send(wire::build_hello(bravo.id(), {77}));
    CHECK(bench.alpha.refusals(Cause::hello_repeated) == 1);
  }
  SECTION("of another system") {
    bravo.send(wire::build_hello("sip:charlie.example", {77}));
    CHECK(bench.alpha.refusals(Cause::identity_mismatch) == 1);
  }
  SECTION("late") {
    bench.world.pass(DurationMs{limits::hello_ms + 1});
    CHECK(bench.alpha.refusals(Cause::hello_late) == 1);
  }
  SECTION("of another protocol version") {
    bravo.send(build_other_hello(bravo.id(), 2, limits::frame_bytes_max));
    CHECK(bench.alpha.refusals(Cause::protocol_version) == 1);
  }
  SECTION("not there before another message") {
    bravo.send(
        wire::build_group_configuration_request(bravo.ask(1), "sip:g@alpha.example", {}, {}));
    CHECK(bench.alpha.refusals(Cause::frame_before_hello) == 1);
  }
  CHECK_FALSE(bravo.is_open());
  CHECK(bench.alpha.gateway().links_up() == 0);
}

TEST_CASE("when framing is broken then the connection is closed, and the cause counted") {
  Bench bench;
  RawPeer bravo(bench.world, bench.alpha, "sip:bravo.example");
  SECTION("too long") {
    Bytes header(limits::frame_header_bytes);
    wire::write_header({.body_bytes = limits::frame_bytes_max + 1, .hops = 0}, header);
    bravo.send(header);
    CHECK(bench.alpha.refusals(Cause::frame_too_long) == 1);
  }
  SECTION("not an envelope") {
    Bytes frame(limits::frame_header_bytes + 64, 0xA5);
    wire::write_header({.body_bytes = 64, .hops = 0}, frame);
    bravo.send(frame);
    CHECK(bench.alpha.refusals(Cause::frame_identifier) == 1);
  }
  CHECK_FALSE(bravo.is_open());
}

TEST_CASE("when nobody known connects then the connection is closed") {
  Bench bench;
  RawPeer stranger(bench.world, bench.alpha, "sip:stranger.example");
  CHECK_FALSE(stranger.is_open());
  CHECK(bench.alpha.refusals(Cause::identity_unknown) == 1);
}

TEST_CASE("when a message is of no known type then it is refused, and the link stays") {
  Bench bench;
  RawPeer bravo(bench.world, bench.alpha, "sip:bravo.example");
  Bytes frame = wire::build_refusal(bravo.ask(5), Cause::policy);
  auto* envelope =
      flatbuffers::GetMutableRoot<flatbuffers::Table>(frame.data() + limits::frame_header_bytes);
  REQUIRE(envelope->SetField<std::uint8_t>(wire::fb::Envelope::VT_BODY_TYPE, 200, 0));
  bravo.send(frame);
  CHECK(bench.alpha.refusals(Cause::message_unknown) == 1);
  CHECK(bravo.next(Body::Refusal) != nullptr);
  CHECK(bravo.is_open());
}

TEST_CASE("when a peer is silent for 30 s then the link is dead, and any byte keeps it alive") {
  Bench bench;
  RawPeer bravo(bench.world, bench.alpha, "sip:bravo.example");
  bench.world.pass(DurationMs{limits::peer_dead_ms - 1'000});
  REQUIRE(bravo.is_open());
  bravo.send(Bytes{0});  // not even a header
  bench.world.pass(DurationMs{limits::peer_dead_ms - 1'000});
  REQUIRE(bravo.is_open());
  bench.world.pass(DurationMs{2'000});
  CHECK_FALSE(bravo.is_open());
  CHECK(bench.alpha.refusals(Cause::silent) == 1);
}

TEST_CASE("when a partner comes over two sessions then the newest that greets counts") {
  Bench bench;
  RawPeer first(bench.world, bench.alpha, "sip:bravo.example");
  RawPeer second(bench.world, bench.alpha, "sip:bravo.example", {77}, RawPeer::Greets::no);
  CHECK(first.is_open());  // not yet authenticated is not yet newer
  second.send(wire::build_hello(second.id(), {77}));
  CHECK_FALSE(first.is_open());
  CHECK(second.is_open());
  CHECK(bench.alpha.gateway().links_up() == 1);
}

TEST_CASE("when one partner opens many sessions then others still find a place") {
  Bench bench;
  std::vector<RawPeer> many;
  for (std::size_t i = 0; i < limits::sessions_per_partner_max + 2; ++i) {
    many.emplace_back(bench.world, bench.alpha, "sip:bravo.example", Incarnation{77},
                      RawPeer::Greets::no);
  }
  CHECK(bench.alpha.refusals(Cause::overloaded) == 2);
}

TEST_CASE("when a reload removes a partner then its session ends and nothing of it is heard") {
  Bench bench;
  RawPeer bravo(bench.world, bench.alpha, "sip:bravo.example");
  engine::Configuration alone = alpha_configuration();
  alone.partners.clear();
  bench.alpha.reload(alone);
  CHECK_FALSE(bravo.is_open());
  CHECK(bench.alpha.refusals(Cause::identity_unknown) == 1);
  CHECK(bench.alpha.gateway().links_up() == 0);
  bench.alpha.reload(alpha_configuration());
  RawPeer again(bench.world, bench.alpha, "sip:bravo.example");
  CHECK(bench.alpha.gateway().links_up() == 1);
}

TEST_CASE("when more sessions end at once than a step may close then all of them end") {
  GatewayBench bench(with_partners(limits::partners_max));
  std::uint32_t connection = 0;
  for (const engine::Partner& partner : with_partners(limits::partners_max).partners) {
    for (int i = 0; i < 2; ++i)
      bench.feed(engine::PeerUp{{++connection}, partner.system_id, false});
  }
  REQUIRE(connection == limits::connections_max);
  SECTION("at a stop") {
    bench.feed(engine::Stop{});
    CHECK(bench.closed(Cause::none) == limits::connections_max);
  }
  SECTION("at a reload") {
    bench.reload(with_partners(0));
    CHECK(bench.closed(Cause::identity_unknown) == limits::connections_max);
    bench.pass(10'000);
    CHECK(store::View(bench.table).scan(store::prefix(store::RecordKind::recheck)).empty());
  }
}

TEST_CASE("when a dial fails then the next ones follow with growing waits, below the cap") {
  GatewayBench bench(bravo_configuration());
  MonoMs before = bench.now.mono;
  bench.pass(limits::dial_first_ms);
  REQUIRE(bench.count(Outgoing::Kind::dial) == 1);
  std::int64_t longest = 0;
  for (std::size_t i = 1; i <= 40; ++i) {
    bench.feed(engine::DialFailed{"sip:alpha.example"});
    before = bench.now.mono;
    while (bench.count(Outgoing::Kind::dial) == i) bench.pass(10);
    longest = std::max(longest, (bench.now.mono - before).ms);
    REQUIRE((bench.now.mono - before).ms <= limits::dial_cap_ms + 10);
    if (i == 1) CHECK((bench.now.mono - before).ms <= 2 * limits::dial_first_ms + 10);
  }
  CHECK(longest > limits::dial_cap_ms / 2);  // full jitter: anything up to the cap

  SECTION("the back-off goes on after a restart, its first try within a second") {
    GatewayBench again(bravo_configuration(), bench);
    again.pass(limits::dial_first_ms);
    REQUIRE(again.count(Outgoing::Kind::dial) == 1);
    std::int64_t widest = 0;
    for (std::size_t i = 1; i <= 10; ++i) {
      again.feed(engine::DialFailed{"sip:alpha.example"});
      const MonoMs failed = again.now.mono;
      while (again.count(Outgoing::Kind::dial) == i) again.pass(10);
      widest = std::max(widest, (again.now.mono - failed).ms);
    }
    CHECK(widest > 4 * limits::dial_first_ms);
  }
}

TEST_CASE("when the node is full then a dialled connection is refused and dialled again") {
  engine::Configuration configuration = with_partners(limits::connections_max / 3 + 2);
  configuration.partners[0].addresses = {"127.0.0.1:1"};
  const std::string first = configuration.partners[0].system_id;
  GatewayBench bench(configuration);
  std::uint32_t connection = 0;
  for (std::size_t i = 1; connection < limits::connections_max; ++i) {
    for (int j = 0; j < 3; ++j)
      bench.feed(engine::PeerUp{{++connection}, configuration.partners[i].system_id, false});
  }
  bench.pass(limits::dial_first_ms);
  REQUIRE(bench.count(Outgoing::Kind::dial) == 1);
  bench.feed(engine::PeerUp{{9'999}, first, true});
  CHECK(bench.closed(Cause::overloaded) >= 1);
  bench.feed(engine::PeerDown{{9'999}});
  bench.pass(limits::dial_cap_ms);
  CHECK(bench.count(Outgoing::Kind::dial) == 2);
}

TEST_CASE("when a reload moves the partners then a dial that waits is still of its partner") {
  engine::Configuration b = bravo_configuration();
  GatewayBench bench(b);
  engine::Partner earlier;
  earlier.system_id = "sip:aaa.example";
  b.partners.insert(b.partners.begin(), earlier);
  bench.reload(b);
  bench.pass(limits::dial_first_ms);
  REQUIRE(bench.count(Outgoing::Kind::dial) == 1);
  for (const Outgoing& out : bench.out) {
    if (out.kind == Outgoing::Kind::dial) CHECK(out.system_id == "sip:alpha.example");
  }
}

TEST_CASE("when both ends dial then one session is left, whoever was first") {
  for (std::int64_t head_start = 0; head_start < 1'200; head_start += 100) {
    McSystems world;
    engine::Configuration a = alpha_configuration();
    a.partners[0].addresses = {"127.0.0.1:1"};
    McSystem& alpha = world.add(a);
    McSystem& bravo = world.add(bravo_configuration());
    alpha.start();
    world.pass(DurationMs{head_start});
    bravo.start();
    world.pass(DurationMs{60'000});
    CHECK(alpha.gateway().links_up() == 1);
    CHECK(bravo.gateway().links_up() == 1);
  }
}

TEST_CASE("when a frame was forwarded too often then it is refused, and the link stays") {
  Bench bench;
  RawPeer bravo(bench.world, bench.alpha, "sip:bravo.example");
  const auto with_hops = [&](std::uint8_t hops) {
    Bytes frame =
        wire::build_group_configuration_request(bravo.ask(hops), "sip:g@alpha.example", {}, {});
    const auto body_bytes = static_cast<std::uint32_t>(frame.size() - limits::frame_header_bytes);
    wire::write_header({.body_bytes = body_bytes, .hops = hops}, frame);
    return frame;
  };
  bravo.send(with_hops(limits::hops_max));
  CHECK(bench.alpha.refusals(Cause::hops_exceeded) == 0);
  CHECK(bravo.next(Body::GroupConfigurationResponse) != nullptr);
  bravo.send(with_hops(limits::hops_max + 1));
  CHECK(bench.alpha.refusals(Cause::hops_exceeded) == 1);
  const auto* refusal = bravo.next();
  REQUIRE(refusal != nullptr);
  REQUIRE(refusal->body_type() == Body::Refusal);
  CHECK(refusal->body_as_Refusal()->cause() == static_cast<std::uint16_t>(Cause::hops_exceeded));
  CHECK(bravo.is_open());
}
