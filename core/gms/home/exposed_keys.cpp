// SPDX-License-Identifier: Apache-2.0
#include "core/gms/home/exposed_keys.h"

#include "core/base/hash.h"
#include "core/base/planted.h"
#include "core/gms/group_keys.h"

namespace bivouac::gms::home {
namespace {

// Digests only compare own bytes with own bytes; the keys need not be secret.
constexpr std::uint64_t digest_key = 0x67726f75706b6579U;

std::uint64_t with(std::uint64_t digest, const KeyEnvelope& envelope) {
  const std::uint64_t of_number = siphash(digest, envelope.gmk.value, as_bytes(envelope.recipient));
  return siphash(of_number, envelope.expiry_wall_ms ^ digest_key, envelope.bytes);
}

}  // namespace

std::optional<std::vector<KeyEnvelope>> exposed_keys(const engine::Context& context,
                                                     IdentityNumber group,
                                                     const engine::Partner& partner) {
  const store::fb::GroupKeys* keys = view_keys(context, group);
  if (keys == nullptr || keys->lost()) return std::nullopt;
  std::vector<KeyEnvelope> envelopes = find_keys(context, group);
  if (is_planted(Planted::envelope_leaked)) return envelopes;
  std::erase_if(envelopes, [&](const KeyEnvelope& one) {
    return context.configuration.home_of_user(one.recipient) != &partner;
  });
  return envelopes;
}

std::uint64_t told_digest(const engine::Context& context, IdentityNumber group,
                          std::uint64_t shown_digest, const engine::Partner& partner, Means means) {
  if (shown_digest == 0 || means != Means::notification) return shown_digest;
  const auto keys = exposed_keys(context, group, partner);
  if (!keys || keys->empty()) return shown_digest;
  std::uint64_t digest = shown_digest;
  for (const KeyEnvelope& one : *keys) digest = with(digest, one);
  return digest | 1U;  // 0 is nothing
}

}  // namespace bivouac::gms::home
