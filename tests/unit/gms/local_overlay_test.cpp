// SPDX-License-Identifier: Apache-2.0
#include "core/gms/partner/local_overlay.h"

#include <catch2/catch_test_macros.hpp>

#include "core/store/record.h"
#include "tests/support/configurations.h"

using namespace bivouac;
using namespace bivouac::test;
using namespace bivouac::gms::partner;

namespace {

engine::OverlayPolicy stored_again(const engine::OverlayPolicy& policy) {
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(pack_overlay(builder, policy));
  return stored_overlay(*flatbuffers::GetRoot<store::fb::Overlay>(builder.GetBufferPointer()));
}

engine::OverlayPolicy full_policy() {
  engine::OverlayPolicy policy;
  policy.groups = "sip:fire-*";
  policy.group_priority = 0;
  policy.alias = "Fire";
  policy.drop_services = Services::of(Service::mcvideo);
  policy.permitted_area = full_configuration().permitted_area;
  return policy;
}

}  // namespace

TEST_CASE("when several overlays match then the first counts") {
  engine::Partner partner;
  partner.overlays.resize(3);
  partner.overlays[0].groups = "sip:fire-*";
  partner.overlays[1].groups = "*";
  partner.overlays[2].groups = "sip:police-*";
  CHECK(overlay_for(partner, "sip:fire-1@a.example") == &partner.overlays[0]);
  CHECK(overlay_for(partner, "sip:police-1@a.example") == &partner.overlays[1]);
  partner.overlays.pop_back();
  partner.overlays.pop_back();
  CHECK(overlay_for(partner, "sip:police-1@a.example") == nullptr);
}

TEST_CASE("when an overlay says nothing then nothing is changed") {
  GroupConfiguration group = full_configuration();
  merge(group, {});
  CHECK(group == full_configuration());
}

TEST_CASE("when an overlay is merged then it changes what it names, and nothing else") {
  GroupConfiguration group = full_configuration();
  merge(group, full_policy());
  GroupConfiguration expected = full_configuration();
  expected.group_priority = 0;
  expected.alias = "Fire";
  expected.services.bits &= static_cast<std::uint8_t>(~Services::of(Service::mcvideo).bits);
  expected.permitted_area = full_policy().permitted_area;
  CHECK(group == expected);
}

TEST_CASE("when an overlay is stored then it is read again as it was") {
  engine::OverlayPolicy policy = full_policy();
  SECTION("with a polygon") {}
  SECTION("with an arc") { policy.permitted_area = full_configuration().mandatory_area; }
  SECTION("with nothing") { policy = {}; }
  const engine::OverlayPolicy again = stored_again(policy);
  CHECK(again.group_priority == policy.group_priority);
  CHECK(again.alias == policy.alias);
  CHECK(again.drop_services == policy.drop_services);
  CHECK(again.permitted_area == policy.permitted_area);
}

TEST_CASE("when the policy differs from what is stored then the stored overlay is not current") {
  flatbuffers::FlatBufferBuilder builder;
  engine::OverlayPolicy policy = full_policy();
  builder.Finish(pack_overlay(builder, policy));
  const auto* stored = flatbuffers::GetRoot<store::fb::Overlay>(builder.GetBufferPointer());
  CHECK(is_current(nullptr, nullptr));
  CHECK_FALSE(is_current(stored, nullptr));
  CHECK_FALSE(is_current(nullptr, &policy));
  policy.groups = "sip:other-*";  // which groups it is for is no part of the change
  CHECK(is_current(stored, &policy));
  policy.group_priority.reset();
  CHECK_FALSE(is_current(stored, &policy));
}
