// SPDX-License-Identifier: Apache-2.0
#include "core/node/forwarding.h"

#include "core/base/identity.h"
#include "core/node/peer_message.h"
#include "core/wire/forward.h"
#include "core/wire/validate.h"

namespace bivouac::node::forwarding {
namespace {

bool has_room(const Session& session, std::size_t bytes) {
  return session.forwarded_frames < limits::forward_frames_max &&
         session.forwarded_bytes + bytes <= limits::forward_bytes_max;
}

}  // namespace

bool is_for_another(const engine::Context& context, const wire::fb::Envelope& envelope) {
  using wire::fb::Body;
  return envelope.body_type() != Body::Hello && envelope.body_type() != Body::Heartbeat &&
         wire::has_address(envelope) && !context.is_self(envelope.target()->string_view());
}

Cause forward(engine::Context& context, Links& links, const Links::Waiting& came,
              const wire::Inbound& inbound) {
  const wire::fb::Envelope& envelope = *inbound.envelope;
  const std::string_view origin = envelope.origin()->string_view();
  const std::string_view target = envelope.target()->string_view();
  const Session& from = *links.session(came.connection);
  const engine::Partner* neighbour = context.configuration.neighbour(from.system_id);
  const engine::Partner* next = context.configuration.next_hop(target);
  const std::size_t bytes = limits::frame_header_bytes + came.frame.body.size();

  Facts facts;
  facts.may_speak =
      neighbour != nullptr && engine::Configuration::may_speak_for(*neighbour, origin);
  facts.from_self = context.is_self(origin);
  facts.between_systems = !stays_within_system(envelope.body_type());
  facts.may_forward = neighbour != nullptr && matches_any(neighbour->rights.forward, target);
  facts.has_route = next != nullptr;
  facts.goes_back = next == neighbour;
  const ConnectionId to = next == nullptr ? ConnectionId{} : links.connection_to(next->system_id);
  const Session* session = links.session(to);
  facts.reachable = session != nullptr && session->deframer.has_value();
  facts.fits = facts.reachable && came.frame.body.size() <= session->frame_bytes_max;
  facts.has_room = facts.reachable && has_room(*session, bytes);
  if (facts.has_route && !facts.may_forward) {
    context.effects.note({NoteKind::right_missing, "10.2.7.1", from.system_id,
                          "forward " + std::string(target), Cause::not_authorised, 0});
  }
  if (const Cause cause = decide(facts); cause != Cause::none) return cause;
  const wire::Passage passage{context.now.mono - came.since, from.frame_bytes_max};
  Result<Bytes> frame = wire::forward(inbound, came.frame, passage);
  if (!frame) return frame.error();
  context.counters.count_forwarded(frame->size());
  links.forward(context, to, *std::move(frame));
  return Cause::none;
}

}  // namespace bivouac::node::forwarding
