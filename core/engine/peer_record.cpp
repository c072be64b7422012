// SPDX-License-Identifier: Apache-2.0
#include "core/engine/peer_record.h"

#include "core/store/record.h"

namespace bivouac::engine {

PeerRecord find_peer(const Context& context, std::string_view system_id) {
  const IdentityNumber system = context.identities.find(system_id);
  const auto* record = store::find<store::fb::Peer>(context.view, store::peer_key(system));
  if (!system.is_set() || record == nullptr) return {};
  return {{record->incarnation()},
          record->dial_attempts(),
          record->policy_digest(),
          {record->revision_floor()}};
}

Result<IdentityNumber> put_peer(Context& context, std::string_view system_id,
                                const PeerRecord& peer) {
  const IdentityNumber known = context.identities.find(system_id);
  if (context.space_low && context.view.find(store::peer_key(known)) == nullptr) return known;
  const auto system = context.identities.intern(context.effects, system_id);
  if (!system || find_peer(context, system_id) == peer) return system;
  flatbuffers::FlatBufferBuilder builder(64);
  context.effects.put(
      store::peer_key(*system),
      store::finish(builder,
                    store::fb::CreatePeer(builder, peer.incarnation.value, peer.dial_attempts,
                                          peer.policy_digest, peer.revision_floor.value)));
  return system;
}

}  // namespace bivouac::engine
