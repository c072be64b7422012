// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "core/gms/home/exposure.h"

namespace bivouac::gms::home::fan_out {

/// What is known of one group and one partner when a change is compared with what it was told.
struct Facts {
  std::optional<Exposure> told;
  bool may_receive = false;  // the right to be provided with the group
  bool may_request = false;  // the right to ask for it
  bool may_subscribe = false;
  bool subscribed = false;  // and may: the subscription itself entitles it to be told
  bool by_rule = false;     // a user of the partner is a member
  bool resend = false;
  std::uint64_t digest = 0;  // of what the partner may see; 0: nothing
};

enum class Decision : std::uint8_t { nothing, provide, withdraw };

inline Decision decide(const Facts& facts) {
  const bool told = facts.told && !facts.told->withdrawn;
  if (facts.digest == 0) return told ? Decision::withdraw : Decision::nothing;
  const bool asked = told && facts.told->asked;
  const bool share = facts.subscribed || (facts.may_receive && (facts.by_rule || asked));
  if (!share) {
    // What the partner asked for stays with it while it may ask: also when its lease has ended.
    const bool keeps = asked && (facts.may_request || facts.may_subscribe);
    return told && !keeps ? Decision::withdraw : Decision::nothing;
  }
  // Told is not yet known: the answer to a pull may have been lost with its link.
  const bool known =
      told && facts.told->digest == facts.digest &&
      (facts.told->pending.is_set() || facts.told->acknowledged == facts.told->revision);
  if (known && !facts.resend) return Decision::nothing;
  return Decision::provide;
}

}  // namespace bivouac::gms::home::fan_out
