// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/context.h"
#include "core/store/record.h"

// The record of what one partner was, or is to be, told of one group, and the outbox entry that
// belongs to it. A newer push replaces an older one that is still pending: newest wins.

namespace bivouac::gms::home {

/// The exposure record as a plain value.
struct Exposure {
  ExposedRevision revision;
  std::uint64_t digest = 0;
  ExposedRevision acknowledged;
  bool withdrawn = false;
  bool asked = false;
  ExchangeId pending;
  Cause refused = Cause::none;
  friend bool operator==(const Exposure&, const Exposure&) = default;
};

/// How a partner is told: by a push (10.2.7.2), or, if it has subscribed, by a notification
/// (10.2.7.5).
enum class Means : std::uint8_t { push, notification };

/// The means that are right for it now.
Means means_for(const engine::Context& context, IdentityNumber group, IdentityNumber system,
                std::string_view group_id, std::string_view system_id);

Exposure unpack(const store::fb::Exposure& record);
/// Of a partner that was told nothing of the group, as far as we remember. Revisions go on above
/// those which it was given before it was removed and added again.
Exposure first_exposure(const engine::Context& context, std::string_view system_id);
void put_exposure(engine::Context& context, IdentityNumber group, IdentityNumber system,
                  const Exposure& exposure);

/// Makes the exposure pending under a new exchange and puts both records.
ExchangeId put_pending(engine::Context& context, IdentityNumber group, IdentityNumber system,
                       std::string_view system_id, Exposure exposure, Means means);
/// Nothing is to be told any more; the exposure is changed, and not put.
void drop_pending(engine::Context& context, IdentityNumber system, std::string_view system_id,
                  Exposure& exposure);

}  // namespace bivouac::gms::home
