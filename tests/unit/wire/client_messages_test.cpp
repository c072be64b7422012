// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch_test_macros.hpp>

#include "core/wire/build_client.h"
#include "core/wire/inbound.h"
#include "core/wire/structure.h"
#include "tests/support/configurations.h"
#include "tests/support/user_profiles.h"
#include "tests/support/wire_frames.h"

using namespace bivouac;
using namespace bivouac::wire;
using bivouac::test::WholeFrame;
using fb::Body;

namespace {

const std::string ben = "sip:ben@bravo.example";
const std::string bravo = "sip:bravo.example";
const std::string group_id = "sip:fire-1@alpha.example";

Address from_client() { return {ben, bravo, {7}, {77}, {}, 10'000, "phone"}; }
Address to_client() { return {bravo, ben, {7}, {99}, {}, 10'000, "phone"}; }

/// The type of what was accepted; NONE when it was refused.
Body accepted(const Bytes& frame) {
  const WholeFrame whole(frame);
  const auto message = verify(whole.frame());
  return message ? message->envelope->body_type() : Body::NONE;
}

Cause refused(const Bytes& frame) {
  const WholeFrame whole(frame);
  const auto message = verify(whole.frame());
  return message ? Cause::none : message.error().cause;
}

}  // namespace

TEST_CASE("when a message of a client is built then it is accepted as what it is", "[wire]") {
  const GroupConfiguration group = test::full_configuration();
  const UserProfile profile = test::full_profile();
  const GivenConfiguration given{&group, 5, true, 1'000};
  CHECK(accepted(build_client_hello(ben, "phone", {77})) == Body::Hello);
  CHECK(accepted(build_log_on_request(from_client(), {})) == Body::LogOnRequest);
  CHECK(accepted(build_log_on_response(to_client(), Cause::none, Services::all(), &profile)) ==
        Body::LogOnResponse);
  CHECK(accepted(build_log_on_response(to_client(), Cause::user_unknown, {}, nullptr)) ==
        Body::LogOnResponse);
  CHECK(accepted(build_log_off_request(from_client(), Cause::none)) == Body::LogOffRequest);
  CHECK(accepted(build_log_off_request(to_client(), Cause::user_unknown)) == Body::LogOffRequest);
  CHECK(accepted(build_log_off_response(from_client(), Cause::none)) == Body::LogOffResponse);
  CHECK(accepted(build_client_get_group_configuration_request(from_client(), group.group_id)) ==
        Body::ClientGetGroupConfigurationRequest);
  CHECK(accepted(build_client_get_group_configuration_response(to_client(), group.group_id,
                                                               Cause::none, given)) ==
        Body::ClientGetGroupConfigurationResponse);
  CHECK(accepted(build_subscribe_group_configuration_request(from_client(), group_id, 5, false)) ==
        Body::SubscribeGroupConfigurationRequest);
  CHECK(accepted(build_subscribe_group_configuration_response(to_client(), group_id,
                                                              Cause::not_a_member)) ==
        Body::SubscribeGroupConfigurationResponse);
  CHECK(accepted(build_client_notify_group_configuration_request(to_client(), group.group_id,
                                                                 Cause::none, given)) ==
        Body::ClientNotifyGroupConfigurationRequest);
  CHECK(accepted(build_client_notify_group_configuration_request(to_client(), group_id,
                                                                 Cause::withdrawn, {})) ==
        Body::ClientNotifyGroupConfigurationRequest);
  CHECK(accepted(build_client_notify_group_configuration_request(to_client(), group_id, Cause::none,
                                                                 {nullptr, 5, true, 9})) ==
        Body::ClientNotifyGroupConfigurationRequest);
  CHECK(accepted(build_client_notify_group_configuration_response(
            from_client(), group_id, Cause::none)) == Body::ClientNotifyGroupConfigurationResponse);
  CHECK(accepted(build_refusal(to_client(), Cause::not_logged_on)) == Body::Refusal);
}

TEST_CASE("when a message of a client bears other ends than it may then it is refused", "[wire]") {
  const UserProfile profile = test::sample_profile();
  SECTION("two systems") {
    const Address systems{"sip:alpha.example", bravo, {7}, {77}, {}, 10'000, "phone"};
    CHECK(refused(build_log_on_request(systems, {})) == Cause::identity_malformed);
  }
  SECTION("no client") {
    Address address = from_client();
    address.client_id = {};
    CHECK(refused(build_log_on_request(address, {})) == Cause::field_missing);
  }
  SECTION("a client with a name that is too long, or no text") {
    Address address = from_client();
    const std::string name(limits::client_id_bytes_max + 1, 'a');
    address.client_id = name;
    CHECK(refused(build_log_on_request(address, {})) == Cause::value_out_of_range);
    address.client_id = "a\nb";
    CHECK(refused(build_log_on_request(address, {})) == Cause::text_malformed);
  }
  SECTION("what servers say to clients, said by a client") {
    CHECK(refused(build_log_on_response(from_client(), Cause::none, Services::all(), &profile)) ==
          Cause::identity_malformed);
    CHECK(refused(build_client_notify_group_configuration_request(
              from_client(), group_id, Cause::withdrawn, {})) == Cause::identity_malformed);
  }
  SECTION("what systems say to each other, with a client") {
    const Address systems{"sip:alpha.example", bravo, {7}, {77}, {}, 10'000, "phone"};
    CHECK(refused(build_group_configuration_request(systems, group_id, {}, {})) ==
          Cause::value_out_of_range);
  }
  SECTION("no exchange") {
    Address address = from_client();
    address.exchange = {};
    CHECK(refused(build_log_on_request(address, {})) == Cause::field_missing);
  }
}

TEST_CASE("when a message of a client contradicts itself then it is refused", "[wire]") {
  const UserProfile profile = test::sample_profile();
  const GroupConfiguration group = test::sample_configuration(2, group_id);
  CHECK(refused(build_log_on_response(to_client(), Cause::none, Services::all(), nullptr)) ==
        Cause::field_missing);
  CHECK(refused(build_log_on_response(to_client(), Cause::none, {}, &profile)) ==
        Cause::field_missing);
  CHECK(refused(build_log_on_response(to_client(), Cause::policy, {}, &profile)) ==
        Cause::value_out_of_range);
  CHECK(refused(build_client_get_group_configuration_response(to_client(), group_id, Cause::none,
                                                              {})) == Cause::field_missing);
  CHECK(refused(build_client_get_group_configuration_response(
            to_client(), group_id, Cause::none, {&group, 0})) == Cause::value_out_of_range);
  CHECK(refused(build_client_get_group_configuration_response(
            to_client(), "sip:other@alpha.example", Cause::none, {&group, 5})) ==
        Cause::value_out_of_range);
  CHECK(refused(build_subscribe_group_configuration_request(from_client(), group_id, 5, true)) ==
        Cause::value_out_of_range);
  CHECK(refused(build_client_notify_group_configuration_request(to_client(), group_id, Cause::none,
                                                                {})) == Cause::value_out_of_range);
  CHECK(refused(build_client_notify_group_configuration_request(
            to_client(), group_id, Cause::withdrawn, {&group, 5})) == Cause::value_out_of_range);
}

TEST_CASE("when a Hello names a user without a client, or a system with one, then it is refused",
          "[wire]") {
  CHECK(refused(build_hello(ben, {77})) == Cause::identity_malformed);
  CHECK(refused(build_client_hello(bravo, "phone", {77})) == Cause::identity_malformed);
}

TEST_CASE("when the longest requests of a client are built then they fit before large frames",
          "[wire]") {
  std::string user = "sip:";
  user.resize(limits::identity_bytes_max - 14, 'b');
  user += "@bravo.example";
  std::string group = "sip:";
  group.resize(limits::identity_bytes_max - 14, 'g');
  group += "@alpha.example";
  const std::string client(limits::client_id_bytes_max, 'c');
  const std::string system =
      "sip:" + std::string(60, 's') + '.' + std::string(60, 't') + ".example";
  const Address address{user, system, {~0ULL}, {~0ULL}, {5}, ~0U, client};
  for (const Bytes& frame :
       {build_client_hello(user, client, {~0ULL}),
        build_subscribe_group_configuration_request(address, group, ~0ULL, false),
        build_client_notify_group_configuration_response(address, group, Cause::policy)}) {
    CHECK(accepted(frame) != Body::NONE);
    CHECK(frame.size() - limits::frame_header_bytes <= limits::frame_bytes_before_hello_max);
  }
}
