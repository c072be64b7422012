// SPDX-License-Identifier: Apache-2.0
#include "core/base/cause.h"

namespace bivouac {
namespace {

constexpr std::string_view unnamed = "unnamed";

}  // namespace

std::string_view name(Cause cause) {
  switch (cause) {
    case Cause::none: return "none";
    case Cause::frame_too_long: return "frame_too_long";
    case Cause::frame_version: return "frame_version";
    case Cause::frame_flags: return "frame_flags";
    case Cause::frame_identifier: return "frame_identifier";
    case Cause::envelope_malformed: return "envelope_malformed";
    case Cause::frame_before_hello: return "frame_before_hello";
    case Cause::message_unknown: return "message_unknown";
    case Cause::field_missing: return "field_missing";
    case Cause::identity_malformed: return "identity_malformed";
    case Cause::text_malformed: return "text_malformed";
    case Cause::members_unsorted: return "members_unsorted";
    case Cause::member_duplicate: return "member_duplicate";
    case Cause::value_out_of_range: return "value_out_of_range";
    case Cause::too_many_members: return "too_many_members";
    case Cause::too_many_elements: return "too_many_elements";
    case Cause::vector_misaligned: return "vector_misaligned";
    case Cause::message_unexpected: return "message_unexpected";
    case Cause::hello_repeated: return "hello_repeated";
    case Cause::hello_late: return "hello_late";
    case Cause::protocol_version: return "protocol_version";
    case Cause::identity_unknown: return "identity_unknown";
    case Cause::identity_mismatch: return "identity_mismatch";
    case Cause::origin_not_permitted: return "origin_not_permitted";
    case Cause::target_unknown: return "target_unknown";
    case Cause::hops_exceeded: return "hops_exceeded";
    case Cause::superseded: return "superseded";
    case Cause::silent: return "silent";
    case Cause::queue_full: return "queue_full";
    case Cause::not_authorised: return "not_authorised";
    case Cause::group_unknown: return "group_unknown";
    case Cause::group_disabled: return "group_disabled";
    case Cause::home_mismatch: return "home_mismatch";
    case Cause::revision_stale: return "revision_stale";
    case Cause::unreachable: return "unreachable";
    case Cause::timed_out: return "timed_out";
    case Cause::storage_full: return "storage_full";
    case Cause::overloaded: return "overloaded";
    case Cause::policy: return "policy";
    case Cause::withdrawn: return "withdrawn";
    case Cause::exchange_expired: return "exchange_expired";
    case Cause::group_limit: return "group_limit";
    case Cause::not_home_here: return "not_home_here";
    case Cause::identity_limit: return "identity_limit";
    case Cause::service_unknown: return "service_unknown";
    case Cause::not_subscribed: return "not_subscribed";
    case Cause::notifications_failed: return "notifications_failed";
    case Cause::lease_ended: return "lease_ended";
    case Cause::user_unknown: return "user_unknown";
    case Cause::user_of_partner: return "user_of_partner";
    case Cause::profile_foreign_server: return "profile_foreign_server";
    case Cause::user_limit: return "user_limit";
    case Cause::key_stranger: return "key_stranger";
    case Cause::key_expired: return "key_expired";
    case Cause::key_too_long: return "key_too_long";
    case Cause::key_limit: return "key_limit";
    case Cause::keys_unsorted: return "keys_unsorted";
    case Cause::key_unknown: return "key_unknown";
    case Cause::route_loop: return "route_loop";
    case Cause::not_logged_on: return "not_logged_on";
    case Cause::not_in_profile: return "not_in_profile";
    case Cause::not_a_member: return "not_a_member";
    case Cause::client_limit: return "client_limit";
    case Cause::subscription_limit: return "subscription_limit";
  }
  return unnamed;
}

bool is_known(Cause cause) { return name(cause) != unnamed; }

}  // namespace bivouac
