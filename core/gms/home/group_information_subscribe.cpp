// SPDX-License-Identifier: Apache-2.0
#include "core/gms/home/group_information_subscribe.h"

#include <algorithm>

#include "core/base/identity.h"
#include "core/base/planted.h"
#include "core/gms/group_record.h"
#include "core/gms/home/exposed_keys.h"
#include "core/gms/home/exposure_policy.h"
#include "core/gms/home/group_information_subscribe_decision.h"

namespace bivouac::gms::home::group_information_subscribe {
namespace {

/// Who asks, and what for all groups of the message.
struct Asking {
  const engine::Partner* partner = nullptr;
  std::string system_id;
  IdentityNumber system;
  Incarnation incarnation;
  std::uint32_t lease_s = 0;
  std::uint32_t interval_min_ms = 0;
  bool of_this_store = false;  // the known revisions
};

Asking asking(const engine::Context& context, const wire::fb::Envelope& envelope) {
  const auto& request = *envelope.body_as_GroupInformationSubscribeRequest();
  Asking asking;
  asking.system_id = envelope.origin()->str();
  asking.partner = context.configuration.partner(asking.system_id);
  asking.system = context.identities.find(asking.system_id);
  asking.incarnation = {envelope.origin_incarnation()};
  asking.lease_s = request.lease_s();
  asking.interval_min_ms = request.interval_min_ms();
  asking.of_this_store = request.known_incarnation() == context.incarnation.value;
  return asking;
}

Facts gather(const engine::Context& context, const Subscriptions& subscriptions,
             const Asking& asking, std::string_view group_id, ExposedRevision known) {
  Facts facts;
  facts.ends = asking.lease_s == 0;
  facts.may_subscribe =
      asking.partner != nullptr && matches_any(asking.partner->rights.subscribe, group_id);
  facts.in_range = asking.lease_s >= limits::lease_min_s && asking.lease_s <= limits::lease_max_s &&
                   asking.interval_min_ms <= limits::notify_interval_max_ms;
  facts.space_low = context.space_low;
  facts.has_room = subscriptions.has_room(asking.system);
  if (asking.of_this_store) facts.known = known;
  const IdentityNumber group = context.identities.find(group_id);
  facts.subscribed = find_subscription(context, group, asking.system).has_value();
  if (!facts.may_subscribe) return facts;
  const auto found = find_group(context, group_id);
  if (!found || !is_home_here(context, *found->record)) return facts;
  const auto defined = find_original(*found->record);
  facts.defined_here = defined.has_value();
  if (!defined) return facts;
  if (const auto exposed = expose(*defined, *asking.partner))
    facts.digest =
        told_digest(context, group, exposed_digest(*exposed), *asking.partner, Means::notification);
  facts.floor = first_exposure(context, asking.system_id).revision;
  if (const auto* record = store::find<store::fb::Exposure>(
          context.view, store::exposure_key(group, asking.system))) {
    facts.told = unpack(*record);
  }
  return facts;
}

/// The subscription as it is to be. A lease that has most of its time left is not written again: a
/// link that comes and goes does not wear the flash.
Subscription renewed(const engine::Context& context, const Asking& asking,
                     const std::optional<Subscription>& now) {
  Subscription next{asking.incarnation, engine::begin_lease(context, asking.lease_s),
                    asking.interval_min_ms, 0};
  if (!now || now->lease.seconds != asking.lease_s) return next;
  const std::int64_t whole_ms = static_cast<std::int64_t>(asking.lease_s) * 1'000;
  if (engine::time_left(context, now->lease).ms >= whole_ms / 4 * 3) next.lease = now->lease;
  return next;
}

void tell(engine::Context& context, const Asking& asking, IdentityNumber group, const Facts& facts,
          const Decision& decision) {
  Exposure exposure = facts.told.value_or(Exposure{});
  const bool waits = exposure.pending.is_set() && exposure.revision == decision.revision &&
                     exposure.refused == Cause::none && !exposure.withdrawn;
  exposure.revision = decision.revision;
  exposure.digest = facts.digest;
  exposure.withdrawn = false;
  exposure.asked = true;
  if (decision.notify && !waits) {
    put_pending(context, group, asking.system, asking.system_id, exposure, Means::notification);
    return;
  }
  if (!decision.notify) {
    if (exposure.pending.is_set()) drop_pending(context, asking.system, asking.system_id, exposure);
    exposure.acknowledged = exposure.revision;  // it has it already
    exposure.refused = Cause::none;
  }
  if (exposure != facts.told) put_exposure(context, group, asking.system, exposure);
}

/// Seconds that the lease lasts from now on; 0 when the subscription ends.
std::uint32_t apply(engine::Context& context, Subscriptions& subscriptions, const Asking& asking,
                    std::string_view group_id, const Facts& facts, const Decision& decision) {
  const IdentityNumber group = context.identities.find(group_id);
  if (facts.ends) {
    subscriptions.end(context, group, asking.system, Cause::none);
    return 0;
  }
  const auto now = find_subscription(context, group, asking.system);
  const Subscription next = renewed(context, asking, now);
  const bool forgotten = is_planted(Planted::subscription_forgotten) && !now;
  if (next != now && !forgotten) subscriptions.put(context, group, asking.system, next);
  if (!now) {
    context.effects.note({NoteKind::subscribed, "10.2.7.4", asking.system_id, std::string(group_id),
                          Cause::none, asking.lease_s});
  }
  tell(context, asking, group, facts, decision);
  return static_cast<std::uint32_t>(engine::time_left(context, next.lease).ms / 1'000);
}

/// One group of the message. Lowers `lease_s` to the time that its lease has.
wire::SubscriptionOutcome subscribe(engine::Context& context, Subscriptions& subscriptions,
                                    Asking& asking, std::string_view group_id,
                                    ExposedRevision known, std::uint32_t& lease_s) {
  const Facts facts = gather(context, subscriptions, asking, group_id, known);
  Decision decision = decide(facts);
  if (decision.cause == Cause::none && !facts.ends && !asking.system.is_set()) {
    const auto interned = context.identities.intern(context.effects, asking.system_id);
    if (interned) asking.system = *interned;
    if (!interned) decision.cause = interned.error();
  }
  if (decision.cause == Cause::none) {
    const std::uint32_t left = apply(context, subscriptions, asking, group_id, facts, decision);
    lease_s = std::min(lease_s, left);
    return {std::string(group_id), Cause::none, decision.revision};
  }
  context.refused(asking.system_id, group_id, decision.cause);
  if (decision.cause == Cause::not_authorised) {
    context.effects.note({NoteKind::right_missing, "10.2.7.4", asking.system_id,
                          "subscribe " + std::string(group_id), decision.cause, 0});
  }
  return {std::string(group_id), decision.cause, {}};
}

}  // namespace

void on_request(engine::Context& context, Subscriptions& subscriptions, Delivery& delivery,
                const wire::fb::Envelope& envelope) {
  const auto& request = *envelope.body_as_GroupInformationSubscribeRequest();
  Asking from = asking(context, envelope);
  std::uint32_t lease_s = from.lease_s;
  std::vector<wire::SubscriptionOutcome> outcomes;
  outcomes.push_back(subscribe(context, subscriptions, from, request.group_id()->string_view(),
                               {request.known_revision()}, lease_s));
  if (request.further() != nullptr) {
    for (const auto* one : *request.further()) {
      const ExposedRevision known{one->known_revision()};
      auto outcome =
          subscribe(context, subscriptions, from, one->group_id()->string_view(), known, lease_s);
      // What is granted and known already needs no word: a reconnection stays small.
      const bool known_here = from.of_this_store && outcome.revision == known;
      if (outcome.cause != Cause::none || (!known_here && from.lease_s != 0))
        outcomes.push_back(std::move(outcome));
    }
  }
  delivery.wake(from.system_id);
  context.step_done("10.2.7.4/2", request.group_id()->string_view(), from.system_id);
  context.post.send(from.system_id,
                    wire::build_group_information_subscribe_response(context.answer_to(envelope),
                                                                     lease_s, outcomes),
                    engine::Priority::control);
}

}  // namespace bivouac::gms::home::group_information_subscribe
