// SPDX-License-Identifier: Apache-2.0
#include "core/gms/home/exposed_keys.h"

#include "core/base/hash.h"
#include "core/base/identity.h"
#include "core/base/planted.h"
#include "core/gms/group_keys.h"

namespace bivouac::gms::home {
namespace {

// Digests only compare own bytes with own bytes; the keys need not be secret.
constexpr std::uint64_t digest_key = 0x67726f75706b6579U;

std::uint64_t with(std::uint64_t digest, const store::fb::KeyEnvelope& envelope) {
  const std::uint64_t of_number =
      siphash(digest, envelope.gmk_id(), as_bytes(envelope.recipient()->string_view()));
  const ByteView bytes{envelope.bytes()->data(), envelope.bytes()->size()};
  return siphash(of_number, envelope.expiry_wall_ms() ^ digest_key, bytes);
}

/// Its patterns first: of a thousand partners most are not the home of this user.
bool is_for(const engine::Context& context, const engine::Partner& partner,
            std::string_view recipient) {
  if (is_planted(Planted::envelope_leaked)) return true;
  return matches_any(partner.users, recipient) &&
         context.configuration.home_of_user(recipient) == &partner;
}

}  // namespace

std::optional<std::vector<KeyEnvelope>> exposed_keys(const engine::Context& context,
                                                     IdentityNumber group,
                                                     const engine::Partner& partner) {
  const store::fb::GroupKeys* keys = view_keys(context, group);
  if (keys == nullptr || keys->lost()) return std::nullopt;
  std::vector<KeyEnvelope> envelopes;
  for (const auto* one : *keys->envelopes()) {
    if (!is_for(context, partner, one->recipient()->string_view())) continue;
    envelopes.push_back({one->recipient()->str(),
                         {one->gmk_id()},
                         one->expiry_wall_ms(),
                         Bytes(one->bytes()->begin(), one->bytes()->end())});
  }
  return envelopes;
}

std::uint64_t told_digest(const engine::Context& context, IdentityNumber group,
                          std::uint64_t shown_digest, const engine::Partner& partner, Means means) {
  if (shown_digest == 0 || means != Means::notification) return shown_digest;
  const store::fb::GroupKeys* keys = view_keys(context, group);
  if (keys == nullptr || keys->lost()) return shown_digest;
  // An empty set takes away what the partner has; a push says nothing of it, and is another thing.
  std::uint64_t digest = siphash(shown_digest, digest_key, {});
  for (const auto* one : *keys->envelopes()) {
    if (is_for(context, partner, one->recipient()->string_view())) digest = with(digest, *one);
  }
  return digest | 1U;  // 0 is nothing
}

}  // namespace bivouac::gms::home
