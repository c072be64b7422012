// SPDX-License-Identifier: Apache-2.0
#include "core/node/status.h"

#include <algorithm>

#include "core/engine/user_record.h"
#include "core/gms/group_record.h"
#include "core/gms/home/exposure.h"
#include "core/gms/partner/cached_group.h"
#include "core/mcs/group_configuration.h"
#include "core/node/affiliation_list.h"
#include "core/node/user_status.h"
#include "core/wire/configuration_codec.h"
#include "core/wire/operator_message.h"

namespace bivouac::node {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

constexpr std::int64_t ms_per_day = 86'400'000;

std::int32_t days_left(const engine::Context& context, std::int64_t expires_ms) {
  return expires_ms == 0
             ? 0
             : static_cast<std::int32_t>((expires_ms - context.now.wall.ms) / ms_per_day);
}

std::uint64_t non_negative(std::int64_t value) {
  return value < 0 ? 0 : static_cast<std::uint64_t>(value);
}

Offset<wire::fb::LinkStatus> pack_link(FlatBufferBuilder& builder, const engine::Context& context,
                                       const gms::GroupManagementServer& gms, const Links& links,
                                       const engine::Partner& partner,
                                       const engine::Telemetry* telemetry) {
  const Link* link = links.link(partner.system_id);
  const ConnectionId connection = links.connection_to(partner.system_id);
  const Session* session = links.session(connection);
  engine::ConnectionTelemetry measured;
  if (telemetry != nullptr && session != nullptr) {
    const auto found = std::ranges::find(telemetry->connections, connection.value,
                                         &engine::ConnectionTelemetry::connection);
    if (found != telemetry->connections.end()) measured = *found;
  }
  const auto system_id = builder.CreateString(partner.system_id);
  const auto address = builder.CreateString(measured.address);
  const auto tls_version = builder.CreateString(measured.tls_version);
  wire::fb::LinkStatusBuilder status(builder);
  status.add_system_id(system_id);
  status.add_up(session != nullptr);
  status.add_connection(connection.value);
  status.add_address(address);
  if (session != nullptr) {
    status.add_last_contact_ms_ago(non_negative((context.now.mono - session->last_received).ms));
    status.add_round_trip_ms(static_cast<std::uint32_t>(session->round_trip_ms.value_or(0)));
    status.add_peer_incarnation(session->incarnation.value);
    status.add_certificate_days(days_left(context, measured.certificate_expires_ms));
  } else if (link != nullptr && link->ever_up) {
    status.add_last_contact_ms_ago(non_negative((context.now.mono - link->last_contact).ms));
  }
  status.add_queue_bytes(measured.queue_bytes);
  status.add_tls_version(tls_version);
  status.add_pending_provisions(
      static_cast<std::uint32_t>(gms.delivery().pending(context, partner.system_id)));
  status.add_dial_attempts(link == nullptr ? 0 : link->attempts);
  return status.Finish();
}

/// Of a partner behind a proxy.
Offset<wire::fb::LinkStatus> pack_far(FlatBufferBuilder& builder, const engine::Context& context,
                                      const gms::GroupManagementServer& gms, const Far& far,
                                      const engine::Partner& partner) {
  const auto system_id = builder.CreateString(partner.system_id);
  const auto via = builder.CreateString(partner.via);
  wire::fb::LinkStatusBuilder status(builder);
  status.add_system_id(system_id);
  status.add_via(via);
  status.add_up(far.up);
  if (far.up) {
    status.add_round_trip_ms(static_cast<std::uint32_t>(far.round_trip_ms.value_or(0)));
    status.add_peer_incarnation(far.incarnation.value);
  } else {
    status.add_down_cause(static_cast<std::uint16_t>(far.why_down));
  }
  if (far.ever_up) {
    status.add_last_contact_ms_ago(non_negative((context.now.mono - far.last_received).ms));
  }
  status.add_pending_provisions(
      static_cast<std::uint32_t>(gms.delivery().pending(context, partner.system_id)));
  return status.Finish();
}

Offset<wire::fb::NamedCount> pack_count(FlatBufferBuilder& builder, std::string_view name,
                                        std::uint64_t count) {
  const auto text = builder.CreateString(name);
  return wire::fb::CreateNamedCount(builder, text, count);
}

struct GroupCounts {
  std::uint32_t home = 0, cached = 0, stale = 0;
  std::vector<Offset<wire::fb::StaleGroup>> shown;  // of those that are stale
};

GroupCounts count_kinds(FlatBufferBuilder& builder, const engine::Context& context,
                        const gms::GroupManagementServer& gms) {
  GroupCounts counts;
  for (const auto& [key, value] : context.view.scan(store::prefix(store::RecordKind::group))) {
    const auto& record = store::get<store::fb::Group>(value);
    if (gms::is_home_here(context, record)) {
      ++counts.home;
    } else {
      ++counts.cached;
      const IdentityNumber group{key.number_at(4)};
      if (!gms.subscribe().is_stale(context, group, record)) continue;
      if (++counts.stale > limits::stale_groups_shown_max) continue;
      const auto group_id = builder.CreateString(context.identities.text(context.view, group));
      const auto home = builder.CreateString(gms::home_of(context, record));
      const DurationMs stale_for = gms.subscribe().stale_for(context, record);
      counts.shown.push_back(
          wire::fb::CreateStaleGroup(builder, group_id, home, non_negative(stale_for.ms)));
    }
  }
  return counts;
}

void add_telemetry(wire::fb::StatusAnswerBuilder& status, const engine::Context& context,
                   const engine::Telemetry& telemetry) {
  status.add_handshakes(telemetry.handshakes);
  status.add_commits(telemetry.commits);
  status.add_commit_bytes(telemetry.commit_bytes);
  status.add_sync_last_us(telemetry.sync_last_us);
  status.add_sync_max_us(telemetry.sync_max_us);
  status.add_store_bytes(telemetry.store_bytes);
  status.add_store_free_bytes(telemetry.store_free_bytes);
  status.add_resident_bytes(telemetry.resident_bytes);
  status.add_own_certificate_days(days_left(context, telemetry.own_certificate_expires_ms));
  status.add_loop_lag_max_us(telemetry.loop_lag_max_us);
}

Offset<wire::fb::GroupSummary> pack_summary(FlatBufferBuilder& builder,
                                            const engine::Context& context,
                                            const gms::GroupManagementServer& gms,
                                            IdentityNumber group, const store::fb::Group& record) {
  const bool home_here = gms::is_home_here(context, record);
  const wire::fb::GroupConfiguration* shown = gms::view_original(record);  // null: it is lost
  const bool named = shown != nullptr && shown->display_name() != nullptr;
  const bool disabled = shown != nullptr && (shown->flags() & wire::fb::GroupFlags::disabled) !=
                                                wire::fb::GroupFlags::NONE;
  const bool has_members = shown != nullptr && shown->members() != nullptr;
  const auto group_id = builder.CreateString(context.identities.text(context.view, group));
  const auto display_name = builder.CreateString(named ? shown->display_name()->string_view() : "");
  const auto home_system = builder.CreateString(gms::home_of(context, record));
  const bool stale = !home_here && gms.subscribe().is_stale(context, group, record);
  const DurationMs stale_for = stale ? gms.subscribe().stale_for(context, record) : DurationMs{};
  return wire::fb::CreateGroupSummary(
      builder, group_id, display_name, home_system, home_here, record.version(),
      record.exposed_revision(), static_cast<wire::fb::Services>(gms::services_of(record).bits),
      has_members ? shown->members()->size() : 0, disabled, record.stored_wall_ms(), stale,
      record.orphaned(), static_cast<std::uint64_t>(stale_for.ms));
}

std::vector<Offset<wire::fb::ExposureState>> pack_exposures(FlatBufferBuilder& builder,
                                                            const engine::Context& context,
                                                            IdentityNumber group) {
  std::vector<Offset<wire::fb::ExposureState>> states;
  for (const auto& [key, value] :
       context.view.scan(store::prefix(store::RecordKind::exposure, group.value))) {
    const gms::home::Exposure exposure = gms::home::unpack(store::get<store::fb::Exposure>(value));
    const auto system_id =
        builder.CreateString(context.identities.text(context.view, {key.number_at(8)}));
    states.push_back(wire::fb::CreateExposureState(
        builder, system_id, exposure.revision.value, exposure.acknowledged.value,
        exposure.pending.is_set(), static_cast<std::uint16_t>(exposure.refused),
        exposure.withdrawn));
  }
  return states;
}

}  // namespace

