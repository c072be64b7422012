// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

// Known bugs, to prove that the simulator finds them. Only a build with BIVOUAC_PLANTED_BUGS has
// them, and of that one nothing is ever shipped; in every other build these checks are constant.

namespace bivouac {

enum class Planted : std::uint8_t {
  nothing,
  message_before_commit,     // what depends on a batch leaves before it is durable
  outbox_entry_lost,         // a push is forgotten when it is sent, not when it is answered
  older_version_accepted,    // an older session is read on, and what it brings is believed
  retried_request_repeated,  // a request that comes again has its effect again
  overlay_sent_upstream,   // what we changed of a partner's group is given away as if it were ours
  incarnation_ignored,     // a home that lost its store passes for the one that had it
  subscription_forgotten,  // granted, and not remembered
  acknowledged_before_commit,  // a notification is answered before what it brought is durable
  policy_change_not_told,      // what a partner may see changes, and nobody looks who must be told
  envelope_leaked,             // a subscriber is told the key material of other systems' users too
  affiliation_not_stored,      // a client is told that it is affiliated, and nothing says so
  pending_not_counted,         // what a partner has yet to grant does not count against N2
  disabled_group_kept,         // who is affiliated to a group stays so when it is disabled
  deaffiliation_not_done,      // a partner is told that its user has left, who has not
  deaffiliating_forgotten,     // what is over is forgotten before the group's home was told
  log_off_without_leaving,     // a client that logs off stays affiliated
  status_update_forgotten,     // the group management server is not told who has left
  difference_ignored,          // two systems compare affiliations, and what differs stays so
  pending_confirmed,           // a client is told that its group's home has agreed, which has not
  pending_lost_at_restart,     // what a partner has yet to be asked is forgotten by a restart
};

#ifdef BIVOUAC_PLANTED_BUGS
inline Planted planted_bug = Planted::nothing;
inline bool is_planted(Planted bug) { return planted_bug == bug; }
#else
constexpr bool is_planted(Planted) { return false; }
#endif

}  // namespace bivouac
