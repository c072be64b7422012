// SPDX-License-Identifier: Apache-2.0
#include "core/engine/user_record.h"

#include <iterator>

#include "core/store/record.h"

namespace bivouac::engine {
namespace {

const store::fb::User* find_record(const Context& context, std::string_view mc_service_id) {
  const IdentityNumber user = context.identities.find(mc_service_id);
  if (!user.is_set()) return nullptr;
  return store::find<store::fb::User>(context.view, store::user_key(user));
}

}  // namespace

std::size_t count_users(const Context& context) {
  const auto users = context.view.scan(store::prefix(store::RecordKind::user));
  return static_cast<std::size_t>(std::distance(users.begin(), users.end()));
}

const wire::fb::UserProfile* find_user(const Context& context, std::string_view mc_service_id) {
  const store::fb::User* record = find_record(context, mc_service_id);
  return record == nullptr ? nullptr : profile_of(*record);
}

const wire::fb::UserProfile* profile_of(const store::fb::User& record) {
  const auto& bytes = *record.profile();
  return bytes.size() == 0 ? nullptr : &wire::trusted_profile({bytes.data(), bytes.size()});
}

Result<IdentityNumber> put_user(Context& context, const UserProfile& profile) {
  const auto user = context.identities.intern(context.effects, profile.mc_service_id);
  if (!user) return user;
  const Bytes encoded = wire::encode(profile);
  flatbuffers::FlatBufferBuilder builder(encoded.size() + 64);
  const auto bytes = builder.CreateVector(encoded);
  context.effects.put(
      store::user_key(*user),
      store::finish(builder, store::fb::CreateUser(
                                 builder, bytes, static_cast<std::uint64_t>(context.now.wall.ms))));
  return user;
}

bool is_served_here(const Context& context, std::string_view mc_service_id) {
  return find_user(context, mc_service_id) != nullptr &&
         context.configuration.home_of_user(mc_service_id) == nullptr;
}

}  // namespace bivouac::engine
