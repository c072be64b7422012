// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch_test_macros.hpp>

#include "core/wire/affiliation_codec.h"
#include "core/wire/build_affiliation.h"
#include "core/wire/inbound.h"
#include "tests/support/wire_frames.h"

using namespace bivouac;
using namespace bivouac::wire;
using bivouac::test::WholeFrame;
using fb::Body;

namespace {

const std::string ben = "sip:ben@bravo.example";
const std::string bravo = "sip:bravo.example";
const std::string alpha = "sip:alpha.example";
const std::vector<std::string> ids = {"sip:rescue@bravo.example", "sip:fire-1@bravo.example"};
const AffiliatedClient phone{ben, "phone"};

Address from_client() { return {ben, bravo, {7}, {77}, {}, 10'000, "phone"}; }
Address to_client() { return {bravo, ben, {7}, {99}, {}, 10'000, "phone"}; }
Address between() { return {bravo, alpha, {7}, {77}, {}, 10'000}; }

GroupAffiliation of(AffiliationStatus status, Cause cause = Cause::none,
                    const std::string& group_id = ids[0]) {
  const bool holds = status == AffiliationStatus::affiliated;
  return {group_id, status, cause, holds ? Services::all() : Services{}, {}};
}

const std::vector<GroupAffiliation> affiliated = {
    of(AffiliationStatus::affiliated),
    of(AffiliationStatus::rejected, Cause::affiliation_limit, ids[1])};
const std::vector<GroupAffiliation> updated = {of(AffiliationStatus::affiliated)};
const std::vector<GroupAffiliation> left = {of(AffiliationStatus::deaffiliated)};
const std::vector<GroupAffiliation> deaffiliated = {
    of(AffiliationStatus::deaffiliated),
    of(AffiliationStatus::not_affiliated, Cause::none, ids[1])};

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

Cause refused_groups(const GroupAffiliation& one) {
  return refused(build_client_group_affiliation_response(to_client(), ben, std::vector{one}));
}

}  // namespace

TEST_CASE("when a message of affiliation is built then it is accepted as what it is",
          "[wire][10.X.2.1][10.X.2.2][10.X.2.4][10.X.2.5]") {
  CHECK(accepted(build_client_group_affiliation_request(from_client(), ben, ids)) ==
        Body::ClientGroupAffiliationRequest);
  CHECK(accepted(build_client_group_affiliation_response(to_client(), ben, affiliated)) ==
        Body::ClientGroupAffiliationResponse);
  CHECK(accepted(build_client_group_deaffiliation_request(from_client(), ben, ids,
                                                          DeaffiliationScope::all_clients)) ==
        Body::ClientGroupDeaffiliationRequest);
  CHECK(accepted(build_client_group_deaffiliation_response(to_client(), ben, deaffiliated,
                                                           DeaffiliationScope::this_client)) ==
        Body::ClientGroupDeaffiliationResponse);
  CHECK(accepted(build_client_group_deaffiliation_notification(
            to_client(), ben,
            std::vector{of(AffiliationStatus::deaffiliated, Cause::not_a_member)})) ==
        Body::ClientGroupDeaffiliationNotification);
}

TEST_CASE(
    "when a message of affiliation between systems is built then it is accepted as what it is",
    "[wire][10.X.2.1a][10.X.2.2a][10.X.2.4a][10.X.2.5a]") {
  for (const AffiliatedClient& client : {phone, AffiliatedClient{ben}}) {
    CHECK(accepted(build_group_affiliation_request(between(), client, ids, Services::all())) ==
          Body::GroupAffiliationRequest);
    CHECK(accepted(build_group_affiliation_response(between(), client, affiliated)) ==
          Body::GroupAffiliationResponse);
    for (const EndedBy by : {EndedBy::user, EndedBy::mc_system}) {
      CHECK(accepted(build_group_deaffiliation_request(between(), client, ids, by)) ==
            Body::GroupDeaffiliationRequest);
    }
    CHECK(accepted(build_group_deaffiliation_response(between(), client, deaffiliated)) ==
          Body::GroupDeaffiliationResponse);
  }
  CHECK(refused(build_group_affiliation_request(between(), phone, ids, {})) ==
        Cause::field_missing);
}

TEST_CASE("when users are compared between systems then the messages are accepted as what they are",
          "[wire][10.X.3.2.2]") {
  const std::string bea = "sip:bea@bravo.example";
  const std::vector<AffiliatedUser> both = {{bea, 1}, {ben, 2}};
  CHECK(accepted(build_group_affiliation_exchange_request(between(), both, {}, {})) ==
        Body::GroupAffiliationExchangeRequest);
  CHECK(accepted(build_group_affiliation_exchange_request(between(), {}, {}, {})) ==
        Body::GroupAffiliationExchangeRequest);
  CHECK(accepted(build_group_affiliation_exchange_request(
            between(), std::vector{both[1]}, bea, ben)) == Body::GroupAffiliationExchangeRequest);
  CHECK(accepted(build_group_affiliation_exchange_notification(between())) ==
        Body::GroupAffiliationExchangeNotification);
  std::vector<HostedUser> hosted = {{bea, {}}, {ben, {of(AffiliationStatus::affiliated)}}};
  hosted[1].groups[0].client_id = "phone";
  CHECK(accepted(build_group_affiliation_exchange_response(between(), hosted, {})) ==
        Body::GroupAffiliationExchangeResponse);
  SECTION("and refused when users are out of order, or outside of their range") {
    const std::vector<AffiliatedUser> turned = {both[1], both[0]};
    CHECK(refused(build_group_affiliation_exchange_request(between(), turned, {}, {})) ==
          Cause::value_out_of_range);
    CHECK(refused(build_group_affiliation_exchange_request(between(), both, bea, {})) ==
          Cause::value_out_of_range);
    CHECK(refused(build_group_affiliation_exchange_request(between(), both, {}, bea)) ==
          Cause::value_out_of_range);
    CHECK(refused(build_group_affiliation_exchange_request(between(), {}, ben, bea)) ==
          Cause::value_out_of_range);
    CHECK(refused(build_group_affiliation_exchange_response(between(), hosted, bea)) ==
          Cause::value_out_of_range);
  }
  SECTION("and refused when something is held that is not settled") {
    hosted[1].groups[0].status = AffiliationStatus::affiliating;
    CHECK(refused(build_group_affiliation_exchange_response(between(), hosted, {})) ==
          Cause::value_out_of_range);
  }
}

TEST_CASE("when a status update or notification is built then it is accepted as what it is",
          "[wire][10.X.2.3][10.X.2.6]") {
  CHECK(accepted(build_group_affiliation_status_update(between(), ben, updated)) ==
        Body::GroupAffiliationStatusUpdate);
  CHECK(accepted(build_group_deaffiliation_status_update(between(), ben, left)) ==
        Body::GroupDeaffiliationStatusUpdate);
  // An update tells what is, not what was asked for.
  CHECK(refused(build_group_affiliation_status_update(between(), ben, affiliated)) ==
        Cause::value_out_of_range);
  CHECK(refused(build_group_deaffiliation_status_update(between(), ben, updated)) ==
        Cause::value_out_of_range);

  std::vector<GroupAffiliation> all = {of(AffiliationStatus::affiliated),
                                       of(AffiliationStatus::affiliated)};
  all[0].client_id = "phone";
  all[1].client_id = "tablet";
  CHECK(accepted(build_subscribe_affiliation_status_request(from_client(), ben, false)) ==
        Body::SubscribeAffiliationStatusRequest);
  CHECK(accepted(build_subscribe_affiliation_status_response(to_client(), ben, Cause::none, all)) ==
        Body::SubscribeAffiliationStatusResponse);
  CHECK(accepted(build_subscribe_affiliation_status_response(to_client(), ben,
                                                             Cause::not_authorised, {})) ==
        Body::SubscribeAffiliationStatusResponse);
  CHECK(accepted(build_client_notify_affiliation_status_request(to_client(), ben, all)) ==
        Body::ClientNotifyAffiliationStatusRequest);
  CHECK(accepted(build_client_notify_affiliation_status_request(to_client(), ben, {})) ==
        Body::ClientNotifyAffiliationStatusRequest);
  CHECK(accepted(build_client_notify_affiliation_status_request(to_client(), ben,
                                                                Cause::not_authorised)) ==
        Body::ClientNotifyAffiliationStatusRequest);
  CHECK(accepted(build_client_notify_affiliation_status_response(
            from_client(), ben, Cause::none)) == Body::ClientNotifyAffiliationStatusResponse);
  std::swap(all[0], all[1]);
  CHECK(refused(build_client_notify_affiliation_status_request(to_client(), ben, all)) ==
        Cause::value_out_of_range);
}

TEST_CASE("when a list is unpacked then it is what was packed, in its order", "[wire]") {
  const WholeFrame request(build_client_group_affiliation_request(from_client(), ben, ids));
  const auto asked = verify(request.frame());
  REQUIRE(asked);
  CHECK(unpack(asked->envelope->body_as_ClientGroupAffiliationRequest()->group_ids()) == ids);
  CHECK(group_of(*asked->envelope) == ids[0]);
  const WholeFrame response(build_client_group_affiliation_response(to_client(), ben, affiliated));
  const auto answered = verify(response.frame());
  REQUIRE(answered);
  CHECK(unpack(answered->envelope->body_as_ClientGroupAffiliationResponse()->groups()) ==
        affiliated);
}

TEST_CASE("when a status contradicts itself then it is refused", "[wire]") {
  CHECK(refused_groups(of(AffiliationStatus::rejected)) == Cause::value_out_of_range);
  CHECK(refused_groups(of(AffiliationStatus::affiliated, Cause::policy)) ==
        Cause::value_out_of_range);
  CHECK(refused_groups(of(AffiliationStatus::deaffiliated)) == Cause::value_out_of_range);
  CHECK(refused_groups({ids[0], static_cast<AffiliationStatus>(9), Cause::none, {}, {}}) ==
        Cause::value_out_of_range);
  CHECK(refused_groups({ids[0], AffiliationStatus::affiliated, Cause::none, {}, {}}) ==
        Cause::value_out_of_range);
  CHECK(refused_groups({"fire", AffiliationStatus::affiliating, Cause::none, {}, {}}) ==
        Cause::identity_malformed);
  CHECK(refused_groups({ids[0], AffiliationStatus::affiliating, Cause::none, {}, "phone"}) ==
        Cause::value_out_of_range);
}

TEST_CASE("when a message of affiliation has other ends than it may then it is refused", "[wire]") {
  CHECK(refused(build_client_group_affiliation_request(between(), ben, ids)) ==
        Cause::identity_malformed);
  CHECK(refused(build_client_group_affiliation_response(from_client(), ben, affiliated)) ==
        Cause::identity_malformed);
  CHECK(refused(build_group_affiliation_request(from_client(), phone, ids, Services::all())) ==
        Cause::identity_malformed);
  CHECK(refused(build_client_group_affiliation_request(from_client(), "ben", ids)) ==
        Cause::identity_malformed);
}

TEST_CASE("when a client asks for as many groups with the longest names as may be then it fits",
          "[wire]") {
  const auto longest = [](char letter, std::string_view domain) {
    std::string name = "sip:";
    name.resize(limits::identity_bytes_max - domain.size(), letter);
    return name + std::string(domain);
  };
  const std::string user = longest('b', "@bravo.example");
  const std::string client(limits::client_id_bytes_max, 'c');
  const std::string system =
      "sip:" + std::string(60, 's') + '.' + std::string(60, 't') + ".example";
  const std::vector<std::string> many(limits::affiliation_groups_max,
                                      longest('g', "@alpha.example"));
  const Address address{user, system, {~0ULL}, {~0ULL}, {5}, ~0U, client};
  for (const Bytes& frame : {build_client_group_affiliation_request(address, user, many),
                             build_client_group_deaffiliation_request(
                                 address, user, many, DeaffiliationScope::all_clients)}) {
    CHECK(accepted(frame) != Body::NONE);
    CHECK(frame.size() <= limits::connection_buffer_bytes);
  }
}
