// SPDX-License-Identifier: Apache-2.0
#include "core/gms/home/delivery.h"

#include <algorithm>

#include "core/base/planted.h"
#include "core/gms/group_record.h"
#include "core/gms/home/exposed_keys.h"
#include "core/gms/home/group_information_notify.h"
#include "core/gms/home/outbox_entry.h"

namespace bivouac::gms::home {
namespace {

using engine::DeadlineKind;
using wire::fb::Body;

constexpr std::size_t put_aside_per_step_max = 32;

}  // namespace

void Delivery::start(engine::Context& context) {
  for (const auto& [key, value] : context.view.scan(store::prefix(store::RecordKind::outbox))) {
    const std::string_view system = context.identities.text(context.view, {key.number_at(4)});
    context.exchanges.expect(system, {key.long_at(8)});
  }
}

/// A few at a time, and no more bytes than a connection's queue takes.
bool Delivery::is_full(const Flight& flight) const {
  return flight.sent.size() >= limits::provisions_in_flight_max ||
         flight.bytes >= limits::provision_bytes_in_flight_max || !has_room();
}

void Delivery::send_some(engine::Context& context) {
  if (awake_.empty()) return;
  const std::string system_id = *awake_.begin();
  awake_.erase(awake_.begin());
  const engine::Partner* partner = context.configuration.partner(system_id);
  const IdentityNumber system = context.identities.find(system_id);
  if (partner == nullptr || !system.is_set() || !context.post.is_reachable(system_id)) return;

  Flight& flight = flights_[system_id];
  std::size_t put_aside = 0;
  // In the order of their ids, so that the partner can forget its answers early.
  for (const auto& [key, value] :
       context.view.scan(store::prefix(store::RecordKind::outbox, system.value))) {
    if (is_full(flight)) break;
    const auto& entry = store::get<store::fb::Outbox>(value);
    const Pending pending{system, {entry.group()}, {key.long_at(8)}, means_of(entry)};
    if (flight.sent.contains(pending.id) || flight.refused.contains(pending.id)) continue;
    if (must_wait(context, flight, pending)) continue;
    if (renew(context, system_id, pending)) {
      wake(system_id);  // it has its place behind the others now
    } else if (send_one(context, *partner, pending)) {
      continue;
    }
    if (++put_aside == put_aside_per_step_max) {
      wake(system_id);
      return;
    }
  }
  if (!has_room()) wake(system_id);
}

/// One is on the way for this group, or the last one left too short a time ago.
bool Delivery::must_wait(engine::Context& context, Flight& flight, const Pending& pending) const {
  if (pending.means == Means::push) return false;
  const bool under_way = std::ranges::any_of(
      flight.sent, [&](const auto& one) { return one.second.pending.group == pending.group; });
  if (under_way) return true;  // its answer wakes us
  const auto interval = flight.not_before.find(pending.group);
  if (interval == flight.not_before.end()) return false;
  if (interval->second <= context.now.mono) {
    flight.not_before.erase(interval);
    return false;
  }
  flight.notify_again = std::min(flight.notify_again, interval->second);
  context.deadlines.set({DeadlineKind::notify_again, pending.system.value}, flight.notify_again);
  return true;
}

/// What is pending still becomes a new request when the partner may have forgotten its answer
/// (decision 5), and when another kind of message is right for it now.
bool Delivery::renew(engine::Context& context, std::string_view system_id,
                     const Pending& pending) const {
  const auto* record = exposure_of(context, pending.system, pending.group, pending.id);
  if (record == nullptr) return false;
  const Means means = means_for(context, pending.group, pending.system,
                                context.identities.text(context.view, pending.group), system_id);
  if (means == pending.means &&
      !context.exchanges.has_expired(system_id, pending.id, context.now.mono)) {
    return false;
  }
  Exposure exposure = unpack(*record);
  if (means != pending.means && !exposure.withdrawn)
    tell_by(context, means, pending, system_id, exposure);
  put_pending(context, pending.group, pending.system, system_id, exposure, means);
  return true;
}

/// One kind of message bears key material and the other does not: what is told is another thing.
void Delivery::tell_by(const engine::Context& context, Means means, const Pending& pending,
                       std::string_view system_id, Exposure& exposure) const {
  const engine::Partner* partner = context.configuration.partner(system_id);
  const auto* stored = store::find<store::fb::Group>(context.view, store::group_key(pending.group));
  if (partner == nullptr || stored == nullptr || view_original(*stored) == nullptr) return;
  const std::uint64_t shown = shown_groups_.of(pending.group, *stored, *partner).digest;
  const std::uint64_t digest = told_digest(context, pending.group, shown, *partner, means);
  if (digest == exposure.digest) return;
  exposure.digest = digest;
  ++exposure.revision.value;
}

/// False when it was put aside instead: forgotten, or refused already here.
bool Delivery::send_one(engine::Context& context, const engine::Partner& partner,
                        const Pending& pending) {
  const std::string& system_id = partner.system_id;
  const auto [system, group, id, means] = pending;
  context.exchanges.expect(system_id, id);  // again, if it was refused before
  if (is_lost(context, group)) {
    put_off(context, system_id, pending, Cause::group_unknown);
    return false;
  }
  std::optional<Bytes> frame;
  if (const auto* record = exposure_of(context, system, group, id))
    frame = build(context, shown_groups_, partner, *record, id, group, means);
  if (!frame) {
    forget_pending(context, system_id, system, id, group);
    return false;
  }
  if (frame->size() - limits::frame_header_bytes > context.post.frame_bytes_max_of(system_id)) {
    put_off(context, system_id, pending, Cause::frame_too_long);
    return false;
  }
  Flight& flight = flights_[system_id];
  context.exchanges.sent(system_id, id, context.now.mono);
  flight.sent.emplace(id, Sent{pending, frame->size()});
  flight.bytes += frame->size();
  bytes_on_the_way_ += frame->size();
  note_interval(context, flight, pending);
  context.deadlines.set({DeadlineKind::exchange, id.value},
                        context.now.mono + DurationMs{limits::exchange_ms});
  const std::string group_id(context.identities.text(context.view, group));
  const Body request = means == Means::notification ? Body::GroupInformationNotifyRequest
                                                    : Body::GroupConfigurationProvisionRequest;
  context.exchanges.open(id, {system_id, request, group_id});
  context.post.send(system_id, *std::move(frame), engine::Priority::bulk);
  context.step_done(first_step(means), group_id, system_id);
  if (is_planted(Planted::outbox_entry_lost)) context.effects.erase(store::outbox_key(system, id));
  return true;
}

void Delivery::note_interval(engine::Context& context, Flight& flight,
                             const Pending& pending) const {
  const auto subscription = find_subscription(context, pending.group, pending.system);
  if (pending.means == Means::push || !subscription || subscription->interval_min_ms == 0) return;
  flight.not_before[pending.group] =
      context.now.mono + DurationMs{std::int64_t{subscription->interval_min_ms}};
}

/// Nothing that was accepted is thrown away: it stays pending, visibly, and is tried again.
void Delivery::put_off(engine::Context& context, std::string_view system_id, const Pending& pending,
                       Cause cause) {
  const std::string group_id(context.identities.text(context.view, pending.group));
  context.refused(system_id, group_id, cause);
  const Exposure exposure = unpack(*store::find<store::fb::Exposure>(
      context.view, store::exposure_key(pending.group, pending.system)));
  context.operations.settled(pending.id, cause, exposure.revision);
  // A refusal is an answer, and the partner keeps none of it: later answers need not be kept for
  // its sake.
  context.exchanges.settle(system_id, pending.id);
  Flight& flight = flights_[std::string(system_id)];
  flight.not_before.erase(pending.group);
  if (pending.means == Means::notification &&
      group_information_notify::on_failure(context, subscriptions_, pending.group, pending.system,
                                           cause)) {
    return;  // it is not subscribed any more: as a push it goes on at once, if it may
  }
  flight.refused.insert(pending.id);
  const DurationMs wait{engine::is_passing(cause) ? limits::push_again_passing_ms
                                                  : limits::push_again_ms};
  // The earliest counts: later refusals must not put off those before them.
  flight.again = std::min(flight.again, context.now.mono + wait);
  context.deadlines.set({DeadlineKind::push_again, pending.system.value}, flight.again);
  note_refused(context, pending.group, pending.system, exposure, cause);
}

void Delivery::on_response(engine::Context& context, std::string_view system_id, ExchangeId id,
                           std::string_view group_id, Means means, Cause cause) {
  const IdentityNumber system = context.identities.find(system_id);
  const store::Key key = store::outbox_key(system, id);
  const auto* entry = store::find<store::fb::Outbox>(context.view, key);
  const auto flight = flights_.find(system_id);
  const bool sent = flight != flights_.end() && flight->second.sent.contains(id);
  const IdentityNumber group{entry == nullptr ? 0 : entry->group()};
  const auto* record = exposure_of(context, system, group, id);
  const bool of_it = entry == nullptr || (record != nullptr && means_of(*entry) == means &&
                                          context.identities.text(context.view, group) == group_id);
  if (!of_it || (!sent && entry == nullptr)) {
    // Ids are easy to guess: an answer to no request of ours to this partner changes nothing.
    context.refused(system_id, group_id, Cause::message_unexpected);
    return;
  }
  if (sent) take_back(context, flight->second, id);
  wake(system_id);
  if (entry == nullptr) return;  // something newer took its place
  context.step_done(last_step(means), group_id, system_id);
  if (cause != Cause::none) return put_off(context, system_id, {system, group, id, means}, cause);
  const Exposure exposure = unpack(*record);
  context.operations.settled(id, cause, exposure.revision);
  context.effects.erase(key);
  context.exchanges.settle(system_id, id);
  if (means == Means::notification) {
    group_information_notify::on_success(context, subscriptions_, group, system,
                                         exposure.withdrawn);
  }
  note_accepted(context, system_id, group, system, exposure);
}

/// It is on the way no longer.
void Delivery::take_back(engine::Context& context, Flight& flight, ExchangeId id) {
  const auto sent = flight.sent.find(id);
  if (sent == flight.sent.end()) return;
  flight.bytes -= sent->second.bytes;
  bytes_on_the_way_ -= sent->second.bytes;
  flight.sent.erase(sent);
  context.exchanges.close(id);
  context.deadlines.clear({DeadlineKind::exchange, id.value});
}

void Delivery::on_timeout(engine::Context& context, ExchangeId id, std::string_view system_id) {
  const auto flight = flights_.find(system_id);
  if (flight == flights_.end() || !flight->second.sent.contains(id)) return;
  const Pending pending = flight->second.sent.at(id).pending;
  take_back(context, flight->second, id);
  flight->second.not_before.erase(pending.group);
  if (pending.means == Means::notification) {
    context.refused(system_id, "GroupInformationNotifyRequest", Cause::timed_out);
    group_information_notify::on_failure(context, subscriptions_, pending.group, pending.system,
                                         Cause::timed_out);
  } else {
    context.refused(system_id, "GroupConfigurationProvisionRequest", Cause::timed_out);
  }
  wake(system_id);
}

void Delivery::on_link_down(engine::Context& context, std::string_view system_id) {
  const auto flight = flights_.find(system_id);
  if (flight == flights_.end()) return;
  while (!flight->second.sent.empty()) {
    const ExchangeId id = flight->second.sent.begin()->first;
    take_back(context, flight->second, id);
  }
  flights_.erase(flight);
}

void Delivery::on_push_again(engine::Context& context, IdentityNumber system) {
  const std::string system_id(context.identities.text(context.view, system));
  if (const auto flight = flights_.find(system_id); flight != flights_.end()) {
    flight->second.refused.clear();
    flight->second.again = MonoMs::never();
  }
  wake(system_id);
}

void Delivery::on_notify_again(engine::Context& context, IdentityNumber system) {
  const std::string system_id(context.identities.text(context.view, system));
  if (const auto flight = flights_.find(system_id); flight != flights_.end())
    flight->second.notify_again = MonoMs::never();
  wake(system_id);
}

std::size_t Delivery::pending(const engine::Context& context, std::string_view system_id) const {
  const IdentityNumber system = context.identities.find(system_id);
  if (!system.is_set()) return 0;
  const auto entries = context.view.scan(store::prefix(store::RecordKind::outbox, system.value));
  return static_cast<std::size_t>(std::distance(entries.begin(), entries.end()));
}

}  // namespace bivouac::gms::home
