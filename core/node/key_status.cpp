// SPDX-License-Identifier: Apache-2.0
#include "core/node/key_status.h"

#include "core/gms/group_keys.h"
#include "core/gms/group_record.h"
#include "core/wire/operator_message.h"

namespace bivouac::node {

Bytes build_group_keys_list(engine::Context& context, std::string_view group_id) {
  const auto found = gms::find_group(context, group_id);
  if (!found) {
    context.refused("operator", group_id, Cause::group_unknown);
    return wire::build_operation_answer(wire::fb::OutcomeKind::failed, Cause::group_unknown,
                                        group_id, {});
  }
  flatbuffers::FlatBufferBuilder builder(4096);
  std::vector<flatbuffers::Offset<wire::fb::KeySummary>> summaries;
  const store::fb::GroupKeys* keys = gms::view_keys(context, found->number);
  if (keys != nullptr) {
    for (const auto* one : *keys->envelopes()) {
      const auto recipient = builder.CreateString(one->recipient()->string_view());
      summaries.push_back(wire::fb::CreateKeySummary(builder, recipient, one->gmk_id(),
                                                     one->expiry_wall_ms(), one->bytes()->size()));
    }
  }
  const auto group = builder.CreateString(group_id);
  const auto list = builder.CreateVector(summaries);
  return wire::finish_operator_frame(
      builder,
      wire::fb::CreateGroupKeysListAnswer(builder, group, list, keys != nullptr && keys->lost()));
}

}  // namespace bivouac::node
