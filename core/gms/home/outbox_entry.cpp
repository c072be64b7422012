// SPDX-License-Identifier: Apache-2.0
#include "core/gms/home/outbox_entry.h"

#include <algorithm>

#include "core/base/planted.h"
#include "core/engine/peer_record.h"
#include "core/gms/group_record.h"
#include "core/gms/home/exposed_keys.h"
#include "core/gms/home/exposure_policy.h"
#include "core/gms/home/group_configuration_provision.h"
#include "core/gms/home/group_information_notify.h"
#include "core/wire/configuration_codec.h"

namespace bivouac::gms::home {

Means means_of(const store::fb::Outbox& entry) {
  return entry.notification() ? Means::notification : Means::push;
}

std::string_view first_step(Means means) {
  return means == Means::notification ? "10.2.7.5/1" : "10.2.7.2/1";
}

std::string_view last_step(Means means) {
  return means == Means::notification ? "10.2.7.5/2" : "10.2.7.2/5";
}

const store::fb::Exposure* exposure_of(const engine::Context& context, IdentityNumber system,
                                       IdentityNumber group, ExchangeId id) {
  const auto* record =
      store::find<store::fb::Exposure>(context.view, store::exposure_key(group, system));
  return record != nullptr && record->pending_exchange() == id.value ? record : nullptr;
}

std::optional<Bytes> build(engine::Context& context, ShownGroups& shown_groups,
                           const engine::Partner& partner, const store::fb::Exposure& record,
                           ExchangeId id, IdentityNumber group, Means means) {
  const std::string group_id(context.identities.text(context.view, group));
  if (group_id.empty()) return std::nullopt;  // a salvaged store lost its name
  const wire::Address address =
      context.request_to(partner.system_id, id, DurationMs{limits::exchange_ms});
  const auto* stored = store::find<store::fb::Group>(context.view, store::group_key(group));
  const Bytes* encoded = nullptr;  // the group may be gone already while its tombstone is to come
  Bytes wrong;
  if (!record.withdrawn() && stored != nullptr) {
    if (is_planted(Planted::overlay_sent_upstream)) {
      wrong = wire::encode(expose(effective(*stored), partner).value_or(GroupConfiguration{}));
      encoded = &wrong;
    } else if (is_home_here(context, *stored)) {
      const auto& shown = shown_groups.of(group, *stored, partner);
      if (shown.digest != 0) encoded = &shown.encoded;
    } else {
      return std::nullopt;  // what a salvaged store lost may have come back as somebody else's
    }
  }
  const ExposedRevision revision{record.revision()};
  if (means == Means::notification) {
    const auto keys = exposed_keys(context, group, partner);
    return group_information_notify::build(address, group_id, revision, encoded,
                                           keys ? &*keys : nullptr);
  }
  if (!group_configuration_provision::may_send(partner, group_id, record.withdrawn()))
    return std::nullopt;
  return group_configuration_provision::build(address, group_id, revision, encoded);
}

bool is_lost(const engine::Context& context, IdentityNumber group) {
  const auto* stored = store::find<store::fb::Group>(context.view, store::group_key(group));
  return stored != nullptr && view_original(*stored) == nullptr;
}

void note_refused(engine::Context& context, IdentityNumber group, IdentityNumber system,
                  Exposure exposure, Cause cause) {
  if (exposure.refused == cause) return;  // the flash is not worn by a peer that refuses for ever
  exposure.refused = cause;
  put_exposure(context, group, system, exposure);
}

void forget_pending(engine::Context& context, std::string_view system_id, IdentityNumber system,
                    ExchangeId id, IdentityNumber group) {
  context.effects.erase(store::outbox_key(system, id));
  context.exchanges.settle(system_id, id);
  const auto* record = exposure_of(context, system, group, id);
  if (record == nullptr) return;
  Exposure exposure = unpack(*record);
  exposure.pending = {};
  put_exposure(context, group, system, exposure);
  context.operations.settled(id, Cause::not_authorised, exposure.revision);
}

void note_accepted(engine::Context& context, std::string_view system_id, IdentityNumber group,
                   IdentityNumber system, Exposure exposure) {
  if (exposure.withdrawn) {
    // Should the partner be given the group again, its revision goes on from here. What cannot be
    // remembered of the partner for want of space stays with its exposure.
    engine::PeerRecord peer = engine::find_peer(context, system_id);
    peer.revision_floor = std::max(peer.revision_floor, exposure.revision);
    const bool is_known = context.view.find(store::peer_key(system)) != nullptr;
    if ((is_known || !context.space_low) && engine::put_peer(context, system_id, peer)) {
      return context.effects.erase(store::exposure_key(group, system));
    }
  }
  exposure.pending = {};
  exposure.refused = Cause::none;
  exposure.acknowledged = exposure.revision;
  put_exposure(context, group, system, exposure);
}

}  // namespace bivouac::gms::home
