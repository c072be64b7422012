// SPDX-License-Identifier: Apache-2.0
#include "core/wire/configuration_codec.h"

#include <functional>

#include <catch2/catch_test_macros.hpp>

#include "core/base/limits.h"
#include "tests/support/configurations.h"

using namespace bivouac;
using bivouac::test::full_configuration;
using bivouac::test::sample_configuration;

namespace {

/// The cause for which a configuration is refused after one change.
Cause refused(const std::function<void(GroupConfiguration&)>& change) {
  GroupConfiguration configuration = full_configuration();
  change(configuration);
  return wire::validate(configuration);
}

using C = GroupConfiguration;

}  // namespace

TEST_CASE("when random configurations are stored then each comes back as it was", "[wire]") {
  test::RandomConfigurations random(4711);
  for (int i = 0; i < 500; ++i) {
    const GroupConfiguration configuration = random.next();
    REQUIRE(wire::validate(configuration) == Cause::none);
    const Bytes bytes = wire::encode(configuration);
    const auto decoded = wire::decode(bytes);
    REQUIRE(decoded);
    REQUIRE(*decoded == configuration);
    REQUIRE(wire::encode(*decoded) == bytes);
  }
}

TEST_CASE("when every field is set then nothing is lost", "[wire]") {
  GroupConfiguration configuration = full_configuration();
  configuration.alias = "Local";
  CHECK(wire::decode(wire::encode(configuration)) == configuration);
  CHECK(wire::decode(wire::encode(sample_configuration(0))) == sample_configuration(0));
}

TEST_CASE("when the stored bytes lie at an odd address then they are still read", "[wire]") {
  const GroupConfiguration configuration = full_configuration();
  const Bytes bytes = wire::encode(configuration);
  for (std::size_t offset = 0; offset < 8; ++offset) {
    Bytes shifted(offset);
    shifted.insert(shifted.end(), bytes.begin(), bytes.end());
    const ByteView view = ByteView(shifted).subspan(offset);
    CHECK(wire::decode(view) == configuration);
    CHECK(wire::view_configuration(view).has_value() == (offset % 4 == 0));
  }
}

TEST_CASE("when stored bytes are damaged then reading refuses or gives a valid configuration",
          "[wire]") {
  const Bytes bytes = wire::encode(full_configuration());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (const int flip : {0x01, 0x80, 0xFF}) {
      Bytes damaged = bytes;
      damaged[i] = static_cast<std::uint8_t>(damaged[i] ^ flip);
      const auto decoded = wire::decode(damaged);
      if (decoded) REQUIRE(wire::validate(*decoded) == Cause::none);
    }
    REQUIRE_FALSE(wire::decode(ByteView(bytes).first(i)));
  }
}

TEST_CASE("when a configuration breaks a rule then its cause says which", "[wire]") {
  CHECK(refused([](C&) {}) == Cause::none);
  CHECK(refused([](C& c) { c.group_id.clear(); }) == Cause::field_missing);
  CHECK(refused([](C& c) { c.home_system.clear(); }) == Cause::field_missing);
  CHECK(refused([](C& c) { c.group_id = "sip:A@ALPHA.example"; }) == Cause::identity_malformed);
  CHECK(refused([](C& c) { c.home_system = "sip:u@alpha.example"; }) == Cause::identity_malformed);
  CHECK(refused([](C& c) { c.display_name = "a\nb"; }) == Cause::text_malformed);
  CHECK(refused([](C& c) { c.alias = "\xFF"; }) == Cause::text_malformed);
  CHECK(refused([](C& c) { c.display_name.assign(161, 'x'); }) == Cause::value_out_of_range);
  CHECK(refused([](C& c) { c.services = {}; }) == Cause::field_missing);
  CHECK(refused([](C& c) { c.services.bits = 0b1001; }) == Cause::value_out_of_range);
}

TEST_CASE("when an area breaks a rule then its cause says which", "[wire]") {
  CHECK(refused([](C& c) { c.permitted_area->corners.resize(2); }) == Cause::value_out_of_range);
  CHECK(refused([](C& c) { c.permitted_area->corners.resize(15); }) == Cause::none);
  CHECK(refused([](C& c) { c.permitted_area->corners.resize(16); }) == Cause::too_many_elements);
  CHECK(refused([](C& c) { c.permitted_area->corners[1].latitude = 16'777'216; }) ==
        Cause::value_out_of_range);
  CHECK(refused([](C& c) { c.permitted_area->centre = {1, 1}; }) == Cause::value_out_of_range);
  CHECK(refused([](C& c) { c.permitted_area->inner_radius = 1; }) == Cause::value_out_of_range);
  CHECK(refused([](C& c) { c.mandatory_area->centre.longitude = 16'777'216; }) ==
        Cause::value_out_of_range);
  CHECK(refused([](C& c) { c.mandatory_area->inner_radius = 65'536; }) ==
        Cause::value_out_of_range);
  CHECK(refused([](C& c) { c.mandatory_area->uncertainty_radius = 128; }) ==
        Cause::value_out_of_range);
  CHECK(refused([](C& c) { c.mandatory_area->offset_angle = 180; }) == Cause::value_out_of_range);
  CHECK(refused([](C& c) { c.mandatory_area->included_angle = 180; }) == Cause::value_out_of_range);
}

TEST_CASE("when members break a rule then its cause says which", "[wire]") {
  CHECK(refused([](C& c) { std::swap(c.members[0], c.members[1]); }) == Cause::members_unsorted);
  CHECK(refused([](C& c) { c.members[1] = c.members[0]; }) == Cause::member_duplicate);
  CHECK(refused([](C& c) { c.members[2].mc_service_id = "user@alpha.example"; }) ==
        Cause::identity_malformed);
  CHECK(refused([](C& c) { c.members[2].mc_service_id.clear(); }) == Cause::field_missing);
  CHECK(refused([](C& c) { c.members[2].mcvideo_id = "x"; }) == Cause::identity_malformed);
  CHECK(refused([](C& c) { c.members[2].mcdata_id = "x"; }) == Cause::identity_malformed);
  CHECK(refused([](C& c) { c.members[2].participant_type = static_cast<ParticipantType>(9); }) ==
        Cause::value_out_of_range);
  CHECK(refused([](C& c) { c.members = test::sample_members(2000); }) == Cause::none);
  CHECK(refused([](C& c) { c.members = test::sample_members(2001); }) == Cause::too_many_members);
  CHECK(refused([](C& c) {
          c.forbidden_deaffiliation_functional_aliases.assign(33, "sip:a@alpha.example");
        }) == Cause::too_many_elements);
  CHECK(refused([](C& c) { c.forbidden_deaffiliation_functional_aliases = {""}; }) ==
        Cause::field_missing);
}

TEST_CASE(
    "when members have the longest identities then a configuration still fits a frame, or is "
    "refused",
    "[wire]") {
  const auto with_long_members = [](std::size_t count) {
    GroupConfiguration c = full_configuration();
    c.members = test::sample_members(count);
    for (GroupMember& member : c.members) {
      member.mc_service_id.insert(4, limits::identity_bytes_max - member.mc_service_id.size(), 'x');
      member.mcvideo_id = member.mcdata_id = member.mc_service_id;
    }
    return c;
  };
  CHECK(wire::validate(with_long_members(1400)) == Cause::none);
  CHECK(wire::encode(with_long_members(1400)).size() <= limits::frame_bytes_max);
  CHECK(wire::validate(with_long_members(2000)) == Cause::too_many_members);
}
