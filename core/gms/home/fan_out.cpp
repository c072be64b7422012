// SPDX-License-Identifier: Apache-2.0
#include "core/gms/home/fan_out.h"

#include <algorithm>

#include "core/base/identity.h"
#include "core/base/planted.h"
#include "core/engine/peer_record.h"
#include "core/gms/group_record.h"
#include "core/gms/home/exposed_keys.h"
#include "core/gms/home/exposure.h"
#include "core/gms/home/exposure_policy.h"
#include "core/gms/home/fan_out_decision.h"

namespace bivouac::gms::home::fan_out {
namespace {

// A comparison makes six mutations at most; a slice stays well below limits::effects_max.
constexpr std::size_t comparisons_per_slice = 16;

void apply(engine::Context& context, IdentityNumber group, IdentityNumber system,
           std::string_view system_id, const Facts& facts, Decision decision) {
  Exposure exposure = facts.told ? *facts.told : first_exposure(context, system_id);
  const bool withdrawn = decision == Decision::withdraw;
  const bool same =
      facts.told && exposure.withdrawn == withdrawn && exposure.digest == facts.digest;
  if (!same) ++exposure.revision.value;  // the exposed bytes changed (decision 11)
  exposure.digest = withdrawn ? 0 : facts.digest;
  exposure.withdrawn = withdrawn;
  put_pending(context, group, system, system_id, exposure,
              facts.subscribed ? Means::notification : Means::push);
}

/// What the comparisons of one slice lead to.
struct Slice {
  bool waits = false;  // some push has to wait until there is space for it
  std::vector<std::string>& pushed_to;
  Subscriptions& subscriptions;
  ShownGroups& shown_groups;
};

struct Compared {
  IdentityNumber group;
  std::string_view group_id;
  const store::fb::Group* record = nullptr;  // null: the group was removed
  const GroupConfiguration* configuration = nullptr;
};

/// Whether the partner holds a subscription that our rules allow. One that they do not allow any
/// more, or that another store of the partner made, ends here.
bool is_subscribed(engine::Context& context, IdentityNumber group, IdentityNumber system,
                   const engine::Partner& partner, bool may_subscribe, Slice& slice) {
  const auto subscription = find_subscription(context, group, system);
  if (!subscription) return false;
  const bool same_store =
      subscription->subscriber == engine::find_peer(context, partner.system_id).incarnation;
  if (may_subscribe && same_store) return true;
  slice.subscriptions.end(context, group, system,
                          may_subscribe ? Cause::not_subscribed : Cause::not_authorised);
  return false;
}

void compare(engine::Context& context, const Compared& compared, const engine::Partner& partner,
             bool resend, Slice& slice) {
  const auto [group, group_id, record_of_group, configuration] = compared;
  Facts facts;
  const IdentityNumber known = context.identities.find(partner.system_id);
  if (const auto* record =
          store::find<store::fb::Exposure>(context.view, store::exposure_key(group, known))) {
    facts.told = unpack(*record);
    // A salvaged store may lack the entry of what is pending: nothing is.
    const ExchangeId pending = facts.told->pending;
    if (pending.is_set() && context.view.find(store::outbox_key(known, pending)) == nullptr) {
      facts.told->pending = {};
    }
  }
  facts.resend = resend;
  facts.may_subscribe = matches_any(partner.rights.subscribe, group_id);
  facts.subscribed = is_subscribed(context, group, known, partner, facts.may_subscribe, slice);
  if (configuration != nullptr) {
    facts.may_receive = matches_any(partner.rights.receive, group_id);
    facts.may_request = matches_any(partner.rights.request, group_id);
    facts.by_rule = has_member_of(*configuration, partner);
    facts.digest =
        told_digest(context, group, slice.shown_groups.of(group, *record_of_group, partner).digest,
                    partner, facts.subscribed ? Means::notification : Means::push);
    if (facts.by_rule && !facts.may_receive && !facts.told && !facts.subscribed) {
      // 10.2.7.2, precondition: authorised to provide. The operator sees which right is missing.
      context.effects.note({NoteKind::right_missing, "10.2.7.2", partner.system_id,
                            "receive " + std::string(group_id), Cause::not_authorised, 0});
    }
  }
  const Decision decision = decide(facts);
  if (decision == Decision::nothing) return;
  if (decision == Decision::provide && context.space_low) {
    slice.waits = true;
    return;
  }
  const auto system = context.identities.intern(context.effects, partner.system_id);
  if (!system) return context.refused(partner.system_id, group_id, system.error());
  apply(context, group, *system, partner.system_id, facts, decision);
  slice.pushed_to.push_back(partner.system_id);
}

/// A partner that is no longer configured: what it was told is forgotten, and cannot be withdrawn.
/// Its last revision is kept: should the partner come back, it may still hold it. True when some is
/// left.
bool forget_some(engine::Context& context, Subscriptions& subscriptions, IdentityNumber system) {
  const std::string system_id(context.identities.text(context.view, system));
  engine::PeerRecord peer = engine::find_peer(context, system_id);
  std::size_t done = 0;
  for (const auto& [key, value] : context.view.scan(store::prefix(store::RecordKind::exposure))) {
    if (key.number_at(8) != system.value) continue;
    if (done == comparisons_per_slice) break;
    ++done;
    const Exposure exposure = unpack(store::get<store::fb::Exposure>(value));
    peer.revision_floor = std::max(peer.revision_floor, exposure.revision);
    context.effects.erase(key);
    subscriptions.end(context, {key.number_at(4)}, system, Cause::not_authorised);
    if (!exposure.pending.is_set()) continue;
    context.effects.erase(store::outbox_key(system, exposure.pending));
    context.exchanges.settle(system_id, exposure.pending);
  }
  if (done != 0) static_cast<void>(engine::put_peer(context, system_id, peer));
  return done == comparisons_per_slice;
}

void put_fan_out(engine::Context& context, IdentityNumber group, std::string_view after,
                 bool waits) {
  flatbuffers::FlatBufferBuilder builder(256);
  const auto text = builder.CreateString(after);
  context.effects.put(store::fan_out_key(group),
                      store::finish(builder, store::fb::CreateFanOut(builder, text, waits)));
}

void put_recheck(engine::Context& context, IdentityNumber system, IdentityNumber after, bool resend,
                 bool waits) {
  flatbuffers::FlatBufferBuilder builder(64);
  context.effects.put(
      store::recheck_key(system),
      store::finish(builder, store::fb::CreateRecheck(builder, after.value, resend, waits)));
}

/// The definition of a group that has its home here; none when it was removed.
const store::fb::Group* definition(const engine::Context& context, IdentityNumber group) {
  const auto* record = store::find<store::fb::Group>(context.view, store::group_key(group));
  return record != nullptr && is_home_here(context, *record) ? record : nullptr;
}

std::string_view position(const store::fb::FanOut& cursor) {
  return cursor.after_system() == nullptr ? "" : cursor.after_system()->string_view();
}

void continue_fan_out(engine::Context& context, const store::Key& key,
                      const store::fb::FanOut& cursor, Slice slice) {
  const IdentityNumber group{key.number_at(4)};
  const std::string group_id(context.identities.text(context.view, group));
  const store::fb::Group* defined = definition(context, group);
  std::optional<GroupConfiguration> configuration;
  if (defined != nullptr) configuration = find_original(*defined);
  if (defined != nullptr && !configuration) return context.effects.erase(key);  // it is lost
  const std::string after(position(cursor));
  slice.waits = cursor.waits() && !after.empty();
  std::size_t done = 0;
  for (const engine::Partner& partner : context.configuration.partners) {
    if (partner.system_id <= after) continue;
    if (done == comparisons_per_slice) return;
    compare(context, {group, group_id, defined, configuration ? &*configuration : nullptr}, partner,
            false, slice);
    if (++done == comparisons_per_slice)
      put_fan_out(context, group, partner.system_id, slice.waits);
  }
  if (done == comparisons_per_slice) return;  // the next slice finds nothing left and ends
  if (slice.waits) return put_fan_out(context, group, "", context.space_low);
  context.effects.erase(key);
}

void continue_recheck(engine::Context& context, const store::Key& key,
                      const store::fb::Recheck& cursor, Slice slice) {
  const IdentityNumber system{key.number_at(4)};
  const engine::Partner* partner =
      context.configuration.partner(context.identities.text(context.view, system));
  if (partner == nullptr) {
    if (!forget_some(context, slice.subscriptions, system)) context.effects.erase(key);
    return;
  }
  slice.waits = cursor.waits() && cursor.after_group() != 0;
  std::size_t done = 0;
  const auto groups = context.view.scan_after(store::prefix(store::RecordKind::group),
                                              store::group_key({cursor.after_group()}));
  for (const auto& [group_key, value] : groups) {
    const IdentityNumber group{group_key.number_at(4)};
    const bool wrong = is_planted(Planted::overlay_sent_upstream);
    if (wrong || is_home_here(context, store::get<store::fb::Group>(value))) {
      const auto& record = store::get<store::fb::Group>(value);
      const auto configuration = find_original(record);
      if (configuration)
        compare(context, {group, configuration->group_id, &record, &*configuration}, *partner,
                cursor.resend(), slice);
    }
    if (++done == comparisons_per_slice) {
      put_recheck(context, system, group, cursor.resend(), slice.waits);
      return;
    }
  }
  if (slice.waits) return put_recheck(context, system, {}, cursor.resend(), context.space_low);
  context.effects.erase(key);
}

}  // namespace

void group_changed(engine::Context& context, IdentityNumber group) {
  put_fan_out(context, group, "", false);
}

void recheck_partner(engine::Context& context, IdentityNumber system, bool resend) {
  const auto* running = store::find<store::fb::Recheck>(context.view, store::recheck_key(system));
  put_recheck(context, system, {}, resend || (running != nullptr && running->resend()), false);
}

bool go_on(engine::Context& context, Subscriptions& subscriptions, ShownGroups& shown_groups,
           std::vector<std::string>& pushed_to) {
  const Slice slice{false, pushed_to, subscriptions, shown_groups};
  const auto fan_outs = context.view.scan(store::prefix(store::RecordKind::fan_out));
  for (const auto& [key, value] : fan_outs) {
    const auto& cursor = store::get<store::fb::FanOut>(value);
    if (context.space_low && cursor.waits() && position(cursor).empty()) continue;
    continue_fan_out(context, key, cursor, slice);
    return true;
  }
  for (const auto& [key, value] : context.view.scan(store::prefix(store::RecordKind::recheck))) {
    const auto& cursor = store::get<store::fb::Recheck>(value);
    if (context.space_low && cursor.waits() && cursor.after_group() == 0) continue;
    continue_recheck(context, key, cursor, slice);
    return true;
  }
  return false;
}

}  // namespace bivouac::gms::home::fan_out
