// SPDX-License-Identifier: Apache-2.0
#include "core/gms/partner/local_overlay.h"

#include "core/base/identity.h"

namespace bivouac::gms::partner {
namespace {

constexpr flatbuffers::uoffset_t arc_numbers = 6;

bool same_change(const engine::OverlayPolicy& a, const engine::OverlayPolicy& b) {
  return a.group_priority == b.group_priority && a.alias == b.alias &&
         a.drop_services == b.drop_services && a.permitted_area == b.permitted_area;
}

}  // namespace

const engine::OverlayPolicy* overlay_for(const engine::Partner& partner,
                                         std::string_view group_id) {
  for (const engine::OverlayPolicy& overlay : partner.overlays) {
    if (matches(overlay.groups, group_id)) return &overlay;
  }
  return nullptr;
}

void merge(GroupConfiguration& configuration, const engine::OverlayPolicy& overlay) {
  if (overlay.group_priority) configuration.group_priority = *overlay.group_priority;
  if (overlay.alias) configuration.alias = *overlay.alias;
  if (overlay.permitted_area) configuration.permitted_area = overlay.permitted_area;
  configuration.services.bits &= static_cast<std::uint8_t>(~overlay.drop_services.bits);
}

flatbuffers::Offset<store::fb::Overlay> pack_overlay(flatbuffers::FlatBufferBuilder& builder,
                                                     const engine::OverlayPolicy& overlay) {
  flatbuffers::Offset<flatbuffers::String> alias;
  if (overlay.alias) alias = builder.CreateString(*overlay.alias);
  flatbuffers::Offset<flatbuffers::Vector<std::uint32_t>> corners;
  flatbuffers::Offset<flatbuffers::Vector<std::uint32_t>> arc;
  if (overlay.permitted_area && !overlay.permitted_area->corners.empty()) {
    std::vector<std::uint32_t> numbers;
    for (const AreaPoint& corner : overlay.permitted_area->corners) {
      numbers.push_back(corner.latitude);
      numbers.push_back(corner.longitude);
    }
    corners = builder.CreateVector(numbers);
  } else if (overlay.permitted_area) {
    const Area& area = *overlay.permitted_area;
    const std::uint32_t numbers[arc_numbers] = {area.centre.latitude, area.centre.longitude,
                                                area.inner_radius,    area.uncertainty_radius,
                                                area.offset_angle,    area.included_angle};
    arc = builder.CreateVector(numbers, arc_numbers);
  }
  return store::fb::CreateOverlay(builder, overlay.group_priority.has_value(),
                                  overlay.group_priority.value_or(0), alias,
                                  overlay.drop_services.bits, corners, arc);
}

engine::OverlayPolicy stored_overlay(const store::fb::Overlay& record) {
  engine::OverlayPolicy overlay;
  if (record.set_priority()) overlay.group_priority = record.group_priority();
  if (record.alias() != nullptr) overlay.alias = record.alias()->str();
  overlay.drop_services.bits = record.drop_services() & Services::all().bits;
  if (const auto* corners = record.permitted_corners()) {
    overlay.permitted_area.emplace();
    for (flatbuffers::uoffset_t i = 0; i + 1 < corners->size(); i += 2) {
      overlay.permitted_area->corners.push_back({corners->Get(i), corners->Get(i + 1)});
    }
  } else if (const auto* arc = record.permitted_arc();
             arc != nullptr && arc->size() == arc_numbers) {
    overlay.permitted_area =
        Area{{}, {arc->Get(0), arc->Get(1)}, arc->Get(2), arc->Get(3), arc->Get(4), arc->Get(5)};
  }
  return overlay;
}

bool is_current(const store::fb::Overlay* stored, const engine::OverlayPolicy* policy) {
  if (stored == nullptr || policy == nullptr) return stored == nullptr && policy == nullptr;
  return same_change(stored_overlay(*stored), *policy);
}

}  // namespace bivouac::gms::partner
