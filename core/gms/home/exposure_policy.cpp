// SPDX-License-Identifier: Apache-2.0
#include "core/gms/home/exposure_policy.h"

#include <algorithm>

#include "core/base/hash.h"
#include "core/base/identity.h"
#include "core/wire/configuration_codec.h"

namespace bivouac::gms::home {
namespace {

// Digests only compare own bytes with own bytes; the keys need not be secret.
constexpr std::uint64_t digest_key0 = 0x6269766f75616331U;
constexpr std::uint64_t digest_key1 = 0x6578706f73757265U;

void append(Bytes& bytes, const std::vector<std::string>& patterns) {
  for (const std::string& pattern : patterns) {
    bytes.insert(bytes.end(), pattern.begin(), pattern.end());
    bytes.push_back(0);
  }
  bytes.push_back(1);
}

}  // namespace

std::optional<GroupConfiguration> expose(const GroupConfiguration& configuration,
                                         const engine::Partner& partner) {
  GroupConfiguration exposed = configuration;
  exposed.alias.clear();  // a local name stays here
  exposed.services.bits &= static_cast<std::uint8_t>(~partner.exposure.drop_services.bits);
  if (exposed.services.empty()) return std::nullopt;
  if (partner.exposure.hide_members_of_others) {
    std::erase_if(exposed.members, [&](const GroupMember& member) {
      return !matches_any(partner.users, member.mc_service_id);
    });
  }
  return exposed;
}

bool has_member_of(const GroupConfiguration& configuration, const engine::Partner& partner) {
  return std::ranges::any_of(configuration.members, [&](const GroupMember& member) {
    return matches_any(partner.users, member.mc_service_id);
  });
}

std::uint64_t exposed_digest(const GroupConfiguration& exposed) {
  return exposed_digest(ByteView(wire::encode(exposed)));
}

std::uint64_t exposed_digest(ByteView encoded) {
  return siphash(digest_key0, digest_key1, encoded);
}

std::uint64_t policy_digest(const engine::Partner& partner) {
  Bytes bytes;
  append(bytes, partner.users);
  append(bytes, partner.rights.receive);
  append(bytes, partner.rights.request);
  append(bytes, partner.rights.subscribe);
  bytes.push_back(partner.exposure.hide_members_of_others ? 1 : 0);
  bytes.push_back(partner.exposure.drop_services.bits);
  return siphash(digest_key0, digest_key1, bytes);
}

}  // namespace bivouac::gms::home
