// SPDX-License-Identifier: Apache-2.0
#include "core/gms/partner/resync.h"

#include <algorithm>

#include "core/gms/group_record.h"
#include "core/gms/partner/local_overlay.h"
#include "core/wire/configuration_codec.h"

namespace bivouac::gms::partner::resync {
namespace {

// Their answers may be as large as frames get, and wait in one queue together.
constexpr std::size_t requests_on_the_way_max = 2;
constexpr std::size_t overlays_per_slice = 64;
constexpr std::size_t changed_per_slice = 4;
constexpr std::size_t lost_per_slice = 16;

void put_resync(engine::Context& context, IdentityNumber system, Incarnation incarnation) {
  flatbuffers::FlatBufferBuilder builder(64);
  context.effects.put(store::resync_key(system),
                      store::finish(builder, store::fb::CreateResync(builder, incarnation.value)));
}

/// True when a request was begun; `left` when some group still has the old incarnation.
bool request_next(engine::Context& context, GroupConfigurationRequest& requests,
                  const GroupInformationSubscribe& subscriptions, IdentityNumber system,
                  std::string_view home, bool& left) {
  const Incarnation told = context.post.incarnation_of(home);
  for (const auto& [key, value] : context.view.scan(store::prefix(store::RecordKind::group))) {
    const auto& record = store::get<store::fb::Group>(value);
    if (record.home_system() != system.value || record.orphaned()) continue;
    if (record.home_incarnation() == told.value) continue;
    left = true;
    const std::string_view group_id = context.identities.text(context.view, {key.number_at(4)});
    // Its subscription acts as a request (N7).
    if (subscriptions.is_coming(context, {key.number_at(4)}, group_id)) continue;
    if (requests.is_on_the_way(group_id) || requests.has_failed(context, group_id)) continue;
    return requests.refresh(context, home, group_id);
  }
  return false;
}

}  // namespace

void home_has_new_store(engine::Context& context, IdentityNumber system, Incarnation incarnation) {
  const auto groups = context.view.scan(store::prefix(store::RecordKind::group));
  const bool concerns_us = std::ranges::any_of(groups, [&](const auto& entry) {
    const auto& record = store::get<store::fb::Group>(entry.second);
    return record.home_system() == system.value && record.home_incarnation() != incarnation.value;
  });
  if (concerns_us) put_resync(context, system, incarnation);
}

bool lost_go_on(engine::Context& context, IdentityNumber& after) {
  std::size_t seen = 0;
  const auto groups =
      context.view.scan_after(store::prefix(store::RecordKind::group), store::group_key(after));
  for (const auto& [key, value] : groups) {
    if (++seen > lost_per_slice) return true;
    after = {key.number_at(4)};
    const auto& record = store::get<store::fb::Group>(value);
    if (view_original(record) != nullptr) continue;
    const auto* bytes = record.configuration();
    const auto why = wire::view_configuration({bytes->data(), bytes->size()});
    context.refused("store", context.identities.text(context.view, after), why.error());
    if (is_home_here(context, record)) continue;  // only an operator can define it again
    put_to_ask_anew(context, after, record);
    put_resync(context, {record.home_system()}, {});
  }
  return false;
}

bool go_on(engine::Context& context, GroupConfigurationRequest& requests,
           const GroupInformationSubscribe& subscriptions) {
  for (const auto& [key, value] : context.view.scan(store::prefix(store::RecordKind::resync))) {
    const IdentityNumber system{key.number_at(4)};
    const std::string home(context.identities.text(context.view, system));
    if (context.configuration.partner(home) == nullptr) {
      context.effects.erase(key);
      return true;
    }
    if (!context.post.is_reachable(home)) continue;  // goes on with the next link
    if (requests.on_the_way(home) >= requests_on_the_way_max) continue;  // an answer wakes it
    bool left = false;
    if (request_next(context, requests, subscriptions, system, home, left)) return true;
    if (left) continue;
    context.effects.erase(key);
    context.effects.note({NoteKind::resync, {}, home, {}, Cause::none, 0});
    return true;
  }
  return false;
}

bool overlays_go_on(engine::Context& context, IdentityNumber& after) {
  std::size_t seen = 0;
  std::size_t changed = 0;
  const auto groups =
      context.view.scan_after(store::prefix(store::RecordKind::group), store::group_key(after));
  for (const auto& [key, value] : groups) {
    if (++seen > overlays_per_slice || changed == changed_per_slice) return true;
    after = {key.number_at(4)};
    const auto& record = store::get<store::fb::Group>(value);
    const engine::Partner* partner = context.configuration.partner(home_of(context, record));
    if (is_home_here(context, record) || partner == nullptr) continue;
    const engine::OverlayPolicy* policy =
        overlay_for(*partner, context.identities.text(context.view, after));
    if (is_current(record.overlay(), policy)) continue;
    std::optional<GroupConfiguration> configuration = find_original(record);
    if (!configuration) continue;  // the overlay is applied when its home gives it again
    ++changed;
    put_group(context, after,
              {.home_system = {record.home_system()},
               .version = {record.version()},
               .exposed_revision = {record.exposed_revision()},
               .home_incarnation = {record.home_incarnation()},
               .original = &*configuration,
               .overlay = policy,
               .orphaned = record.orphaned(),
               .stored_wall_ms = record.stored_wall_ms()});
    const Services before = services_of(record);
    if (policy != nullptr) merge(*configuration, *policy);
    notify_mc_service_servers(context, "10.1.2", configuration->group_id, before, &*configuration);
  }
  return false;
}

}  // namespace bivouac::gms::partner::resync
