// SPDX-License-Identifier: Apache-2.0
#include "core/node/user_status.h"

#include "core/engine/user_record.h"
#include "core/store/record.h"
#include "core/wire/operator_message.h"
#include "core/wire/user_profile_codec.h"

namespace bivouac::node {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

std::uint32_t count(std::size_t number) { return static_cast<std::uint32_t>(number); }

}  // namespace

Bytes build_user_list(const engine::Context& context) {
  FlatBufferBuilder builder(4096);
  std::vector<Offset<wire::fb::UserSummary>> users;
  for (const auto& [key, value] : context.view.scan(store::prefix(store::RecordKind::user))) {
    const std::string_view user = context.identities.text(context.view, {key.number_at(4)});
    const auto profile = engine::find_user(context, user);
    if (!profile) continue;  // lost: it is unknown until an operator defines it again
    const auto mc_service_id = builder.CreateString(user);
    users.push_back(wire::fb::CreateUserSummary(
        builder, mc_service_id, static_cast<wire::fb::Services>(profile->services.bits),
        count(profile->groups.size()), profile->affiliations_max, 0));
  }
  const auto list = builder.CreateVector(users);
  const auto body = wire::fb::CreateUserListAnswer(builder, list);
  return wire::finish_operator_frame(builder, body);
}

Bytes build_user_show(const engine::Context& context, std::string_view mc_service_id) {
  const auto profile = engine::find_user(context, mc_service_id);
  if (!profile) {
    return wire::build_operation_answer(wire::fb::OutcomeKind::failed, Cause::user_unknown,
                                        mc_service_id, {});
  }
  const auto& record = *store::find<store::fb::User>(
      context.view, store::user_key(context.identities.find(mc_service_id)));
  FlatBufferBuilder builder(4096);
  const auto packed = wire::pack(builder, *profile);
  const auto clients = builder.CreateVector(std::vector<Offset<wire::fb::ClientStatus>>{});
  const auto body =
      wire::fb::CreateUserShowAnswer(builder, packed, record.stored_wall_ms(), clients);
  return wire::finish_operator_frame(builder, body);
}

}  // namespace bivouac::node
