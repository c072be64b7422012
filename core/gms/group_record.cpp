// SPDX-License-Identifier: Apache-2.0
#include "core/gms/group_record.h"

#include <iterator>

#include "core/base/assert.h"
#include "core/gms/partner/local_overlay.h"
#include "core/wire/configuration_codec.h"

namespace bivouac::gms {

std::size_t count_groups(const engine::Context& context) {
  const auto groups = context.view.scan(store::prefix(store::RecordKind::group));
  return static_cast<std::size_t>(std::distance(groups.begin(), groups.end()));
}

std::optional<GroupRecord> find_group(const engine::Context& context, std::string_view group_id) {
  const IdentityNumber number = context.identities.find(group_id);
  if (!number.is_set()) return std::nullopt;
  const auto* record = store::find<store::fb::Group>(context.view, store::group_key(number));
  if (record == nullptr) return std::nullopt;
  return GroupRecord{number, record};
}

std::string_view home_of(const engine::Context& context, const store::fb::Group& record) {
  return context.identities.text(context.view, {record.home_system()});
}

bool is_home_here(const engine::Context& context, const store::fb::Group& record) {
  return context.is_self(home_of(context, record));
}

const wire::fb::GroupConfiguration* view_original(const store::fb::Group& record) {
  const auto* bytes = record.configuration();
  return wire::view_configuration({bytes->data(), bytes->size()}).value_or(nullptr);
}

std::optional<GroupConfiguration> find_original(const store::fb::Group& record) {
  const wire::fb::GroupConfiguration* table = view_original(record);
  if (table == nullptr) return std::nullopt;
  return wire::unpack(*table);
}

std::optional<GroupConfiguration> find_effective(const store::fb::Group& record) {
  std::optional<GroupConfiguration> configuration = find_original(record);
  if (configuration && record.overlay() != nullptr)
    partner::merge(*configuration, partner::stored_overlay(*record.overlay()));
  return configuration;
}

GroupConfiguration original(const store::fb::Group& record) {
  std::optional<GroupConfiguration> configuration = find_original(record);
  BIVOUAC_ASSERT(configuration.has_value());
  return *std::move(configuration);
}

GroupConfiguration effective(const store::fb::Group& record) {
  std::optional<GroupConfiguration> configuration = find_effective(record);
  BIVOUAC_ASSERT(configuration.has_value());
  return *std::move(configuration);
}

Services services_of(const store::fb::Group& record) {
  const wire::fb::GroupConfiguration* table = view_original(record);
  if (table == nullptr) return Services::all();
  Services services{static_cast<std::uint8_t>(table->services())};
  if (record.overlay() != nullptr)
    services.bits &= static_cast<std::uint8_t>(~record.overlay()->drop_services());
  return services;
}

void put_to_ask_anew(engine::Context& context, IdentityNumber number,
                     const store::fb::Group& record) {
  flatbuffers::FlatBufferBuilder builder(4096);
  const auto configuration =
      builder.CreateVector(record.configuration()->data(), record.configuration()->size());
  const auto anew =
      store::fb::CreateGroup(builder, record.home_system(), record.version(),
                             record.exposed_revision(), 0, record.stored_wall_ms(), configuration);
  context.effects.put(store::group_key(number), store::finish(builder, anew));
}

void put_group(engine::Context& context, IdentityNumber number, const GroupToStore& group) {
  flatbuffers::FlatBufferBuilder builder(4096);
  const auto configuration = builder.CreateVector(wire::encode(*group.original));
  flatbuffers::Offset<store::fb::Overlay> overlay;
  if (group.overlay != nullptr) overlay = partner::pack_overlay(builder, *group.overlay);
  const std::uint64_t stored_wall_ms = group.stored_wall_ms != 0
                                           ? group.stored_wall_ms
                                           : static_cast<std::uint64_t>(context.now.wall.ms);
  const auto record = store::fb::CreateGroup(
      builder, group.home_system.value, group.version.value, group.exposed_revision.value,
      group.home_incarnation.value, stored_wall_ms, configuration, overlay, group.orphaned);
  context.effects.put(store::group_key(number), store::finish(builder, record));
}

void notify_mc_service_servers(engine::Context& context, std::string_view clause_step,
                               std::string_view group_id, Services before,
                               const GroupConfiguration* effective, Services among) {
  const Services after = effective == nullptr ? Services{} : effective->services;
  for (const Service service : all_services) {
    if (!(context.configuration.services & among).has(service)) continue;
    if (!before.has(service) && !after.has(service)) continue;
    const wire::Address address = context.request_to(context.self(), context.exchanges.next_id(),
                                                     DurationMs{limits::exchange_ms});
    context.post.send(context.self(),
                      wire::build_notify_group_configuration_request(
                          address, group_id, service, after.has(service) ? effective : nullptr),
                      engine::Priority::control);
    context.step_done(clause_step, group_id, name(service));
  }
}

}  // namespace bivouac::gms
