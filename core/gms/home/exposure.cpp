// SPDX-License-Identifier: Apache-2.0
#include "core/gms/home/exposure.h"

#include "core/base/identity.h"
#include "core/engine/peer_record.h"

namespace bivouac::gms::home {

Exposure unpack(const store::fb::Exposure& record) {
  return {{record.revision()},
          record.digest(),
          {record.acknowledged_revision()},
          record.withdrawn(),
          record.asked(),
          {record.pending_exchange()},
          static_cast<Cause>(record.refused_cause())};
}

Exposure first_exposure(const engine::Context& context, std::string_view system_id) {
  Exposure exposure;
  exposure.revision = engine::find_peer(context, system_id).revision_floor;
  return exposure;
}

void put_exposure(engine::Context& context, IdentityNumber group, IdentityNumber system,
                  const Exposure& exposure) {
  flatbuffers::FlatBufferBuilder builder(256);
  const auto record = store::fb::CreateExposure(builder, exposure.revision.value, exposure.digest,
                                                exposure.acknowledged.value, exposure.withdrawn,
                                                exposure.asked, exposure.pending.value,
                                                static_cast<std::uint16_t>(exposure.refused));
  context.effects.put(store::exposure_key(group, system), store::finish(builder, record));
}

Means means_for(const engine::Context& context, IdentityNumber group, IdentityNumber system,
                std::string_view group_id, std::string_view system_id) {
  const engine::Partner* partner = context.configuration.partner(system_id);
  const bool subscribed = partner != nullptr && matches_any(partner->rights.subscribe, group_id) &&
                          context.view.find(store::subscription_key(group, system)) != nullptr;
  return subscribed ? Means::notification : Means::push;
}

void drop_pending(engine::Context& context, IdentityNumber system, std::string_view system_id,
                  Exposure& exposure) {
  context.effects.erase(store::outbox_key(system, exposure.pending));
  context.exchanges.settle(system_id, exposure.pending);
  context.operations.settled(exposure.pending, Cause::superseded, exposure.revision);
  exposure.pending = {};
}

ExchangeId put_pending(engine::Context& context, IdentityNumber group, IdentityNumber system,
                       std::string_view system_id, Exposure exposure, Means means) {
  if (exposure.pending.is_set()) drop_pending(context, system, system_id, exposure);
  exposure.pending = context.exchanges.next_id();
  exposure.refused = Cause::none;
  context.exchanges.expect(system_id, exposure.pending);
  flatbuffers::FlatBufferBuilder builder(64);
  context.effects.put(
      store::outbox_key(system, exposure.pending),
      store::finish(builder,
                    store::fb::CreateOutbox(builder, group.value, means == Means::notification)));
  put_exposure(context, group, system, exposure);
  return exposure.pending;
}

}  // namespace bivouac::gms::home
