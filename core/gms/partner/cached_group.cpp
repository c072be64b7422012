// SPDX-License-Identifier: Apache-2.0
#include "core/gms/partner/cached_group.h"

#include "core/gms/group_keys.h"
#include "core/gms/group_record.h"
#include "core/gms/partner/cached_group_decision.h"
#include "core/gms/partner/local_overlay.h"
#include "core/gms/partner/withdrawals.h"
#include "core/wire/configuration_codec.h"

namespace bivouac::gms::partner {
namespace {

/// The steps of the figure; empty where it has none.
struct Steps {
  std::string_view modify;
  std::string_view store;
  std::string_view notify;  // the MC service servers here
};

Steps steps_of(std::string_view clause) {
  if (clause == "10.2.7.2") return {"10.2.7.2/2", "10.2.7.2/3", "10.2.7.2/4"};
  if (clause == "10.2.7.3") return {"10.2.7.3/4", "10.2.7.3/5", "10.2.7.3/6"};
  return {"", "", "10.1.2"};
}

/// An envelope for somebody who cannot be served here: no member, or a user of a partner.
bool has_stranger(const engine::Context& context, const Received& received) {
  if (received.keys == nullptr || received.configuration == nullptr) return false;
  const auto* members = received.configuration->members();
  const std::uint32_t count = members == nullptr ? 0 : members->size();
  std::uint32_t at = 0;  // both lists are in the order of users
  for (const auto* envelope : *received.keys) {
    const std::string_view user = envelope->recipient()->string_view();
    while (at < count && members->Get(at)->mc_service_id()->string_view() < user) ++at;
    const bool is_member = at < count && members->Get(at)->mc_service_id()->string_view() == user;
    if (!is_member || context.configuration.home_of_user(user) != nullptr) return true;
  }
  return false;
}

bool keys_differ(const engine::Context& context, const Received& received, IdentityNumber group) {
  if (received.keys == nullptr) return false;
  const store::fb::GroupKeys* stored = view_keys(context, group);
  if (stored == nullptr) return received.keys->size() != 0;
  return stored->lost() || find_keys(context, group) != wire::unpack(received.keys);
}

/// The set that came takes the place of the one that is stored, and what is gone is wiped.
void keep_keys(engine::Context& context, const Received& received, IdentityNumber group) {
  if (!keys_differ(context, received, group)) return;
  const std::vector<KeyEnvelope> envelopes = wire::unpack(received.keys);
  put_keys(context, group, envelopes);
  context.effects.note({NoteKind::keys_stored, "10.2.7.5", std::string(received.group_id),
                        std::string(received.home), Cause::none, envelopes.size()});
}

}  // namespace

Judgement judge(const engine::Context& context, const Withdrawals& withdrawals,
                const Received& received) {
  CachedGroupFacts facts;
  facts.withdrawn = received.configuration == nullptr;
  facts.home_named =
      !facts.withdrawn && received.configuration->home_system()->string_view() == received.home;
  const engine::Partner* home = context.configuration.home_of_group(received.group_id);
  facts.home_of_others = home != nullptr && home->system_id != received.home;
  facts.incarnation = received.home_incarnation;
  facts.revision = received.revision;
  facts.space_low = context.space_low;
  facts.outdated = withdrawals.outdate(received, context.now.mono);
  facts.keys_stranger = has_stranger(context, received);
  if (const auto found = find_group(context, received.group_id)) {
    facts.stored = true;
    facts.same_home = home_of(context, *found->record) == received.home;
    facts.orphaned = found->record->orphaned();
    facts.keys_differ = keys_differ(context, received, found->number);
    // What is lost has no revision: whatever the home sends is news.
    const bool lost = view_original(*found->record) == nullptr;
    facts.stored_incarnation = {lost ? 0 : found->record->home_incarnation()};
    facts.stored_revision = {found->record->exposed_revision()};
  } else {
    facts.full = count_groups(context) >= limits::groups_max;
  }
  return decide(facts);
}

Cause keep(engine::Context& context, const Received& received, std::string_view clause) {
  const Steps steps = steps_of(clause);
  const auto found = find_group(context, received.group_id);
  const Services before = found ? services_of(*found->record) : Services{};
  if (received.configuration == nullptr) {
    context.effects.erase(store::group_key(found->number));
    erase_keys(context, found->number);  // P6
    context.effects.note({NoteKind::group_removed, clause, std::string(received.group_id),
                          std::string(received.home), Cause::withdrawn, received.revision.value});
    notify_mc_service_servers(context, steps.notify, received.group_id, before, nullptr);
    return Cause::none;
  }
  const auto group = context.identities.intern(context.effects, received.group_id);
  if (!group) return group.error();
  const auto home = context.identities.intern(context.effects, received.home);
  if (!home) return home.error();

  keep_keys(context, received, *group);
  const GroupConfiguration sent = wire::unpack(*received.configuration);
  const engine::Partner* partner = context.configuration.partner(received.home);
  const engine::OverlayPolicy* overlay =
      partner == nullptr ? nullptr : overlay_for(*partner, received.group_id);
  const GroupConfiguration served = modified(context, received.home, *received.configuration);
  if (!steps.modify.empty()) context.step_done(steps.modify, received.group_id, received.home);
  put_group(context, *group,
            {.home_system = *home,
             .exposed_revision = received.revision,
             .home_incarnation = received.home_incarnation,
             .original = &sent,
             .overlay = overlay});
  if (!steps.store.empty()) context.step_done(steps.store, received.group_id, received.home);
  context.effects.note({NoteKind::group_stored, clause, std::string(received.group_id),
                        std::string(received.home), Cause::none, received.revision.value});
  notify_mc_service_servers(context, steps.notify, received.group_id, before, &served);
  return Cause::none;
}

GroupConfiguration modified(const engine::Context& context, std::string_view home,
                            const wire::fb::GroupConfiguration& sent) {
  GroupConfiguration configuration = wire::unpack(sent);
  const engine::Partner* partner = context.configuration.partner(home);
  const engine::OverlayPolicy* overlay =
      partner == nullptr ? nullptr : overlay_for(*partner, configuration.group_id);
  if (overlay != nullptr) merge(configuration, *overlay);
  return configuration;
}

void mark_orphaned(engine::Context& context, std::string_view group_id) {
  const auto found = find_group(context, group_id);
  if (!found || found->record->orphaned() || is_home_here(context, *found->record)) return;
  const std::optional<GroupConfiguration> stored = find_original(*found->record);
  if (!stored) return;
  std::optional<engine::OverlayPolicy> overlay;
  if (found->record->overlay() != nullptr) overlay = stored_overlay(*found->record->overlay());
  put_group(context, found->number,
            {.home_system = {found->record->home_system()},
             .version = {found->record->version()},
             .exposed_revision = {found->record->exposed_revision()},
             .home_incarnation = {found->record->home_incarnation()},
             .original = &*stored,
             .overlay = overlay ? &*overlay : nullptr,
             .orphaned = true,
             .stored_wall_ms = found->record->stored_wall_ms()});
}

bool is_out_of_reach(const engine::Context& context, const store::fb::Group& record) {
  const Incarnation told = context.post.incarnation_of(home_of(context, record));
  return record.orphaned() || told.value != record.home_incarnation();
}

}  // namespace bivouac::gms::partner
