// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

// Why something was refused. The numbers travel (wire enum Cause has the same ones) and are for
// ever; new ones are appended. The excerpts know "failure" only (D4); the cause says which.

namespace bivouac {

enum class Cause : std::uint16_t {
  none = 0,

  // Broken framing: the connection is closed.
  frame_too_long = 1,
  frame_version = 2,
  frame_flags = 3,
  frame_identifier = 4,
  envelope_malformed = 5,
  frame_before_hello = 6,

  // Bad message in a good frame: refused, the connection stays.
  message_unknown = 20,
  field_missing = 21,
  identity_malformed = 22,
  text_malformed = 23,
  members_unsorted = 24,
  member_duplicate = 25,
  value_out_of_range = 26,
  too_many_members = 27,
  too_many_elements = 28,
  vector_misaligned = 29,
  message_unexpected = 30,

  // Session
  hello_repeated = 40,
  hello_late = 41,
  protocol_version = 42,
  identity_unknown = 43,
  identity_mismatch = 44,
  origin_not_permitted = 45,
  target_unknown = 46,
  hops_exceeded = 47,
  superseded = 48,
  silent = 49,
  queue_full = 50,

  // Procedures
  not_authorised = 60,
  group_unknown = 61,
  group_disabled = 62,
  home_mismatch = 63,
  revision_stale = 64,
  unreachable = 65,
  timed_out = 66,
  storage_full = 67,
  overloaded = 68,
  policy = 69,
  withdrawn = 70,
  exchange_expired = 71,
  group_limit = 72,
  not_home_here = 73,
  identity_limit = 74,
  service_unknown = 75,
  not_subscribed = 76,
  subscription_limit = 77,
  notifications_failed = 78,
  lease_ended = 79,

  // Users and clients
  user_unknown = 80,
  user_of_partner = 81,
  profile_foreign_server = 82,
  user_limit = 83,
  not_logged_on = 84,
  not_in_profile = 85,
  not_a_member = 86,
  client_limit = 87,

  // Key material
  key_stranger = 90,
  key_expired = 91,
  key_too_long = 92,
  key_limit = 93,
  keys_unsorted = 94,
  key_unknown = 95,

  // Proxies
  route_loop = 100,

  // Affiliation
  group_duplicate = 110,
  affiliation_limit = 111,
  affiliation_required = 112,
  deaffiliation_forbidden = 113,
  user_of_another = 114,
};

/// The enumerator's own spelling, as in logs, status and tests; "cause_<n>" has no name here.
std::string_view name(Cause cause);
/// Whether the number is one of those above. A newer peer may know more.
bool is_known(Cause cause);

}  // namespace bivouac
