// SPDX-License-Identifier: Apache-2.0
#include "core/gms/home/group_configuration_provision.h"

#include <algorithm>

#include "core/base/identity.h"
#include "core/base/planted.h"
#include "core/engine/peer_record.h"
#include "core/gms/group_record.h"
#include "core/gms/home/exposure.h"
#include "core/gms/home/exposure_policy.h"

namespace bivouac::gms::home {
namespace {

using engine::DeadlineId;
using engine::DeadlineKind;

constexpr std::size_t put_aside_per_step_max = 32;

/// Step 1 for one outbox record; none when its exposure is gone.
std::optional<Bytes> build(engine::Context& context, const engine::Partner& partner,
                           IdentityNumber system, ExchangeId id, IdentityNumber group) {
  const auto* record =
      store::find<store::fb::Exposure>(context.view, store::exposure_key(group, system));
  if (record == nullptr || record->pending_exchange() != id.value) return std::nullopt;
  const std::string group_id(context.identities.text(context.view, group));
  if (group_id.empty()) return std::nullopt;  // a salvaged store lost its name
  const wire::Address address =
      context.request_to(partner.system_id, id, DurationMs{limits::exchange_ms});
  const auto* stored = store::find<store::fb::Group>(context.view, store::group_key(group));
  std::optional<GroupConfiguration> exposed;
  if (!record->withdrawn() && stored != nullptr) {
    const bool wrong = is_planted(Planted::overlay_sent_upstream);
    // What a salvaged store lost may have come back as the group of somebody else.
    if (!wrong && !is_home_here(context, *stored)) return std::nullopt;
    exposed = expose(wrong ? effective(*stored) : original(*stored), partner);
  }
  // The group may be gone already while its tombstone is still to be decided.
  return wire::build_group_configuration_provision_request(address, group_id, {record->revision()},
                                                           exposed ? &*exposed : nullptr);
}

/// A lost group is not withdrawn from partners, who may have what we lost.
bool is_lost(const engine::Context& context, IdentityNumber group) {
  const auto* stored = store::find<store::fb::Group>(context.view, store::group_key(group));
  return stored != nullptr && view_original(*stored) == nullptr;
}

/// The partner may have forgotten its answer: what is pending still becomes a new request
/// (decision 5).
bool renew_expired(engine::Context& context, std::string_view system_id, IdentityNumber system,
                   ExchangeId id, IdentityNumber group) {
  if (!context.exchanges.has_expired(system_id, id, context.now.mono)) return false;
  const auto* record =
      store::find<store::fb::Exposure>(context.view, store::exposure_key(group, system));
  if (record == nullptr || record->pending_exchange() != id.value) return false;
  put_pending(context, group, system, system_id, unpack(*record));
  return true;
}

void note_refused(engine::Context& context, IdentityNumber group, IdentityNumber system,
                  Exposure exposure, Cause cause) {
  if (exposure.refused == cause) return;  // the flash is not worn by a peer that refuses for ever
  exposure.refused = cause;
  put_exposure(context, group, system, exposure);
}

/// What waited to be provided since the partner still had the right to receive it is not sent any
/// more; what it has, by a pull, it keeps.
bool has_lost_its_right(const engine::Context& context, const engine::Partner& partner,
                        IdentityNumber system, IdentityNumber group) {
  const auto* record =
      store::find<store::fb::Exposure>(context.view, store::exposure_key(group, system));
  return record != nullptr && !record->withdrawn() &&
         !matches_any(partner.rights.receive, context.identities.text(context.view, group));
}

void forget_pending(engine::Context& context, std::string_view system_id, IdentityNumber system,
                    ExchangeId id, IdentityNumber group) {
  context.effects.erase(store::outbox_key(system, id));
  context.exchanges.settle(system_id, id);
  const auto* record =
      store::find<store::fb::Exposure>(context.view, store::exposure_key(group, system));
  if (record == nullptr || record->pending_exchange() != id.value) return;
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

}  // namespace

void GroupConfigurationProvision::start(engine::Context& context) {
  for (const auto& [key, value] : context.view.scan(store::prefix(store::RecordKind::outbox))) {
    const std::string_view system = context.identities.text(context.view, {key.number_at(4)});
    context.exchanges.expect(system, {key.long_at(8)});
  }
}

void GroupConfigurationProvision::send_some(engine::Context& context) {
  if (awake_.empty()) return;
  const std::string system_id = *awake_.begin();
  awake_.erase(awake_.begin());
  const engine::Partner* partner = context.configuration.partner(system_id);
  const IdentityNumber system = context.identities.find(system_id);
  if (partner == nullptr || !system.is_set() || !context.post.is_reachable(system_id)) return;

  const Flight& flight = flights_[system_id];
  std::size_t put_aside = 0;
  // In the order of their ids, so that the partner can forget its answers early.
  for (const auto& [key, value] :
       context.view.scan(store::prefix(store::RecordKind::outbox, system.value))) {
    // A few at a time, and no more bytes than a connection's queue takes.
    if (flight.sent.size() >= limits::provisions_in_flight_max ||
        flight.bytes >= limits::provision_bytes_in_flight_max || !has_room()) {
      break;
    }
    const ExchangeId id{key.long_at(8)};
    if (flight.sent.contains(id) || flight.refused.contains(id)) continue;
    const IdentityNumber group{store::get<store::fb::Outbox>(value).group()};
    if (renew_expired(context, system_id, system, id, group)) {
      wake(system_id);  // it has its place behind the others now
    } else if (send_one(context, *partner, system, id, group)) {
      continue;
    }
    if (++put_aside == put_aside_per_step_max) {
      wake(system_id);
      return;
    }
  }
  if (!has_room()) wake(system_id);
}

/// False when it was put aside instead: forgotten, or refused already here.
bool GroupConfigurationProvision::send_one(engine::Context& context, const engine::Partner& partner,
                                           IdentityNumber system, ExchangeId id,
                                           IdentityNumber group) {
  const std::string& system_id = partner.system_id;
  context.exchanges.expect(system_id, id);  // again, if it was refused before
  if (is_lost(context, group)) {
    put_off(context, system_id, {system, group, id}, Cause::group_unknown);
    return false;
  }
  std::optional<Bytes> frame;
  if (!has_lost_its_right(context, partner, system, group)) {
    frame = build(context, partner, system, id, group);
  }
  if (!frame) {
    forget_pending(context, system_id, system, id, group);
    return false;
  }
  if (frame->size() - limits::frame_header_bytes > context.post.frame_bytes_max_of(system_id)) {
    put_off(context, system_id, {system, group, id}, Cause::frame_too_long);
    return false;
  }
  Flight& flight = flights_[system_id];
  context.exchanges.sent(system_id, id, context.now.mono);
  flight.sent.emplace(id, frame->size());
  flight.bytes += frame->size();
  bytes_on_the_way_ += frame->size();
  context.deadlines.set({DeadlineKind::exchange, id.value},
                        context.now.mono + DurationMs{limits::exchange_ms});
  const std::string group_id(context.identities.text(context.view, group));
  context.exchanges.open(id,
                         {system_id, wire::fb::Body::GroupConfigurationProvisionRequest, group_id});
  context.post.send(system_id, *std::move(frame), engine::Priority::bulk);
  context.step_done("10.2.7.2/1", group_id, system_id);
  if (is_planted(Planted::outbox_entry_lost)) context.effects.erase(store::outbox_key(system, id));
  return true;
}

/// Nothing that was accepted is thrown away: it stays pending, visibly, and is tried again.
void GroupConfigurationProvision::put_off(engine::Context& context, std::string_view system_id,
                                          const Pending& pending, Cause cause) {
  const std::string group_id(context.identities.text(context.view, pending.group));
  context.refused(system_id, group_id, cause);
  const Exposure exposure = unpack(*store::find<store::fb::Exposure>(
      context.view, store::exposure_key(pending.group, pending.system)));
  context.operations.settled(pending.id, cause, exposure.revision);
  // A refusal is an answer, and the partner keeps none of it: later answers need not be kept for
  // its sake.
  context.exchanges.settle(system_id, pending.id);
  Flight& flight = flights_[std::string(system_id)];
  flight.refused.insert(pending.id);
  const DurationMs wait{engine::is_passing(cause) ? limits::push_again_passing_ms
                                                  : limits::push_again_ms};
  // The earliest counts: later refusals must not put off those before them.
  flight.again = std::min(flight.again, context.now.mono + wait);
  context.deadlines.set({DeadlineKind::push_again, pending.system.value}, flight.again);
  note_refused(context, pending.group, pending.system, exposure, cause);
}

void GroupConfigurationProvision::on_response(engine::Context& context, std::string_view system_id,
                                              ExchangeId id, std::string_view group_id,
                                              Cause cause) {
  const IdentityNumber system = context.identities.find(system_id);
  const store::Key key = store::outbox_key(system, id);
  const auto* entry = store::find<store::fb::Outbox>(context.view, key);
  const auto flight = flights_.find(system_id);
  const bool sent = flight != flights_.end() && flight->second.sent.contains(id);
  const IdentityNumber group{entry == nullptr ? 0 : entry->group()};
  const auto* record =
      store::find<store::fb::Exposure>(context.view, store::exposure_key(group, system));
  const bool of_it =
      entry == nullptr || (record != nullptr && record->pending_exchange() == id.value &&
                           context.identities.text(context.view, group) == group_id);
  if (!of_it || (!sent && entry == nullptr)) {
    // Ids are easy to guess: an answer to no request of ours to this partner changes nothing.
    context.refused(system_id, group_id, Cause::message_unexpected);
    return;
  }
  if (sent) take_back(context, flight->second, id);
  wake(system_id);
  if (entry == nullptr) return;  // a newer push took its place
  context.step_done("10.2.7.2/5", group_id, system_id);
  if (cause != Cause::none) return put_off(context, system_id, {system, group, id}, cause);
  const Exposure exposure = unpack(*record);
  context.operations.settled(id, cause, exposure.revision);
  context.effects.erase(key);
  context.exchanges.settle(system_id, id);
  note_accepted(context, system_id, group, system, exposure);
}

/// It is on the way no longer.
void GroupConfigurationProvision::take_back(engine::Context& context, Flight& flight,
                                            ExchangeId id) {
  const auto sent = flight.sent.find(id);
  if (sent == flight.sent.end()) return;
  flight.bytes -= sent->second;
  bytes_on_the_way_ -= sent->second;
  flight.sent.erase(sent);
  context.exchanges.close(id);
  context.deadlines.clear({DeadlineKind::exchange, id.value});
}

void GroupConfigurationProvision::on_timeout(engine::Context& context, ExchangeId id,
                                             std::string_view system_id) {
  const auto flight = flights_.find(system_id);
  if (flight == flights_.end() || !flight->second.sent.contains(id)) return;
  take_back(context, flight->second, id);
  context.refused(system_id, "GroupConfigurationProvisionRequest", Cause::timed_out);
  wake(system_id);
}

void GroupConfigurationProvision::on_link_down(engine::Context& context,
                                               std::string_view system_id) {
  const auto flight = flights_.find(system_id);
  if (flight == flights_.end()) return;
  while (!flight->second.sent.empty()) {
    const ExchangeId id = flight->second.sent.begin()->first;
    take_back(context, flight->second, id);
  }
  flights_.erase(flight);
}

void GroupConfigurationProvision::on_push_again(engine::Context& context, IdentityNumber system) {
  const std::string system_id(context.identities.text(context.view, system));
  if (const auto flight = flights_.find(system_id); flight != flights_.end()) {
    flight->second.refused.clear();
    flight->second.again = MonoMs::never();
  }
  wake(system_id);
}

std::size_t GroupConfigurationProvision::pending(const engine::Context& context,
                                                 std::string_view system_id) const {
  const IdentityNumber system = context.identities.find(system_id);
  if (!system.is_set()) return 0;
  const auto entries = context.view.scan(store::prefix(store::RecordKind::outbox, system.value));
  return static_cast<std::size_t>(std::distance(entries.begin(), entries.end()));
}

}  // namespace bivouac::gms::home
