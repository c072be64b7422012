// SPDX-License-Identifier: Apache-2.0
#include "core/gms/group_keys.h"

#include <algorithm>

namespace bivouac::gms {
namespace {

using engine::DeadlineKind;

/// A jump of the clock moves nothing that is set already: whether the time has really come is
/// judged when the deadline is due.
void watch(engine::Context& context, IdentityNumber group, std::uint64_t expiry_wall_ms) {
  const engine::DeadlineId id{DeadlineKind::key_expiry, group.value};
  if (expiry_wall_ms == 0 || !context.clock_trusted) return context.deadlines.clear(id);
  const auto left =
      static_cast<std::int64_t>(std::min<std::uint64_t>(expiry_wall_ms, INT64_MAX / 2));
  context.deadlines.set(
      id, context.now.mono + DurationMs{std::max<std::int64_t>(0, left - context.now.wall.ms)});
}

/// The earliest; 0 when nothing expires.
std::uint64_t next_expiry(const store::fb::GroupKeys& keys) {
  std::uint64_t next = 0;
  for (const auto* one : *keys.envelopes()) {
    const std::uint64_t expiry = one->expiry_wall_ms();
    if (expiry != 0 && (next == 0 || expiry < next)) next = expiry;
  }
  return next;
}

}  // namespace

const store::fb::GroupKeys* view_keys(const engine::Context& context, IdentityNumber group) {
  return store::find<store::fb::GroupKeys>(context.view, store::keys_key(group));
}

std::vector<KeyEnvelope> find_keys(const engine::Context& context, IdentityNumber group) {
  std::vector<KeyEnvelope> found;
  const store::fb::GroupKeys* keys = view_keys(context, group);
  if (keys == nullptr) return found;
  found.reserve(keys->envelopes()->size());
  for (const auto* one : *keys->envelopes()) {
    found.push_back({one->recipient()->str(),
                     {one->gmk_id()},
                     one->expiry_wall_ms(),
                     Bytes(one->bytes()->begin(), one->bytes()->end())});
  }
  return found;
}

void put_keys(engine::Context& context, IdentityNumber group,
              std::span<const KeyEnvelope> envelopes) {
  flatbuffers::FlatBufferBuilder builder(4096);
  std::vector<flatbuffers::Offset<store::fb::KeyEnvelope>> packed;
  std::uint64_t next = 0;
  for (const KeyEnvelope& one : envelopes) {
    const auto recipient = builder.CreateString(one.recipient);
    const auto bytes = builder.CreateVector(one.bytes);
    packed.push_back(
        store::fb::CreateKeyEnvelope(builder, recipient, one.gmk.value, one.expiry_wall_ms, bytes));
    if (one.expiry_wall_ms != 0)
      next = next == 0 ? one.expiry_wall_ms : std::min(next, one.expiry_wall_ms);
  }
  const auto list = builder.CreateVector(packed);
  context.effects.put(store::keys_key(group),
                      store::finish(builder, store::fb::CreateGroupKeys(builder, list)));
  watch(context, group, next);
}

void erase_keys(engine::Context& context, IdentityNumber group) {
  if (view_keys(context, group) == nullptr) return;
  context.effects.erase(store::keys_key(group));
  watch(context, group, 0);
}

bool exceeds_limits(std::span<const KeyEnvelope> envelopes) {
  std::size_t bytes = 0;
  for (const KeyEnvelope& one : envelopes) bytes += one.bytes.size() + one.recipient.size();
  return envelopes.size() > limits::key_envelopes_per_group_max ||
         bytes > limits::group_keys_bytes_max;
}

bool fits_a_frame(std::size_t configuration_bytes, std::span<const KeyEnvelope> envelopes) {
  constexpr std::size_t envelope_overhead = 64;    // of a table, its vectors and what aligns them
  constexpr std::size_t message_overhead = 1'024;  // addresses and the message itself
  std::size_t bytes = configuration_bytes + message_overhead;
  for (const KeyEnvelope& one : envelopes)
    bytes += one.bytes.size() + one.recipient.size() + envelope_overhead;
  return bytes <= limits::frame_bytes_max;
}

bool has_expired(const engine::Context& context, std::uint64_t expiry_wall_ms) {
  return expiry_wall_ms != 0 && context.clock_trusted && context.now.wall.ms >= 0 &&
         expiry_wall_ms <= static_cast<std::uint64_t>(context.now.wall.ms);
}

void watch_expiry(engine::Context& context) {
  for (const auto& [key, value] : context.view.scan(store::prefix(store::RecordKind::keys))) {
    watch(context, {key.number_at(4)}, next_expiry(store::get<store::fb::GroupKeys>(value)));
  }
}

bool expire_keys(engine::Context& context, IdentityNumber group) {
  std::vector<KeyEnvelope> left = find_keys(context, group);
  const std::size_t before = left.size();
  std::erase_if(left,
                [&](const KeyEnvelope& one) { return has_expired(context, one.expiry_wall_ms); });
  if (left.size() == before) {
    if (const auto* keys = view_keys(context, group)) watch(context, group, next_expiry(*keys));
    return false;
  }
  put_keys(context, group, left);
  context.effects.note({NoteKind::keys_expired,
                        {},
                        std::string(context.identities.text(context.view, group)),
                        {},
                        Cause::key_expired,
                        before - left.size()});
  return true;
}

}  // namespace bivouac::gms