Bytes build_status(const engine::Context& context, const StatusSources& sources,
                   const engine::Telemetry* telemetry) {
  const auto& [gms, links, presence, clients, affiliations] = sources;
  FlatBufferBuilder builder(4096);
  std::vector<Offset<wire::fb::LinkStatus>> link_list;
  for (const engine::Partner& partner : context.configuration.partners) {
    const Far* far = presence.find(partner.system_id);
    link_list.push_back(far == nullptr ? pack_link(builder, context, gms, links, partner, telemetry)
                                       : pack_far(builder, context, gms, *far, partner));
  }
  std::vector<Offset<wire::fb::NamedCount>> refusals;
  for (const auto& [cause, count] : context.counters.all()) {
    refusals.push_back(pack_count(builder, name(cause), count));
  }
  std::vector<Offset<wire::fb::NamedCount>> failures;
  std::vector<Offset<flatbuffers::String>> losses;
  if (telemetry != nullptr) {
    if (telemetry->full_queues > 0)
      refusals.push_back(pack_count(builder, name(Cause::queue_full), telemetry->full_queues));
    for (std::size_t i = 0; i < telemetry->handshake_failures.size(); ++i) {
      if (telemetry->handshake_failures[i] == 0) continue;
      failures.push_back(pack_count(builder, name(static_cast<engine::HandshakeFailure>(i)),
                                    telemetry->handshake_failures[i]));
    }
    for (const std::string& loss : telemetry->store_losses)
      losses.push_back(builder.CreateString(loss));
  }
  const auto system_id = builder.CreateString(context.self());
  const auto clients_offset = pack_clients(builder, context, clients, telemetry, {});
  const auto links_offset = builder.CreateVector(link_list);
  const auto refusals_offset = builder.CreateVector(refusals);
  const auto failures_offset = builder.CreateVector(failures);
  const auto losses_offset = builder.CreateVector(losses);
  const GroupCounts groups = count_kinds(builder, context, gms);
  const auto stale_offset = builder.CreateVector(groups.shown);
  const CountList affiliations_offset = pack_affiliation_counts(builder, affiliations);
  const CountList affiliation_refusals = pack_affiliation_refusals(builder, affiliations);

  wire::fb::StatusAnswerBuilder status(builder);
  status.add_system_id(system_id);
  status.add_incarnation(context.incarnation.value);
  status.add_boots(context.boots);
  status.add_clock_trusted(context.clock_trusted);
  status.add_clock_floor_ms(non_negative(context.clock_floor.ms));
  status.add_wall_ms(non_negative(context.now.wall.ms));
  status.add_uptime_ms(non_negative((context.now.mono - context.started).ms));
  status.add_links(links_offset);
  status.add_clients(clients_offset);
  status.add_users(static_cast<std::uint32_t>(engine::count_users(context)));
  status.add_groups_home(groups.home);
  status.add_groups_cached(groups.cached);
  status.add_groups_stale(groups.stale);
  status.add_stale_groups(stale_offset);
  status.add_affiliations(affiliations_offset);
  status.add_users_hosted(static_cast<std::uint32_t>(count_hosted_users(context)));
  status.add_affiliation_refusals(affiliation_refusals);
  status.add_records(context.view.size());
  status.add_space_low(context.space_low);
  status.add_refusals(refusals_offset);
  status.add_forwarded_frames(context.counters.forwarded_frames());
  status.add_forwarded_bytes(context.counters.forwarded_bytes());
  status.add_handshake_failures(failures_offset);
  status.add_store_losses(losses_offset);
  if (telemetry != nullptr) add_telemetry(status, context, *telemetry);
  const auto body = status.Finish();
  return wire::finish_operator_frame(builder, body);
}

