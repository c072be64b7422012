// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "core/base/group_configuration.h"
#include "core/engine/configuration.h"
#include "core/store/records_generated.h"

// What this MC system changes of a partner's group: priority, permitted area, alias, services.
// Pure. It is kept apart from what the home sent and never travels back (P1, decision 11).

namespace bivouac::gms::partner {

/// The first overlay of the partner whose pattern matches; null when nothing is changed.
const engine::OverlayPolicy* overlay_for(const engine::Partner& partner, std::string_view group_id);

/// Applies the overlay to an original, which becomes the effective configuration.
void merge(GroupConfiguration& configuration, const engine::OverlayPolicy& overlay);

flatbuffers::Offset<store::fb::Overlay> pack_overlay(flatbuffers::FlatBufferBuilder& builder,
                                                     const engine::OverlayPolicy& overlay);
/// As stored; its pattern is empty.
engine::OverlayPolicy stored_overlay(const store::fb::Overlay& record);

/// Whether the stored overlay is what the policy asks for now.
bool is_current(const store::fb::Overlay* stored, const engine::OverlayPolicy* policy);

}  // namespace bivouac::gms::partner
