// SPDX-License-Identifier: Apache-2.0
#include "core/node/greeting.h"

#include "core/engine/peer_record.h"

namespace bivouac::node {

Result<Greeting> greet(engine::Context& context, const std::string& system_id, Incarnation told,
                       bool& later) {
  engine::PeerRecord peer = engine::find_peer(context, system_id);
  const Incarnation before = peer.incarnation;
  const bool wait = context.space_low && before != told;
  later |= wait;
  if (!wait) peer.incarnation = told;
  peer.dial_attempts = 0;
  const auto system = engine::put_peer(context, system_id, peer);
  if (!system) return refuse(system.error());
  return Greeting{true, before, peer.incarnation, *system};
}

}  // namespace bivouac::node
