// SPDX-License-Identifier: Apache-2.0
#include "core/gms/home/group_configuration_provision.h"

#include <algorithm>

#include "core/base/identity.h"
#include "core/gms/group_record.h"
#include "core/gms/home/exposure.h"
#include "core/gms/home/exposure_policy.h"

namespace bivouac::gms::home {
namespace {

using engine::DeadlineId;
using engine::DeadlineKind;

/// The partner's trouble passes by itself; other refusals need somebody to change a rule.
bool is_passing(Cause cause) {
  return cause == Cause::storage_full || cause == Cause::overloaded || cause == Cause::timed_out;
}

/// Step 1 for one outbox record; none when its exposure is gone.
std::optional<Bytes> build(engine::Context& context, const engine::Partner& partner,
                           IdentityNumber system, ExchangeId id, IdentityNumber group) {
  const auto* record =
      store::find<store::fb::Exposure>(context.view, store::exposure_key(group, system));
  if (record == nullptr || record->pending_exchange() != id.value) return std::nullopt;
  const std::string group_id(context.identities.text(context.view, group));
  const wire::Address address =
      context.request_to(partner.system_id, id, DurationMs{limits::exchange_ms});
  const auto* stored = store::find<store::fb::Group>(context.view, store::group_key(group));
  std::optional<GroupConfiguration> exposed;
  if (!record->withdrawn() && stored != nullptr) exposed = expose(original(*stored), partner);
  // The group may be gone already while its tombstone is still to be decided.
  return wire::build_group_configuration_provision_request(address, group_id, {record->revision()},
                                                           exposed ? &*exposed : nullptr);
}

void note_refused(engine::Context& context, IdentityNumber group, IdentityNumber system,
                  Exposure exposure, Cause cause) {
  if (exposure.refused == cause) return;  // the flash is not worn by a peer that refuses for ever
  exposure.refused = cause;
  put_exposure(context, group, system, exposure);
}

void note_accepted(engine::Context& context, IdentityNumber group, IdentityNumber system,
                   Exposure exposure) {
  if (exposure.withdrawn) {
    context.effects.erase(store::exposure_key(group, system));
    return;
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

Result<std::vector<GroupConfigurationProvision::Begun>> GroupConfigurationProvision::push(
    engine::Context& context, std::string_view group_id, std::string_view to_system) {
  const auto found = find_group(context, group_id);
  if (!found) return refuse(Cause::group_unknown);
  if (!is_home_here(context, *found->record)) return refuse(Cause::not_home_here);
  if (!to_system.empty() && context.configuration.partner(to_system) == nullptr) {
    return refuse(Cause::target_unknown);
  }
  const GroupConfiguration configuration = original(*found->record);
  const auto is_meant = [&](const engine::Partner& partner) {
    return to_system.empty() ? has_member_of(configuration, partner)
                             : partner.system_id == to_system;
  };
  if (std::ranges::count_if(context.configuration.partners, is_meant) > limits::push_partners_max) {
    return refuse(Cause::too_many_elements);
  }
  std::vector<Begun> begun;
  for (const engine::Partner& partner : context.configuration.partners) {
    if (!is_meant(partner)) continue;
    Begun one{partner.system_id, Cause::none, {}, {}, context.post.is_reachable(partner.system_id)};
    const auto exposed = expose(configuration, partner);
    const auto system = context.identities.intern(context.effects, partner.system_id);
    if (!matches_any(partner.rights.receive, group_id)) {
      one.cause = Cause::not_authorised;
      context.effects.note({NoteKind::right_missing, "10.2.7.2", partner.system_id,
                            "receive " + std::string(group_id), Cause::not_authorised, 0});
    } else if (!exposed) {
      one.cause = Cause::policy;
    } else if (context.space_low) {
      one.cause = Cause::storage_full;
    } else if (!system) {
      one.cause = system.error();
    } else {
      Exposure exposure;
      if (const auto* record = store::find<store::fb::Exposure>(
              context.view, store::exposure_key(found->number, *system))) {
        exposure = unpack(*record);
      }
      const std::uint64_t digest = exposed_digest(*exposed);
      if (exposure.withdrawn || exposure.digest != digest) ++exposure.revision.value;
      exposure.digest = digest;
      exposure.withdrawn = false;
      exposure.asked = true;
      one.exchange = put_pending(context, found->number, *system, partner.system_id, exposure);
      one.revision = exposure.revision;
      wake(partner.system_id);
    }
    begun.push_back(std::move(one));
  }
  return begun;
}

void GroupConfigurationProvision::send_some(engine::Context& context) {
  if (awake_.empty()) return;
  const std::string system_id = *awake_.begin();
  awake_.erase(awake_.begin());
  const engine::Partner* partner = context.configuration.partner(system_id);
  const IdentityNumber system = context.identities.find(system_id);
  if (partner == nullptr || !system.is_set() || !context.post.is_reachable(system_id)) return;

  Flight& flight = flights_[system_id];
  // In the order of their ids, so that the partner can forget its answers early.
  for (const auto& [key, value] :
       context.view.scan(store::prefix(store::RecordKind::outbox, system.value))) {
    if (flight.sent.size() >= limits::provisions_in_flight_max) break;
    const ExchangeId id{key.long_at(8)};
    if (flight.sent.contains(id) || flight.refused.contains(id)) continue;
    const IdentityNumber group{store::get<store::fb::Outbox>(value).group()};
    std::optional<Bytes> frame = build(context, *partner, system, id, group);
    if (!frame) {
      context.effects.erase(key);
      context.exchanges.settle(system_id, id);
      continue;
    }
    flight.sent.insert(id);
    context.deadlines.set({DeadlineKind::exchange, id.value},
                          context.now.mono + DurationMs{limits::exchange_ms});
    const std::string group_id(context.identities.text(context.view, group));
    context.exchanges.open(
        id, {system_id, wire::fb::Body::GroupConfigurationProvisionRequest, group_id});
    context.post.send(system_id, *std::move(frame), engine::Priority::bulk);
    context.step_done("10.2.7.2/1", group_id, system_id);
  }
}

void GroupConfigurationProvision::on_response(engine::Context& context, std::string_view system_id,
                                              ExchangeId id, std::string_view group_id,
                                              Cause cause) {
  Flight& flight = flights_[std::string(system_id)];
  flight.sent.erase(id);
  context.exchanges.close(id);
  context.deadlines.clear({DeadlineKind::exchange, id.value});
  wake(system_id);
  const IdentityNumber system = context.identities.find(system_id);
  const store::Key key = store::outbox_key(system, id);
  const auto* entry = store::find<store::fb::Outbox>(context.view, key);
  if (entry == nullptr) return;  // answered before, or a newer push took its place
  const IdentityNumber group{entry->group()};
  const auto* record =
      store::find<store::fb::Exposure>(context.view, store::exposure_key(group, system));
  if (record == nullptr || context.identities.text(context.view, group) != group_id) {
    context.refused(system_id, group_id, Cause::message_unexpected);
    return;
  }
  const Exposure exposure = unpack(*record);
  context.step_done("10.2.7.2/5", group_id, system_id);
  context.operations.settled(id, cause, exposure.revision);
  if (cause != Cause::none) {
    // Nothing that was accepted is thrown away: it stays pending, visibly, and is tried again.
    context.refused(system_id, group_id, cause);
    flight.refused.insert(id);
    const DurationMs wait{is_passing(cause) ? limits::push_again_passing_ms
                                            : limits::push_again_ms};
    context.deadlines.set({DeadlineKind::push_again, system.value}, context.now.mono + wait);
    note_refused(context, group, system, exposure, cause);
    return;
  }
  context.effects.erase(key);
  context.exchanges.settle(system_id, id);
  note_accepted(context, group, system, exposure);
}

void GroupConfigurationProvision::on_timeout(engine::Context& context, ExchangeId id,
                                             std::string_view system_id) {
  const auto flight = flights_.find(system_id);
  if (flight == flights_.end() || flight->second.sent.erase(id) == 0) return;
  context.refused(system_id, "GroupConfigurationProvisionRequest", Cause::timed_out);
  wake(system_id);
}

void GroupConfigurationProvision::on_link_down(engine::Context& context,
                                               std::string_view system_id) {
  const auto flight = flights_.find(system_id);
  if (flight == flights_.end()) return;
  for (const ExchangeId id : flight->second.sent) {
    context.exchanges.close(id);
    context.deadlines.clear({DeadlineKind::exchange, id.value});
  }
  flights_.erase(flight);
}

void GroupConfigurationProvision::on_push_again(engine::Context& context, IdentityNumber system) {
  const std::string system_id(context.identities.text(context.view, system));
  if (const auto flight = flights_.find(system_id); flight != flights_.end()) {
    flight->second.refused.clear();
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
