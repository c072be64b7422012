// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/engine/context.h"
#include "core/node/links.h"
#include "core/wire/inbound.h"

/// A proxy between two group management servers: what is for another MC system is sent on, by its
/// target, and nothing is kept of it.
/// @clause S0 10.2.7.1 (10.2.7.1)
namespace bivouac::node::forwarding {

/// What a message that is not for us, and the way that it would take, are like.
struct Facts {
  bool may_speak = false;        // the neighbour that it came from, for its origin
  bool from_self = false;        // its origin is this very system
  bool between_systems = false;  // not a message that stays within one MC system
  bool may_forward = false;      // the neighbour has the right to send to the target through us
  bool has_route = false;
  bool goes_back = false;  // to the neighbour that it came from
  bool reachable = false;  // the link to the next hop is up
  bool fits = false;       // the next hop takes frames as long as this one
  bool has_room = false;   // not too much waits to leave to the next hop
};

constexpr Cause decide(const Facts& facts) {
  if (!facts.may_speak) return Cause::origin_not_permitted;
  if (facts.from_self) return Cause::route_loop;
  if (!facts.between_systems) return Cause::message_unexpected;
  // The right comes first: a stranger does not learn whom we can reach (D5).
  if (!facts.may_forward || !facts.has_route) return Cause::target_unknown;
  if (facts.goes_back) return Cause::route_loop;
  if (!facts.reachable) return Cause::unreachable;
  if (!facts.fits) return Cause::frame_too_long;
  if (!facts.has_room) return Cause::overloaded;
  return Cause::none;
}

/// Whether the sender may be told that its message was refused. What bears a name that is not the
/// sender's is not answered: the answer would go to somebody else.
constexpr bool may_refuse(Cause cause, bool from_self) {
  return cause != Cause::origin_not_permitted && !from_self;
}

/// True for a message with a good address that names another target than us.
bool is_for_another(const engine::Context& context, const wire::fb::Envelope& envelope);

/// Sends it on, or says why not; `came` is the connection over which the neighbour sent it.
Cause forward(engine::Context& context, Links& links, const Links::Waiting& came,
              const wire::Inbound& inbound);

}  // namespace bivouac::node::forwarding
