// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "core/gms/home/exposure.h"
#include "core/gms/home/shown_groups.h"

// One outbox record: the message that it leads to, and how it ends. When it goes is decided in
// delivery.cpp.

namespace bivouac::gms::home {

Means means_of(const store::fb::Outbox& entry);
/// The steps of the figure that are reported when it is sent, and when it is answered.
std::string_view first_step(Means means);
std::string_view last_step(Means means);

/// The exposure that it is for; null when that is pending under another exchange, or gone.
const store::fb::Exposure* exposure_of(const engine::Context& context, IdentityNumber system,
                                       IdentityNumber group, ExchangeId id);
/// Its message, from the newest configuration; none when it is not to be sent any more.
std::optional<Bytes> build(engine::Context& context, ShownGroups& shown_groups,
                           const engine::Partner& partner, const store::fb::Exposure& record,
                           ExchangeId id, IdentityNumber group, Means means);
/// A lost group is not withdrawn from partners, who may have what we lost.
bool is_lost(const engine::Context& context, IdentityNumber group);

// How it ends
void note_refused(engine::Context& context, IdentityNumber group, IdentityNumber system,
                  Exposure exposure, Cause cause);
void forget_pending(engine::Context& context, std::string_view system_id, IdentityNumber system,
                    ExchangeId id, IdentityNumber group);
void note_accepted(engine::Context& context, std::string_view system_id, IdentityNumber group,
                   IdentityNumber system, Exposure exposure);

}  // namespace bivouac::gms::home
