// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/wire/build.h"
#include "core/wire/build_client.h"
#include "core/wire/operator_message.h"
#include "tests/fuzz/step_script.h"
#include "tests/support/key_envelopes.h"
#include "tests/support/user_profiles.h"

// Messages that fuzz_step learned after its first inputs were found.

namespace bivouac::test {

/// Subscriptions, notifications and key material, of a partner or of whom it speaks for.
inline Bytes later_message(std::uint8_t kind, std::uint8_t how, const wire::Address& request,
                           const wire::Address& answer, const GroupConfiguration& g,
                           const std::string& asked_group, Cause cause) {
  const Cause outcome = (how & 8U) != 0 ? cause : Cause::none;
  const std::vector<KeyEnvelope> keys{envelope_for(user_id, 1 + (how & 1U))};
  switch (kind % 7) {
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

inline Bytes client_message(std::uint8_t kind, std::uint8_t how, wire::Address request,
                            wire::Address answer, const GroupConfiguration& g, Cause cause) {
  request.client_id = (how & 8U) != 0 ? "tablet" : "phone";
  answer.client_id = "phone";
  switch (kind % 10) {
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

/// Users, key material and subscriptions.
inline Bytes later_request(std::uint8_t kind, const GroupConfiguration& g) {
  switch (kind % 7) {
    case 0: return wire::build_user_import_request(sample_profile(user_id, g.group_id));
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
