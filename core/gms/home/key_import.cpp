// SPDX-License-Identifier: Apache-2.0
#include "core/gms/home/key_import.h"

#include <algorithm>

#include "core/gms/group_keys.h"
#include "core/gms/group_record.h"
#include "core/gms/home/fan_out.h"
#include "core/gms/home/key_import_decision.h"
#include "core/wire/configuration_codec.h"

namespace bivouac::gms::home::key_import {
namespace {

bool is_member(const GroupConfiguration& configuration, std::string_view user) {
  return std::ranges::binary_search(
      configuration.members, user, {},
      [](const GroupMember& member) -> std::string_view { return member.mc_service_id; });
}

/// What there is, with the new ones in their places.
std::vector<KeyEnvelope> merged(std::vector<KeyEnvelope> there, std::vector<KeyEnvelope> given) {
  std::vector<KeyEnvelope> all;
  all.reserve(there.size() + given.size());
  std::ranges::set_union(given, there, std::back_inserter(all), stands_before);
  return all;
}

void apply(engine::Context& context, const GroupRecord& group, std::string_view group_id,
           std::span<const KeyEnvelope> envelopes) {
  put_keys(context, group.number, envelopes);
  context.effects.note({NoteKind::keys_stored,
                        {},
                        std::string(group_id),
                        std::string(context.self()),
                        Cause::none,
                        envelopes.size()});
  fan_out::group_changed(context, group.number);
}

}  // namespace

Result<GroupVersion> import(engine::Context& context, std::string_view group_id,
                            std::vector<KeyEnvelope> envelopes) {
  Facts facts;
  std::vector<KeyEnvelope> next;
  const auto found = find_group(context, group_id);
  const auto configuration = found ? find_original(*found->record) : std::nullopt;
  facts.stored = configuration.has_value();
  if (facts.stored) {
    facts.home_here = is_home_here(context, *found->record);
    facts.has_stranger = !std::ranges::all_of(envelopes, [&](const KeyEnvelope& one) {
      return is_member(*configuration, one.recipient);
    });
    facts.has_expired = std::ranges::any_of(envelopes, [&](const KeyEnvelope& one) {
      return has_expired(context, one.expiry_wall_ms);
    });
    std::vector<KeyEnvelope> there = find_keys(context, found->number);
    const store::fb::GroupKeys* keys = view_keys(context, found->number);
    next = merged(there, std::move(envelopes));
    facts.too_much =
        exceeds_limits(next) || !fits_a_frame(wire::encode(*configuration).size(), next);
    facts.same = keys != nullptr && !keys->lost() && next == there;
    facts.space_low = context.space_low;
  }
  if (const Cause cause = decide(facts); cause != Cause::none) return refuse(cause);
  if (!facts.same) apply(context, *found, group_id, next);
  return GroupVersion{found->record->version()};
}

Result<GroupVersion> remove(engine::Context& context, std::string_view group_id, GmkId gmk) {
  const auto found = find_group(context, group_id);
  if (!found) return refuse(Cause::group_unknown);
  if (!is_home_here(context, *found->record)) return refuse(Cause::not_home_here);
  std::vector<KeyEnvelope> left = find_keys(context, found->number);
  const std::size_t before = left.size();
  std::erase_if(left, [&](const KeyEnvelope& one) { return !gmk.is_set() || one.gmk == gmk; });
  if (left.size() == before) return refuse(Cause::key_unknown);
  apply(context, *found, group_id, left);
  return GroupVersion{found->record->version()};
}

bool fits_with(const engine::Context& context, IdentityNumber group,
               const GroupConfiguration& configuration) {
  if (view_keys(context, group) == nullptr) return true;
  return fits_a_frame(wire::encode(configuration).size(), find_keys(context, group));
}

void drop_strangers(engine::Context& context, IdentityNumber group,
                    const GroupConfiguration& configuration) {
  std::vector<KeyEnvelope> left = find_keys(context, group);
  const auto gone = std::erase_if(
      left, [&](const KeyEnvelope& one) { return !is_member(configuration, one.recipient); });
  if (gone != 0) put_keys(context, group, left);
}

}  // namespace bivouac::gms::home::key_import
