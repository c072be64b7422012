// SPDX-License-Identifier: Apache-2.0
#include "core/wire/structure.h"

#include <catch2/catch_test_macros.hpp>

#include "core/wire/build.h"
#include "core/wire/configuration_codec.h"
#include "core/wire/inbound.h"
#include "core/wire/operator_message.h"
#include "core/wire/validate.h"
#include "tests/support/configurations.h"
#include "tests/support/wire_frames.h"

using namespace bivouac;
using namespace bivouac::wire;
using bivouac::test::WholeFrame;

namespace {

/// A configuration with everything that the limits allow at once, but for the length of identities.
GroupConfiguration largest_by_count() {
  GroupConfiguration c = test::full_configuration();
  c.permitted_area->corners.resize(limits::area_corners_max);
  c.mandatory_area = c.permitted_area;
  c.members = test::sample_members(limits::group_members_max);
  return c;
}

WholeFrame provision(const GroupConfiguration& configuration) {
  return WholeFrame(build_group_configuration_provision_request(
      {"sip:alpha.example", "sip:bravo.example", {7}, {99}, {}, 1'000}, configuration.group_id, {1},
      &configuration));
}

template <class Root>
bool passes(ByteView body, std::uint32_t depth, std::uint32_t tables) {
  flatbuffers::Verifier::Options options;
  options.max_depth = depth;
  options.max_tables = tables;
  flatbuffers::Verifier verifier(body.data(), body.size(), options);
  return verifier.VerifyBuffer<Root>(nullptr);
}

}  // namespace

TEST_CASE("when the largest configuration is sent then depth and tables are what was derived",
          "[wire]") {
  const WholeFrame whole = provision(largest_by_count());
  const ByteView body = whole.frame().body;
  REQUIRE(verify(whole.frame()));
  // Members count twice in the limit, and a push bears no key material.
  constexpr std::uint32_t real_tables =
      link_tables_max - 2 -
      static_cast<std::uint32_t>(limits::group_members_max + limits::key_envelopes_per_group_max);
  CHECK(passes<fb::Envelope>(body, link_depth_max, real_tables));
  CHECK_FALSE(passes<fb::Envelope>(body, link_depth_max - 1, real_tables));
  CHECK_FALSE(passes<fb::Envelope>(body, link_depth_max, real_tables - 1));
}

TEST_CASE("when the largest group is shown to the operator then the limits suffice", "[wire]") {
  flatbuffers::FlatBufferBuilder builder;
  const auto original = pack(builder, largest_by_count());
  const auto effective = pack(builder, largest_by_count());
  const auto summary = fb::CreateGroupSummary(builder);
  std::vector<flatbuffers::Offset<fb::ExposureState>> exposures;
  for (std::size_t i = 0; i < limits::partners_max; ++i) {
    exposures.push_back(fb::CreateExposureState(builder, builder.CreateString("sip:p.example")));
  }
  const auto list = builder.CreateVector(exposures);
  const WholeFrame whole(finish_operator_frame(
      builder, fb::CreateGroupShowAnswer(builder, summary, original, effective, list)));
  CHECK(verify_operator(whole.frame()));
  const ByteView body = whole.frame().body;
  CHECK(passes<fb::OperatorMessage>(body, operator_depth_max, operator_tables_max));
  CHECK_FALSE(passes<fb::OperatorMessage>(body, operator_depth_max - 1, operator_tables_max));
}

TEST_CASE("when distinct tables are counted then none is smaller than eight bytes", "[wire]") {
  // Corners at the origin of the coordinates hold nothing but their own start.
  flatbuffers::FlatBufferBuilder builder;
  std::vector<flatbuffers::Offset<fb::AreaPoint>> corners;
  for (int i = 0; i < 1000; ++i) corners.push_back(fb::CreateAreaPoint(builder));
  builder.Finish(fb::CreateArea(builder, builder.CreateVector(corners)));
  CHECK(builder.GetSize() / table_bytes_min >= 1001);
}

TEST_CASE("when everything beside members is as long as can be then the overhead suffices",
          "[wire]") {
  const auto longest = [](std::string_view head, std::string_view tail) {
    return std::string(head) +
           std::string(limits::identity_bytes_max - head.size() - tail.size(), 'x') +
           std::string(tail);
  };
  GroupConfiguration c = test::full_configuration();
  c.group_id = longest("sip:", "@alpha.example");
  const std::string label(60, 'h');
  c.home_system = "sip:" + label + "." + label + "." + std::string(34, 'h');
  c.display_name.assign(limits::display_name_bytes_max, 'n');
  c.alias.assign(limits::display_name_bytes_max, 'a');
  c.permitted_area->corners.assign(limits::area_corners_max, {1, 1});
  c.mandatory_area = c.permitted_area;
  c.forbidden_deaffiliation_functional_aliases.clear();
  c.forbidden_deaffiliation_if_last_functional_aliases.clear();
  c.members.clear();
  // One member of each shape, as each shape has a virtual table of its own.
  for (unsigned shape = 0; shape < 32; ++shape) {
    GroupMember member;
    member.mc_service_id = test::sample_user(shape);
    if ((shape & 1U) != 0) member.mcvideo_id = member.mc_service_id;
    if ((shape & 2U) != 0) member.mcdata_id = member.mc_service_id;
    if ((shape & 4U) != 0) member.user_priority = 1;
    if ((shape & 8U) != 0) member.participant_type = ParticipantType::dispatcher;
    if ((shape & 16U) != 0) member.required = true;
    c.members.push_back(member);
  }
  const Bytes frame = build_notify_group_configuration_request(
      {c.home_system, c.home_system, {7}, {99}, {6}, 1'000}, c.group_id, Service::mcptt, &c);
  REQUIRE(verify(WholeFrame(frame).frame()));
  std::size_t members = 0;
  for (const GroupMember& member : c.members) {
    members += member_bytes;
    for (const std::string* id : {&member.mc_service_id, &member.mcvideo_id, &member.mcdata_id}) {
      if (!id->empty()) members += id->size() + string_overhead_bytes;
    }
  }
  REQUIRE(frame.size() > members);
  CHECK(frame.size() - members <= frame_overhead_bytes);
}

TEST_CASE("when a configuration is just small enough then its frame is as well", "[wire]") {
  const auto with_long = [](std::size_t count) {
    GroupConfiguration c = test::full_configuration();
    c.members = test::sample_members(limits::group_members_max);
    for (std::size_t i = 0; i < count; ++i) {
      c.members[i].mcvideo_id = "sip:" + std::string(142, 'v') + "@alpha.example";
      c.members[i].mcdata_id = c.members[i].mcvideo_id;
    }
    return c;
  };
  std::size_t accepted = 0;
  std::size_t refused = limits::group_members_max;
  REQUIRE(validate(with_long(refused)) == Cause::too_many_members);
  while (refused - accepted > 1) {
    const std::size_t middle = (accepted + refused) / 2;
    (validate(with_long(middle)) == Cause::none ? accepted : refused) = middle;
  }
  const WholeFrame whole = provision(with_long(accepted));
  CHECK(verify(whole.frame()));
  CHECK(whole.frame().body.size() <= limits::frame_bytes_max);
  // The estimate is generous, but not by much.
  CHECK(whole.frame().body.size() > limits::frame_bytes_max / 20 * 19);
}
