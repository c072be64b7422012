// SPDX-License-Identifier: Apache-2.0
#include "core/node/user_status.h"

#include <algorithm>

#include "core/engine/user_record.h"
#include "core/store/record.h"
#include "core/wire/operator_message.h"
#include "core/wire/user_profile_codec.h"

namespace bivouac::node {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

std::uint32_t count(std::size_t number) { return static_cast<std::uint32_t>(number); }

std::string address_of(const engine::Telemetry* telemetry, ConnectionId connection) {
  if (telemetry == nullptr) return {};
  const auto found = std::ranges::find(telemetry->connections, connection.value,
                                       &engine::ConnectionTelemetry::connection);
  return found == telemetry->connections.end() ? std::string{} : found->address;
}

}  // namespace

ClientList pack_clients(FlatBufferBuilder& builder, const engine::Context& context,
                        const Clients& clients, const engine::Telemetry* telemetry,
                        std::string_view mc_service_id) {
  std::vector<Offset<wire::fb::ClientStatus>> list;
  for (const auto& [client, log_on] : context.log_ons.all()) {
    if (!mc_service_id.empty() && client.mc_service_id != mc_service_id) continue;
    const auto client_id = builder.CreateString(client.client_id);
    const auto address = builder.CreateString(address_of(telemetry, clients.connection_of(client)));
    const auto user = builder.CreateString(client.mc_service_id);
    const auto since = static_cast<std::uint64_t>((context.now.mono - log_on.since).ms);
    list.push_back(wire::fb::CreateClientStatus(
        builder, client_id, static_cast<wire::fb::Services>(log_on.services.bits), since, address,
        user));
  }
  return builder.CreateVector(list);
}

Bytes build_user_list(const engine::Context& context) {
  FlatBufferBuilder builder(4096);
  std::vector<Offset<wire::fb::UserSummary>> users;
  for (const auto& [key, value] : context.view.scan(store::prefix(store::RecordKind::user))) {
    const std::string_view user = context.identities.text(context.view, {key.number_at(4)});
    const auto* profile = engine::profile_of(store::get<store::fb::User>(value));
    if (profile == nullptr) continue;  // lost: it is unknown until an operator defines it again
    const auto mc_service_id = builder.CreateString(user);
    users.push_back(wire::fb::CreateUserSummary(
        builder, mc_service_id, profile->services(),
        profile->groups() == nullptr ? 0 : profile->groups()->size(), profile->affiliations_max(),
        count(context.log_ons.count_of(user))));
  }
  const auto list = builder.CreateVector(users);
  const auto body = wire::fb::CreateUserListAnswer(builder, list);
  return wire::finish_operator_frame(builder, body);
}

Bytes build_user_show(const engine::Context& context, const Clients& clients,
                      const engine::Telemetry* telemetry, std::string_view mc_service_id) {
  const auto* profile = engine::find_user(context, mc_service_id);
  if (profile == nullptr) {
    return wire::build_operation_answer(wire::fb::OutcomeKind::failed, Cause::user_unknown,
                                        mc_service_id, {});
  }
  const auto& record = *store::find<store::fb::User>(
      context.view, store::user_key(context.identities.find(mc_service_id)));
  FlatBufferBuilder builder(4096);
  const auto packed = wire::pack(builder, wire::unpack(*profile));
  const ClientList list = pack_clients(builder, context, clients, telemetry, mc_service_id);
  const auto body = wire::fb::CreateUserShowAnswer(builder, packed, record.stored_wall_ms(), list);
  return wire::finish_operator_frame(builder, body);
}

}  // namespace bivouac::node
