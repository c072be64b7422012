// SPDX-License-Identifier: Apache-2.0
// What a user with a good certificate can do with messages that are not true: nothing.

#include <catch2/catch_test_macros.hpp>

#include "core/wire/build_client.h"
#include "tests/support/configurations.h"
#include "tests/support/raw_peer.h"
#include "tests/support/test_client.h"
#include "tests/support/user_profiles.h"

using namespace bivouac;
using namespace bivouac::test;
using wire::fb::Body;

namespace {

const std::string ben = "sip:ben@bravo.example";
const std::string bea = "sip:bea@bravo.example";
const std::string group_id = "sip:fire-1@alpha.example";

struct Bench {
  McSystems world;
  McSystem& bravo = world.add(bravo_configuration());
  Bench() {
    bravo.start();
    world.settle();
    bravo.import_user(sample_profile(ben));
    bravo.import_user(sample_profile(bea));
  }
  /// A connection with ben's certificate that has said Hello as his phone.
  RawPeer phone() {
    RawPeer peer(world, bravo, ben, {77}, RawPeer::Greets::no);
    peer.send(wire::build_client_hello(ben, "phone", {77}));
    return peer;
  }
  wire::Address from(std::string_view user, std::string_view client, std::uint64_t exchange) const {
    return {user, bravo.id(), {exchange}, {77}, {}, 10'000, client};
  }
};

std::uint16_t cause_of(const wire::fb::Envelope* refusal) {
  return refusal == nullptr ? 0 : refusal->body_as_Refusal()->cause();
}

std::uint16_t number(Cause cause) { return static_cast<std::uint16_t>(cause); }

}  // namespace

TEST_CASE("when nobody knows the user of a certificate then the connection is refused") {
  Bench bench;
  RawPeer stranger(bench.world, bench.bravo, "sip:eve@bravo.example", {77}, RawPeer::Greets::no);
  CHECK_FALSE(stranger.is_open());
  RawPeer of_partner(bench.world, bench.bravo, "sip:ada@alpha.example", {77}, RawPeer::Greets::no);
  CHECK_FALSE(of_partner.is_open());
  CHECK(bench.bravo.refusals(Cause::identity_unknown) == 2);
}

TEST_CASE("when a client says another name than its certificate then the session ends") {
  Bench bench;
  RawPeer phone(bench.world, bench.bravo, ben, {77}, RawPeer::Greets::no);
  phone.send(wire::build_client_hello(bea, "phone", {77}));
  CHECK_FALSE(phone.is_open());
  CHECK(bench.bravo.refusals(Cause::identity_mismatch) == 1);
}

TEST_CASE("when a client says Hello as an MC system then the session ends") {
  Bench bench;
  RawPeer phone(bench.world, bench.bravo, ben, {77}, RawPeer::Greets::no);
  phone.send(wire::build_hello("sip:alpha.example", {77}));
  CHECK_FALSE(phone.is_open());
}

TEST_CASE("when a client speaks for others then it gets no answer, and is counted") {
  Bench bench;
  RawPeer phone = bench.phone();
  phone.send(wire::build_log_on_request(bench.from(bea, "phone", 1), {}));
  phone.send(wire::build_log_on_request(bench.from(ben, "tablet", 2), {}));
  CHECK(bench.bravo.refusals(Cause::origin_not_permitted) == 2);
  CHECK(phone.next(Body::LogOnResponse) == nullptr);
  CHECK(phone.is_open());
  phone.send(wire::build_log_on_request(bench.from(ben, "phone", 3), {}));
  CHECK(phone.next(Body::LogOnResponse) != nullptr);
}

TEST_CASE("when a client asks before it is logged on then it is refused") {
  Bench bench;
  RawPeer phone = bench.phone();
  phone.send(
      wire::build_client_get_group_configuration_request(bench.from(ben, "phone", 1), group_id));
  CHECK(cause_of(phone.next(Body::Refusal)) == number(Cause::not_logged_on));
  CHECK(bench.bravo.refusals(Cause::not_logged_on) == 1);
}

TEST_CASE("when a client sends messages of servers then they reach no server") {
  Bench bench;
  RawPeer phone = bench.phone();
  phone.send(wire::build_log_on_request(bench.from(ben, "phone", 1), {}));
  REQUIRE(phone.next(Body::LogOnResponse) != nullptr);
  const GroupConfiguration forged = sample_configuration(3, group_id);
  SECTION("in its own name") {
    phone.send(wire::build_group_configuration_provision_request(bench.from(ben, "phone", 2),
                                                                 group_id, {1}, &forged));
    CHECK(cause_of(phone.next(Body::Refusal)) == number(Cause::identity_malformed));
  }
  SECTION("in the name of a system") {
    phone.send(wire::build_group_configuration_request(
        {"sip:alpha.example", bench.bravo.id(), {2}, {77}, {}, 10'000}, group_id, {}, {}));
    phone.send(wire::build_get_group_configuration_request(
        {bench.bravo.id(), bench.bravo.id(), {3}, {77}, {}, 10'000}, group_id, {}, true));
    CHECK(bench.bravo.refusals(Cause::origin_not_permitted) == 2);
    CHECK(phone.next(Body::Refusal) == nullptr);
  }
  SECTION("what only a server says to a client") {
    const wire::Address address = {bench.bravo.id(), ben, {4}, {77}, {}, 0, "phone"};
    phone.send(wire::build_client_notify_group_configuration_request(address, group_id, Cause::none,
                                                                     {&forged, 5}));
    CHECK(bench.bravo.refusals(Cause::origin_not_permitted) == 1);
  }
  CHECK_FALSE(bench.bravo.effective(group_id).has_value());
}

TEST_CASE("when a partner's certificate is used as a client then it is no client") {
  Bench bench;
  RawPeer alpha(bench.world, bench.bravo, "sip:alpha.example");
  alpha.next(Body::Hello);
  alpha.send(wire::build_log_on_request(bench.from(ben, "phone", 1), {}));
  CHECK(bench.bravo.refusals(Cause::origin_not_permitted) == 1);
  CHECK(alpha.next(Body::LogOnResponse) == nullptr);
  SECTION("nor can it say so in its Hello") {
    RawPeer again(bench.world, bench.bravo, "sip:alpha.example", {77}, RawPeer::Greets::no);
    again.send(wire::build_client_hello(ben, "phone", {77}));
    CHECK_FALSE(again.is_open());
  }
}

TEST_CASE("when a client answers what it was not asked then it is counted, and nothing happens") {
  Bench bench;
  RawPeer phone = bench.phone();
  phone.send(wire::build_log_on_request(bench.from(ben, "phone", 1), {}));
  const auto* logged_on = phone.next(Body::LogOnResponse);
  REQUIRE(logged_on != nullptr);
  wire::Address answer = bench.from(ben, "phone", 9);
  phone.send(wire::build_client_notify_group_configuration_response(answer, group_id, Cause::none));
  CHECK(bench.bravo.refusals(Cause::exchange_expired) == 1);
  phone.send(wire::build_subscribe_group_configuration_request(bench.from(ben, "phone", 2),
                                                               group_id, 0, false));
  CHECK(phone.next(Body::SubscribeGroupConfigurationResponse) != nullptr);
}

TEST_CASE("when a client sends long or broken frames then only its own session ends") {
  Bench bench;
  RawPeer phone = bench.phone();
  RawPeer other(bench.world, bench.bravo, bea, {78}, RawPeer::Greets::no);
  other.send(wire::build_client_hello(bea, "phone", {78}));
  phone.send(Bytes(2'000, 0));
  CHECK_FALSE(phone.is_open());
  CHECK(other.is_open());
}

TEST_CASE("when a user opens connection after connection then the others keep their places") {
  Bench bench;
  std::vector<RawPeer> crowd;
  for (std::size_t i = 0; i <= limits::sessions_per_user_max; ++i)
    crowd.emplace_back(bench.world, bench.bravo, ben, Incarnation{77}, RawPeer::Greets::no);
  CHECK(bench.bravo.refusals(Cause::overloaded) == 1);
  TestClient phone(bench.world, bench.bravo, bea);
  phone.log_on();
  CHECK(phone->is_logged_on());
  bench.world.pass(DurationMs{limits::hello_ms + 1});
  CHECK(bench.bravo.refusals(Cause::hello_late) == limits::sessions_per_user_max);
}
