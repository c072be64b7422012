// SPDX-License-Identifier: Apache-2.0
#include "core/wire/operator_message.h"

#include <catch2/catch_test_macros.hpp>

#include "core/base/limits.h"
#include "core/wire/configuration_codec.h"
#include "tests/support/configurations.h"
#include "tests/support/wire_frames.h"

using namespace bivouac;
using namespace bivouac::wire;
using bivouac::test::WholeFrame;
using flatbuffers::FlatBufferBuilder;

namespace {

constexpr std::string_view group = "sip:fire-1@alpha.example";

Cause judged(const Bytes& bytes) {
  const WholeFrame whole(bytes);
  const auto message = verify_operator(whole.frame());
  return message ? Cause::none : message.error();
}

}  // namespace

TEST_CASE("when the operator's command builds a request then the daemon accepts it", "[wire]") {
  CHECK(judged(build_status_request()) == Cause::none);
  CHECK(judged(build_watch_request()) == Cause::none);
  CHECK(judged(build_group_list_request()) == Cause::none);
  CHECK(judged(build_group_show_request(group)) == Cause::none);
  CHECK(judged(build_group_import_request(test::full_configuration())) == Cause::none);
  CHECK(judged(build_group_remove_request(group)) == Cause::none);
  CHECK(judged(build_group_push_request(group, "sip:bravo.example")) == Cause::none);
  CHECK(judged(build_group_push_request(group, "")) == Cause::none);
  CHECK(judged(build_group_fetch_request(group, Services::of(Service::mcdata))) == Cause::none);
  CHECK(judged(build_group_fetch_request(group, {})) == Cause::none);
  CHECK(judged(build_affiliation_list_request({})) == Cause::none);
  CHECK(judged(build_affiliation_list_request(
            {"sip:ben@bravo.example", std::string(group), true, 1, 2, 3})) == Cause::none);
  CHECK(judged(build_operation_answer(fb::OutcomeKind::queued, Cause::none, group, {4})) ==
        Cause::none);
}

TEST_CASE("when an imported group has no home yet then it is accepted, but not with an alias",
          "[wire]") {
  GroupConfiguration configuration = test::sample_configuration(2);
  configuration.home_system.clear();
  CHECK(judged(build_group_import_request(configuration)) == Cause::none);
  configuration.home_system = "somewhere";
  CHECK(judged(build_group_import_request(configuration)) == Cause::identity_malformed);
  configuration = test::sample_configuration(2);
  configuration.alias = "Local";
  CHECK(judged(build_group_import_request(configuration)) == Cause::value_out_of_range);
}

TEST_CASE("when a request of the operator is bad then its cause says how", "[wire]") {
  CHECK(judged(build_group_show_request("")) == Cause::field_missing);
  CHECK(judged(build_group_show_request("fire")) == Cause::identity_malformed);
  CHECK(judged(build_group_remove_request("SIP:fire@alpha.example")) == Cause::identity_malformed);
  CHECK(judged(build_group_push_request(group, "bravo")) == Cause::identity_malformed);
  CHECK(judged(build_group_fetch_request(group, Services::all())) == Cause::value_out_of_range);
}

TEST_CASE(
    "when the affiliations that are asked for or told are no such thing then they are refused",
    "[wire]") {
  CHECK(judged(build_affiliation_list_request({.mc_service_id = "ben"})) ==
        Cause::identity_malformed);
  CHECK(judged(build_affiliation_list_request({.group_id = "SIP:fire@alpha.example"})) ==
        Cause::identity_malformed);
  const auto answered = [](fb::AffiliationStatus status, const char* client, std::size_t count) {
    FlatBufferBuilder builder;
    std::vector<flatbuffers::Offset<fb::AffiliationState>> states;
    for (std::size_t i = 0; i < count; ++i) {
      const auto text = builder.CreateString(client);
      fb::AffiliationStateBuilder state(builder);
      state.add_client_id(text);
      state.add_status(status);
      states.push_back(state.Finish());
    }
    const auto list = builder.CreateVector(states);
    return judged(finish_operator_frame(builder, fb::CreateAffiliationListAnswer(builder, list)));
  };
  constexpr auto good = fb::AffiliationStatus::affiliating;
  CHECK(answered(good, "phone", affiliations_page_max) == Cause::none);
  CHECK(answered(good, "phone", affiliations_page_max + 1) == Cause::too_many_elements);
  CHECK(answered(static_cast<fb::AffiliationStatus>(6), "phone", 1) == Cause::value_out_of_range);
  CHECK(answered(good, "\x1B[2J", 1) == Cause::text_malformed);
}

TEST_CASE("when an answer would colour the operator's terminal then it is refused", "[wire]") {
  FlatBufferBuilder builder;
  const auto kind = builder.CreateString("refused");
  const auto subject = builder.CreateString("\x1B[2J");
  CHECK(judged(finish_operator_frame(builder, fb::CreateWatchNote(builder, kind, 0, subject))) ==
        Cause::text_malformed);
}

TEST_CASE("when a status has lists then they are read back", "[wire]") {
  FlatBufferBuilder builder;
  const auto line = fb::CreateNamedCount(builder, builder.CreateString("silent"), 3);
  const auto refusals = builder.CreateVector(&line, 1);
  const auto link = fb::CreateLinkStatus(builder, builder.CreateString("sip:bravo.example"), true);
  const auto links = builder.CreateVector(&link, 1);
  const auto loss = builder.CreateString("group sip:fire-1@alpha.example");
  const auto losses = builder.CreateVector(&loss, 1);
  fb::StatusAnswerBuilder status(builder);
  status.add_links(links);
  status.add_refusals(refusals);
  status.add_store_losses(losses);
  const WholeFrame whole(finish_operator_frame(builder, status.Finish()));
  const auto message = verify_operator(whole.frame());
  REQUIRE(message);
  const auto* answer = (*message)->body_as_StatusAnswer();
  CHECK(answer->refusals()->Get(0)->count() == 3);
  CHECK(answer->links()->Get(0)->up());
  CHECK(answer->store_losses()->Get(0)->string_view() == "group sip:fire-1@alpha.example");
}

TEST_CASE("when an answer is too long for a frame then a failure is sent in its place", "[wire]") {
  FlatBufferBuilder builder;
  const std::string text(limits::frame_bytes_max, 'x');
  const auto kind = builder.CreateString(text);
  const WholeFrame whole(finish_operator_frame(builder, fb::CreateWatchNote(builder, kind)));
  const auto message = verify_operator(whole.frame());
  REQUIRE(message);
  const auto* answer = (*message)->body_as_OperationAnswer();
  REQUIRE(answer != nullptr);
  CHECK(answer->outcome() == fb::OutcomeKind::failed);
  CHECK(answer->cause() == static_cast<std::uint16_t>(Cause::frame_too_long));
}

TEST_CASE("when the type of an operator's message is unknown then it is refused", "[wire]") {
  FlatBufferBuilder builder;
  const auto body = fb::CreateStatusRequest(builder).Union();
  const auto message = fb::CreateOperatorMessage(builder, static_cast<fb::OperatorBody>(99), body);
  CHECK(judged(finish_operator_frame(builder, message)) == Cause::message_unknown);
}
