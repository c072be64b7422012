// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "core/wire/build.h"
#include "core/wire/build_affiliation.h"
#include "core/wire/build_client.h"
#include "core/wire/operator_message.h"
#include "tests/fuzz/step_script.h"
#include "tests/support/key_envelopes.h"
#include "tests/support/user_profiles.h"

// Messages that fuzz_step learned after its first inputs were found.

namespace bivouac::test {

/// A request of the gateway that waits for an answer of ours.
struct Asked {
  std::uint64_t exchange = 0;
  std::uint64_t incarnation = 0;
  std::string group_id;
};

/// A list of one group or two, at times the same one twice.
inline std::vector<std::string> group_list(std::uint8_t how, const std::string& group_id) {
  std::vector<std::string> list{group_id};
  if ((how & 16U) != 0) list.push_back(group_name(how >> 5U));
  return list;
}

/// What became of a group: as the request was meant, pending, or refused.
inline std::vector<GroupAffiliation> became(std::uint8_t how, const std::string& group_id,
                                            AffiliationStatus done, AffiliationStatus pending,
                                            Cause cause) {
  if ((how & 8U) == 0) {
    const bool holds = done == AffiliationStatus::affiliated;
    return {{group_id, done, Cause::none, holds ? Services::all() : Services{}, {}}};
  }
  if (cause == Cause::none) return {{group_id, pending, cause, {}, {}}};
  return {{group_id, AffiliationStatus::rejected, cause, {}, {}}};
}

/// Affiliation and de-affiliation between two MC service servers: alpha asks for a user of its own,
/// or for one who is not, and answers what it was asked for. An update is for within a system.
inline Bytes partner_affiliation(std::uint8_t kind, std::uint8_t how, const wire::Address& request,
                                 const wire::Address& answer, const GroupConfiguration& g,
                                 const std::string& asked_group, Cause cause) {
  const std::string asker = (how & 64U) != 0 ? user_id : sample_user(1);
  const wire::AffiliatedClient client{asker, (how & 32U) != 0 ? "" : "phone"};
  const wire::AffiliatedClient ours{user_id, (how & 4U) != 0 ? "tablet" : "phone"};
  const auto deaffiliated = became(how, asked_group, AffiliationStatus::deaffiliated,
                                   AffiliationStatus::deaffiliating, cause);
  switch (kind) {
    case 7:
      return wire::build_group_affiliation_request(request, client, group_list(how, g.group_id),
                                                   g.services);
    case 8:
      return wire::build_group_deaffiliation_request(
          request, client, group_list(how, g.group_id),
          how % 5 == 0 ? EndedBy::mc_system : EndedBy::user);
    case 9:
      return wire::build_group_affiliation_response(
          answer, ours,
          became(how, asked_group, AffiliationStatus::affiliated, AffiliationStatus::affiliating,
                 cause));
    case 10: return wire::build_group_deaffiliation_response(answer, ours, deaffiliated);
    default:
      return wire::build_group_deaffiliation_status_update(
          request, user_id,
          std::vector{
              GroupAffiliation{g.group_id, AffiliationStatus::deaffiliated, cause, {}, {}}});
  }
}

/// Subscriptions, notifications and key material, of a partner or of whom it speaks for.
inline Bytes later_message(std::uint8_t kind, std::uint8_t how, const wire::Address& request,
                           const wire::Address& answer, const GroupConfiguration& g,
                           const std::string& asked_group, Cause cause) {
  const Cause outcome = (how & 8U) != 0 ? cause : Cause::none;
  const std::vector<KeyEnvelope> keys{envelope_for(user_id, 1 + (how & 1U))};
  kind %= 12;
  if (kind >= 7) return partner_affiliation(kind, how, request, answer, g, asked_group, cause);
  switch (kind) {
    case 0:
      return wire::build_group_information_subscribe_request(request, {{g.group_id, {how & 3U}}},
                                                             {(how & 4U) != 0 ? 0U : 600U, 0, {}});
    case 1:
      return wire::build_group_information_subscribe_response(
          answer, 600, {{asked_group, outcome, {1U + (how >> 4U)}}});
    case 2:
    case 3:
      return wire::build_group_information_notify_request(request, g.group_id, {1U + (how >> 4U)},
                                                          (how & 2U) != 0 ? nullptr : &g,
                                                          (how & 6U) != 0 ? nullptr : &keys);
    case 4: return wire::build_group_information_notify_response(answer, asked_group, outcome);
    case 5: return wire::build_presence_request(request, 1U + (how & 1U));
    default: return wire::build_presence_response(answer, 1U + (how & 1U));
  }
}

/// Of a client, about affiliation: its own user's, or another's.
inline Bytes client_affiliation(std::uint8_t kind, std::uint8_t how, const wire::Address& request,
                                const wire::Address& answer, const GroupConfiguration& g,
                                Cause cause) {
  const std::string whose = (how & 64U) != 0 ? sample_user(1) : user_id;
  switch (kind) {
    case 5:
      return wire::build_client_group_affiliation_request(request, whose,
                                                          group_list(how, g.group_id));
    case 6: {
      const auto scope =
          (how & 4U) != 0 ? DeaffiliationScope::all_clients : DeaffiliationScope::this_client;
      return wire::build_client_group_deaffiliation_request(request, whose,
                                                            group_list(how, g.group_id), scope);
    }
    case 7:
      return wire::build_subscribe_affiliation_status_request(request, whose, (how & 4U) != 0);
    default: return wire::build_client_notify_affiliation_status_response(answer, whose, cause);
  }
}

inline Bytes client_message(std::uint8_t kind, std::uint8_t how, wire::Address request,
                            wire::Address answer, const GroupConfiguration& g, Cause cause) {
  request.client_id = (how & 8U) != 0 ? "tablet" : "phone";
  answer.client_id = "phone";
  kind %= 10;
  if (kind >= 5 && kind < 9) return client_affiliation(kind, how, request, answer, g, cause);
  switch (kind) {
    case 0: return wire::build_log_on_request(request, {});
    case 1: return wire::build_log_off_request(request, Cause::none);
    case 2: return wire::build_client_get_group_configuration_request(request, g.group_id);
    case 3:
      return wire::build_subscribe_group_configuration_request(
          request, g.group_id, (how & 2U) != 0 ? 0 : how, (how & 2U) != 0);
    case 4:
      return wire::build_client_notify_group_configuration_response(answer, g.group_id, cause);
    default: return wire::build_heartbeat(how, how);
  }
}

/// With three groups and room for two of them; at times one is wanted at log-on.
inline UserProfile profile_for(std::uint8_t kind, const GroupConfiguration& g) {
  UserProfile profile = sample_profile(user_id, g.group_id);
  profile.affiliations_max = 2;
  for (const std::uint8_t other : {std::uint8_t{0}, std::uint8_t{4}}) {
    if (group_name(other) == g.group_id) continue;
    profile.groups.push_back({group_name(other), own_id});
  }
  if ((kind & 1U) != 0) profile.implicit_affiliations = {g.group_id};
  profile.request_affiliated_groups = true;
  std::ranges::sort(profile.groups, {}, &ProfileGroup::group_id);
  return profile;
}

/// Users, key material and subscriptions.
inline Bytes later_request(std::uint8_t kind, const GroupConfiguration& g) {
  switch (kind % 7) {
    case 0: return wire::build_user_import_request(profile_for(kind, g));
    case 1: return wire::build_user_remove_request(user_id);
    case 2:
      return wire::build_group_keys_import_request(g.group_id, std::vector{envelope_for(user_id)});
    case 3: return wire::build_group_keys_remove_request(g.group_id, {});
    case 4: return wire::build_group_subscribe_request(g.group_id, 600);
    case 5: return wire::build_group_unsubscribe_request(g.group_id);
    default: return wire::build_subscription_list_request(0, 0);
  }
}

}  // namespace bivouac::test
