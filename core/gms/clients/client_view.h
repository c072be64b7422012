// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/base/group_configuration.h"
#include "core/base/key_envelope.h"
#include "core/engine/context.h"
#include "core/gms/partner/group_configuration_request.h"

namespace bivouac::gms::clients {

struct ViewFacts {
  bool logged_on = false;
  bool in_profile = false;  // with this system as the server of the group
  bool stored = false;
  bool member = false;
  bool services_shared = false;  // the group has a service that the client is authorised for
};

/// Whether a client may have the configuration of a group. The group management server is its
/// source for the members of the group who are served here, and for nobody else (10.2.7.1).
inline Cause decide(const ViewFacts& facts) {
  if (!facts.logged_on) return Cause::not_logged_on;
  if (!facts.in_profile) return Cause::not_in_profile;
  if (!facts.stored) return Cause::group_unknown;
  if (!facts.member) return Cause::not_a_member;
  if (!facts.services_shared) return Cause::service_unknown;
  return Cause::none;
}

/// One group as clients get it, taken once for many of them: the effective configuration, and the
/// key material of which each gets its own (N3).
struct GroupView {
  std::optional<GroupConfiguration> configuration;  // none: it is not stored here, or is lost
  std::uint64_t digest = 0;                         // of the configuration
  std::vector<KeyEnvelope> keys;
  bool stale = false;
  std::uint64_t age_ms = 0;  // since its home was in reach; 0 unless stale
};
GroupView view_group(const engine::Context& context,
                     const partner::GroupConfigurationRequest& pulls, std::string_view group_id);

/// The envelopes of one user.
std::span<const KeyEnvelope> keys_of(const GroupView& view, std::string_view user);
/// Of all that this user is given.
std::uint64_t digest_for(const GroupView& view, std::string_view user);

/// Why the client may not have it; none when it may.
Cause judge(const engine::Context& context, const engine::ClientAddress& client,
            std::string_view group_id, const GroupView& view);

}  // namespace bivouac::gms::clients
