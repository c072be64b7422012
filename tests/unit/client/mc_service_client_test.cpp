// SPDX-License-Identifier: Apache-2.0
// The client's end, against a system that says what the test says.
#include "core/client/mc_service_client.h"

#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "tests/support/configurations.h"
#include "tests/support/user_profiles.h"

using namespace bivouac;
using client::McServiceClient;
using client::Report;

namespace {

const std::string ben = "sip:ben@bravo.example";
const std::string bravo = "sip:bravo.example";
const std::string group_id = "sip:fire-1@alpha.example";
constexpr Incarnation system_incarnation{99};

/// Feeds a client and keeps what it sends.
struct Bench {
  McServiceClient client{{ben, "phone", bravo, {}, true}, 7};
  Now now{{1'000}, {1'760'000'000'000}};
  std::vector<Bytes> sent;
  std::vector<engine::Outgoing> others;
  std::vector<Report> reports;

  Bench() { step(engine::Boot{}); }
  void step(const engine::Event& event) {
    engine::Effects effects;
    client.step(now, event, effects);
    take(effects);
  }
  template <class Wish>
  void wish(const Wish& wish) {
    engine::Effects effects;
    wish(effects);
    take(effects);
  }
  void take(const engine::Effects& effects) {
    for (const engine::Outgoing& out : effects.urgent()) sent.push_back(*out.frame);
    for (const engine::Outgoing& out : effects.outgoing()) {
      if (out.kind == engine::Outgoing::Kind::send) {
        sent.push_back(*out.frame);
      } else {
        others.push_back(out);
      }
    }
    for (Report& one : client.take_reports()) reports.push_back(std::move(one));
  }
  void up(const std::string& identity = bravo) { step(engine::PeerUp{{1}, identity, true}); }
  void hear(const Bytes& frame) {
    for (std::size_t at = 0; at < frame.size(); at += limits::connection_buffer_bytes) {
      const std::size_t size = std::min(limits::connection_buffer_bytes, frame.size() - at);
      step(engine::BytesIn{{1}, ByteView(frame).subspan(at, size)});
    }
  }
  void greet() {
    up();
    hear(wire::build_hello(bravo, system_incarnation));
  }
  const wire::fb::Envelope& last() const {
    return *wire::fb::GetEnvelope(sent.back().data() + limits::frame_header_bytes);
  }
  wire::Address answer() const {
    return {bravo, ben, {last().exchange()}, {last().origin_incarnation()}, {}, 0, "phone"};
  }
  wire::Address ask(std::uint64_t exchange) const {
    return {bravo, ben, {exchange}, system_incarnation, {}, 10'000, "phone"};
  }
  void log_on() {
    greet();
    wish([&](engine::Effects& effects) { client.log_on(now, effects); });
    const UserProfile profile = test::sample_profile();
    hear(wire::build_log_on_response(answer(), Cause::none, Services::all(), &profile));
    REQUIRE(client.is_logged_on());
  }
  std::size_t closed(Cause cause) const {
    return static_cast<std::size_t>(std::ranges::count_if(others, [&](const auto& one) {
      return one.kind == engine::Outgoing::Kind::close && one.cause == cause;
    }));
  }
  void pass(std::int64_t ms) {
    const MonoMs end = now.mono + DurationMs{ms};
    while (client.next_deadline() <= end) {
      now.mono = std::max(now.mono, client.next_deadline());
      step(engine::Tick{});
    }
    now.mono = end;
  }
  std::size_t count(Report::Kind kind) const {
    return static_cast<std::size_t>(std::ranges::count(reports, kind, &Report::kind));
  }
};

}  // namespace

TEST_CASE("when a client boots then it dials, and again with patience when that fails",
          "[client]") {
  Bench bench;
  REQUIRE(bench.others.size() == 1);
  CHECK(bench.others[0].kind == engine::Outgoing::Kind::dial);
  for (int i = 0; i < 10; ++i) {
    bench.step(engine::DialFailed{bravo});
    CHECK(bench.client.next_deadline() <= bench.now.mono + DurationMs{limits::dial_cap_ms});
    bench.pass(limits::dial_cap_ms + 1);
  }
  CHECK(bench.others.size() == 11);
}

TEST_CASE("when the system hangs up before it says Hello then the client dials with patience too",
          "[client]") {
  Bench bench;
  std::int64_t longest = 0;
  for (int i = 0; i < 20; ++i) {
    bench.up();
    bench.step(engine::PeerDown{{1}});
    longest = std::max(longest, (bench.client.next_deadline() - bench.now.mono).ms);
    bench.pass(limits::dial_cap_ms + 1);
  }
  CHECK(longest > limits::dial_cap_ms / 2);
}

TEST_CASE("when another system answers than the client wants then it hangs up", "[client]") {
  Bench bench;
  bench.up("sip:alpha.example");
  CHECK(bench.closed(Cause::identity_mismatch) == 1);
  CHECK(bench.sent.empty());
}

TEST_CASE("when the system says another name than its certificate then the client hangs up",
          "[client]") {
  Bench bench;
  bench.up();
  bench.hear(wire::build_hello("sip:alpha.example", system_incarnation));
  CHECK(bench.closed(Cause::identity_mismatch) == 1);
  CHECK_FALSE(bench.client.is_connected());
}

TEST_CASE("when the system says nothing then the client hangs up", "[client]") {
  Bench bench;
  bench.up();
  bench.pass(limits::hello_ms + 1);
  CHECK(bench.closed(Cause::hello_late) == 1);

  SECTION("so it does when the system falls silent later") {
    Bench other;
    other.log_on();
    other.pass(limits::peer_dead_ms + limits::heartbeat_ms);
    CHECK(other.closed(Cause::silent) == 1);
    other.step(engine::PeerDown{{1}});
    CHECK_FALSE(other.client.is_logged_on());
    CHECK(other.client.next_deadline() != MonoMs::never());  // it dials again
  }
}

TEST_CASE("when messages are not for this client, or of another life, then they are not heard",
          "[client]") {
  Bench bench;
  bench.log_on();
  bench.wish(
      [&](engine::Effects& effects) { bench.client.subscribe(bench.now, effects, group_id); });
  bench.hear(
      wire::build_subscribe_group_configuration_response(bench.answer(), group_id, Cause::none));
  const GroupConfiguration group = test::sample_configuration(3, group_id);
  const auto notify = [&](const wire::Address& address) {
    bench.hear(wire::build_client_notify_group_configuration_request(address, group_id, Cause::none,
                                                                     {&group, 5}));
  };
  wire::Address address = bench.ask(7);
  SECTION("another client") { address.client_id = "tablet"; }
  SECTION("another user") { address.target = "sip:bea@bravo.example"; }
  SECTION("another system") { address.origin = "sip:alpha.example"; }
  SECTION("another incarnation") { address.origin_incarnation = {98}; }
  notify(address);
  CHECK(bench.client.copies().empty());
  notify(bench.ask(8));
  CHECK(bench.client.copies().size() == 1);
}

TEST_CASE("when a client is told of a group that it did not subscribe to then it does not keep it",
          "[client]") {
  Bench bench;
  bench.log_on();
  const GroupConfiguration group = test::sample_configuration(3, group_id);
  bench.hear(wire::build_client_notify_group_configuration_request(bench.ask(7), group_id,
                                                                   Cause::none, {&group, 5}));
  CHECK(bench.client.copies().empty());
  CHECK(bench.last().body_as_ClientNotifyGroupConfigurationResponse()->cause() ==
        static_cast<std::uint16_t>(Cause::message_unexpected));
}

TEST_CASE(
    "when an answer is to another request, or about another group, then it counts for nothing",
    "[client]") {
  Bench bench;
  bench.log_on();
  bench.wish([&](engine::Effects& effects) { bench.client.get(bench.now, effects, group_id); });
  const GroupConfiguration group = test::sample_configuration(3, group_id);
  wire::Address late = bench.answer();
  late.exchange.value += 1;
  bench.hear(wire::build_client_get_group_configuration_response(late, group_id, Cause::none,
                                                                 {&group, 5}));
  CHECK(bench.count(Report::Kind::got) == 0);
  SECTION("its own answer") {
    bench.hear(wire::build_client_get_group_configuration_response(bench.answer(), group_id,
                                                                   Cause::none, {&group, 5}));
    CHECK(bench.reports.back().configuration == group);
  }
  SECTION("another group") {
    const GroupConfiguration other = test::sample_configuration(3, "sip:fire-2@alpha.example");
    bench.hear(wire::build_client_get_group_configuration_response(bench.answer(), other.group_id,
                                                                   Cause::none, {&other, 5}));
    CHECK(bench.reports.back().cause == Cause::message_unexpected);
  }
  SECTION("no answer") {
    for (int i = 0; i < 4; ++i) {
      bench.hear(wire::build_heartbeat(0, 1));  // the system lives
      bench.pass(limits::exchange_ms / 2 + 1);
    }
    CHECK(bench.reports.back().cause == Cause::timed_out);
  }
}

TEST_CASE("when a log-on is refused then what was held is dropped, and it is tried again",
          "[client]") {
  Bench bench;
  bench.log_on();
  bench.wish(
      [&](engine::Effects& effects) { bench.client.subscribe(bench.now, effects, group_id); });
  const GroupConfiguration group = test::sample_configuration(3, group_id);
  bench.hear(wire::build_client_notify_group_configuration_request(bench.ask(7), group_id,
                                                                   Cause::none, {&group, 5}));
  REQUIRE(bench.client.copies().size() == 1);
  bench.hear(wire::build_log_off_request(bench.ask(8), Cause::user_unknown));
  CHECK_FALSE(bench.client.is_logged_on());
  CHECK(bench.client.copies().empty());
  CHECK(bench.count(Report::Kind::withdrawn) == 1);
  CHECK(bench.last().body_type() == wire::fb::Body::LogOffResponse);
  for (int i = 0; i < 4; ++i) {
    bench.hear(wire::build_heartbeat(0, 1));
    bench.pass(limits::push_again_passing_ms / 4 + 1);
  }
  const bool again = std::ranges::any_of(bench.sent, [](const Bytes& frame) {
    return wire::fb::GetEnvelope(frame.data() + limits::frame_header_bytes)->body_type() ==
           wire::fb::Body::LogOnRequest;
  });
  CHECK(again);
}

TEST_CASE("when a copy that the client has not is said to be stale then it asks for all of it",
          "[client]") {
  Bench bench;
  bench.log_on();
  bench.wish(
      [&](engine::Effects& effects) { bench.client.subscribe(bench.now, effects, group_id); });
  bench.hear(wire::build_client_notify_group_configuration_request(
      bench.ask(7), group_id, Cause::none, {nullptr, 5, true}));
  CHECK(bench.last().body_as_ClientNotifyGroupConfigurationResponse()->cause() ==
        static_cast<std::uint16_t>(Cause::group_unknown));
}

TEST_CASE("when a client changes its mind before it is let on then it logs off at once",
          "[client]") {
  Bench bench;
  bench.greet();
  bench.wish([&](engine::Effects& effects) { bench.client.log_on(bench.now, effects); });
  const wire::Address answer = bench.answer();
  bench.wish([&](engine::Effects& effects) { bench.client.log_off(bench.now, effects); });
  const UserProfile profile = test::sample_profile();
  bench.hear(wire::build_log_on_response(answer, Cause::none, Services::all(), &profile));
  CHECK_FALSE(bench.client.is_logged_on());
  CHECK(bench.last().body_type() == wire::fb::Body::LogOffRequest);
}

TEST_CASE("when bytes are no frames then the client hangs up", "[client]") {
  Bench bench;
  bench.log_on();
  bench.hear(Bytes(100, 0xFF));
  CHECK(bench.others.size() >= 2);
  CHECK(bench.others.back().kind == engine::Outgoing::Kind::close);
}
