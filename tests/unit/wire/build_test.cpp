// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch_test_macros.hpp>

#include "core/wire/build_encoded.h"
#include "core/wire/configuration_codec.h"
#include "core/wire/inbound.h"
#include "core/wire/validate.h"
#include "tests/support/configurations.h"
#include "tests/support/wire_frames.h"

using namespace bivouac;
using namespace bivouac::wire;
using bivouac::test::WholeFrame;

namespace {

const Address address{.origin = "sip:alpha.example",
                      .target = "sip:bravo.example",
                      .exchange = {7},
                      .origin_incarnation = {99},
                      .answered_up_to = {6},
                      .remaining_ms = 9'000};
constexpr std::string_view group = "sip:fire-1@alpha.example";

/// The type of a built frame that passes every check, or NONE.
fb::Body accepted(const Bytes& bytes) {
  const WholeFrame whole(bytes);
  const auto inbound = verify(whole.frame());
  if (!inbound) UNSCOPED_INFO("refused: " << name(inbound.error().cause));
  return inbound ? inbound->envelope->body_type() : fb::Body::NONE;
}

}  // namespace

TEST_CASE("when any builder is used then its frame passes every check", "[wire]") {
  const GroupConfiguration configuration = test::sample_configuration(3, group);
  const Address answer{"sip:bravo.example", "sip:alpha.example", {7}, {99}, {}, 0};
  using fb::Body;
  CHECK(accepted(build_hello("sip:alpha.example", {1})) == Body::Hello);
  CHECK(accepted(build_heartbeat(1, 2)) == Body::Heartbeat);
  CHECK(accepted(build_refusal(answer, Cause::message_unknown)) == Body::Refusal);
  CHECK(accepted(build_group_configuration_provision_request(
            address, group, {1}, &configuration)) == Body::GroupConfigurationProvisionRequest);
  CHECK(accepted(build_group_configuration_provision_request(address, group, {2}, nullptr)) ==
        Body::GroupConfigurationProvisionRequest);
  for (const Cause cause : {Cause::none, Cause::not_authorised}) {
    CHECK(accepted(build_group_configuration_provision_response(answer, group, cause)) ==
          Body::GroupConfigurationProvisionResponse);
    CHECK(accepted(build_group_configuration_response(answer, group, cause, {3}, &configuration)) ==
          Body::GroupConfigurationResponse);
    CHECK(accepted(build_group_configuration_response(answer, group, cause, {3}, nullptr)) ==
          Body::GroupConfigurationResponse);
    CHECK(accepted(build_get_group_configuration_response(
              answer, group, cause, &configuration, 5)) == Body::GetGroupConfigurationResponse);
    CHECK(accepted(build_notify_group_configuration_response(answer, group, cause)) ==
          Body::NotifyGroupConfigurationResponse);
  }
  CHECK(accepted(build_group_information_subscribe_request(address, {{std::string(group), {}}},
                                                           {60, 0, {}})) ==
        Body::GroupInformationSubscribeRequest);
  CHECK(accepted(build_group_information_subscribe_response(
            answer, 60, {{std::string(group), Cause::not_authorised, {}}})) ==
        Body::GroupInformationSubscribeResponse);
  CHECK(accepted(build_group_information_notify_request(address, group, {1}, &configuration)) ==
        Body::GroupInformationNotifyRequest);
  CHECK(accepted(build_group_information_notify_response(answer, group, Cause::not_subscribed)) ==
        Body::GroupInformationNotifyResponse);
  CHECK(accepted(build_group_configuration_request(address, group, {}, {})) ==
        Body::GroupConfigurationRequest);
  Address presence = address;
  presence.frame_bytes_max = limits::frame_bytes_max;
  CHECK(accepted(build_presence_request(presence, 3)) == Body::PresenceRequest);
  presence.answerer_incarnation = {41};
  CHECK(accepted(build_presence_response(presence, 3)) == Body::PresenceResponse);
  CHECK(accepted(build_get_group_configuration_request(address, group, Services::all(), true)) ==
        Body::GetGroupConfigurationRequest);
  for (const Service service : all_services) {
    CHECK(accepted(build_notify_group_configuration_request(
              address, group, service, &configuration)) == Body::NotifyGroupConfigurationRequest);
    CHECK(accepted(build_notify_group_configuration_request(address, group, service, nullptr)) ==
          Body::NotifyGroupConfigurationRequest);
  }
}

TEST_CASE("when a request is built then its fields arrive as given", "[wire]") {
  GroupConfiguration configuration = test::full_configuration();
  const WholeFrame whole(build_group_configuration_provision_request(
      address, configuration.group_id, {41}, &configuration));
  const auto inbound = verify(whole.frame());
  REQUIRE(inbound);
  const fb::Envelope& envelope = *inbound->envelope;
  CHECK(envelope.origin()->string_view() == address.origin);
  CHECK(envelope.target()->string_view() == address.target);
  CHECK(envelope.exchange() == 7);
  CHECK(envelope.origin_incarnation() == 99);
  CHECK(envelope.answered_up_to() == 6);
  CHECK(envelope.remaining_ms() == 9'000);
  const auto* request = envelope.body_as_GroupConfigurationProvisionRequest();
  CHECK(request->exposed_revision() == 41);
  CHECK_FALSE(request->withdrawn());
  CHECK(unpack(*request->configuration()) == configuration);
}

TEST_CASE("when a request is answered then the answer goes back with the same exchange", "[wire]") {
  const WholeFrame request(build_group_configuration_request(address, group, {}, {}));
  const Address answer = answer_to(*verify(request.frame())->envelope, {41});
  CHECK(answer.origin == address.target);
  CHECK(answer.target == address.origin);
  CHECK(answer.exchange == address.exchange);
  CHECK(answer.origin_incarnation == address.origin_incarnation);
  CHECK(answer.remaining_ms == 0);
  CHECK(answer.answerer_incarnation == Incarnation{41});
  CHECK(accepted(build_group_configuration_response(answer, group, Cause::none, {1}, nullptr)) ==
        fb::Body::GroupConfigurationResponse);
}

TEST_CASE("when a configuration with an alias leaves the MC system then the alias stays behind",
          "[wire]") {
  GroupConfiguration configuration = test::sample_configuration(1, group);
  configuration.alias = "Local name";
  const WholeFrame provision(
      build_group_configuration_provision_request(address, group, {1}, &configuration));
  const auto outside = verify(provision.frame());
  REQUIRE(outside);
  CHECK(outside->envelope->body_as_GroupConfigurationProvisionRequest()->configuration()->alias() ==
        nullptr);
  const WholeFrame notify(
      build_notify_group_configuration_request(address, group, Service::mcptt, &configuration));
  const auto inside = verify(notify.frame());
  REQUIRE(inside);
  CHECK(inside->envelope->body_as_NotifyGroupConfigurationRequest()
            ->configuration()
            ->alias()
            ->string_view() == "Local name");
}

TEST_CASE("when a failure is built then it shows nothing of the group", "[wire]") {
  const GroupConfiguration configuration = test::sample_configuration(1, group);
  const WholeFrame whole(build_group_configuration_response(address, group, Cause::not_authorised,
                                                            {9}, &configuration));
  const auto inbound = verify(whole.frame());
  REQUIRE(inbound);
  const auto* response = inbound->envelope->body_as_GroupConfigurationResponse();
  CHECK(response->configuration() == nullptr);
  CHECK(response->exposed_revision() == 0);
  CHECK(outcome(response->result(), response->cause()) == Cause::not_authorised);
}

TEST_CASE("when the same message is built twice then the bytes are the same", "[wire]") {
  const GroupConfiguration configuration = test::full_configuration();
  const auto build = [&] {
    return build_group_configuration_provision_request(address, configuration.group_id, {1},
                                                       &configuration);
  };
  CHECK(build() == build());
}

TEST_CASE("when a message is a request then it is known as one, and an answer is not", "[wire]") {
  for (const fb::Body type : fb::EnumValuesBody()) {
    const std::string_view spelling = fb::EnumNameBody(type);
    CAPTURE(spelling);
    // What answers this notification is a request of the other side.
    const bool asks =
        spelling.ends_with("Request") || type == fb::Body::GroupAffiliationExchangeNotification;
    CHECK(is_request(type) == asks);
  }
  CHECK_FALSE(is_request(static_cast<fb::Body>(200)));
}

TEST_CASE("when a configuration was encoded before then its message says the same", "[wire]") {
  for (const std::size_t members : {0U, 1U, 7U, 100U}) {
    GroupConfiguration c = test::full_configuration();
    c.alias.clear();
    c.members = test::sample_members(members);
    const Bytes encoded = encode(c);
    for (std::size_t length = 1; length < 9; ++length) {  // every alignment of what is around it
      const std::string origin = "sip:" + std::string(length, 'a') + ".example";
      const Address from{origin, "sip:bravo.example", {7}, {99}, {6}, 9'000};
      const WholeFrame notify(build_encoded_notification(from, c.group_id, {3}, &encoded));
      const auto notified = verify(notify.frame());
      REQUIRE(notified);
      const auto* news = notified->envelope->body_as_GroupInformationNotifyRequest();
      CHECK(unpack(*news->configuration()) == c);
      const WholeFrame push(build_encoded_provision(from, c.group_id, {3}, &encoded));
      const auto pushed = verify(push.frame());
      REQUIRE(pushed);
      const auto* provision = pushed->envelope->body_as_GroupConfigurationProvisionRequest();
      CHECK(unpack(*provision->configuration()) == c);
    }
  }
  CHECK(accepted(build_encoded_notification(address, group, {3}, nullptr)) ==
        fb::Body::GroupInformationNotifyRequest);
  CHECK(accepted(build_encoded_provision(address, group, {3}, nullptr)) ==
        fb::Body::GroupConfigurationProvisionRequest);
}