Bytes build_group_list(const engine::Context& context, const gms::GroupManagementServer& gms) {
  FlatBufferBuilder builder(4096);
  std::vector<Offset<wire::fb::GroupSummary>> groups;
  for (const auto& [key, value] : context.view.scan(store::prefix(store::RecordKind::group))) {
    const auto& record = store::get<store::fb::Group>(value);
    groups.push_back(pack_summary(builder, context, gms, {key.number_at(4)}, record));
  }
  const auto list = builder.CreateVector(groups);
  const auto body = wire::fb::CreateGroupListAnswer(builder, list);
  return wire::finish_operator_frame(builder, body);
}

Bytes build_group_show(const engine::Context& context, const gms::GroupManagementServer& gms,
                       std::string_view group_id) {
  const auto found = gms::find_group(context, group_id);
  const auto shown = found ? gms::find_effective(*found->record) : std::nullopt;
  if (!shown) {
    return wire::build_operation_answer(wire::fb::OutcomeKind::failed, Cause::group_unknown,
                                        group_id, {});
  }
  FlatBufferBuilder builder(16 * 1024);
  const auto summary = pack_summary(builder, context, gms, found->number, *found->record);
  const auto original = wire::pack(builder, gms::original(*found->record));
  const auto effective = wire::pack(builder, *shown);
  const auto exposures = builder.CreateVector(pack_exposures(builder, context, found->number));
  const Services held = mcs::group_configuration::services_that_hold(context, group_id);
  const auto body = wire::fb::CreateGroupShowAnswer(
      builder, summary, original, effective, exposures, static_cast<wire::fb::Services>(held.bits));
  return wire::finish_operator_frame(builder, body);
}

}  // namespace bivouac::node
