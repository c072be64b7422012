// SPDX-License-Identifier: Apache-2.0
#include "core/base/cause.h"

#include <algorithm>
#include <iterator>

namespace bivouac {
namespace {

constexpr std::string_view unnamed = "unnamed";

struct Row {
  Cause cause;
  std::string_view name;
};

constexpr Row rows[] = {
    {Cause::none, "none"},
    {Cause::frame_too_long, "frame_too_long"},
    {Cause::frame_version, "frame_version"},
    {Cause::frame_flags, "frame_flags"},
    {Cause::frame_identifier, "frame_identifier"},
    {Cause::envelope_malformed, "envelope_malformed"},
    {Cause::frame_before_hello, "frame_before_hello"},
    {Cause::message_unknown, "message_unknown"},
    {Cause::field_missing, "field_missing"},
    {Cause::identity_malformed, "identity_malformed"},
    {Cause::text_malformed, "text_malformed"},
    {Cause::members_unsorted, "members_unsorted"},
    {Cause::member_duplicate, "member_duplicate"},
    {Cause::value_out_of_range, "value_out_of_range"},
    {Cause::too_many_members, "too_many_members"},
    {Cause::too_many_elements, "too_many_elements"},
    {Cause::vector_misaligned, "vector_misaligned"},
    {Cause::message_unexpected, "message_unexpected"},
    {Cause::hello_repeated, "hello_repeated"},
    {Cause::hello_late, "hello_late"},
    {Cause::protocol_version, "protocol_version"},
    {Cause::identity_unknown, "identity_unknown"},
    {Cause::identity_mismatch, "identity_mismatch"},
    {Cause::origin_not_permitted, "origin_not_permitted"},
    {Cause::target_unknown, "target_unknown"},
    {Cause::hops_exceeded, "hops_exceeded"},
    {Cause::superseded, "superseded"},
    {Cause::silent, "silent"},
    {Cause::queue_full, "queue_full"},
    {Cause::not_authorised, "not_authorised"},
    {Cause::group_unknown, "group_unknown"},
    {Cause::group_disabled, "group_disabled"},
    {Cause::home_mismatch, "home_mismatch"},
    {Cause::revision_stale, "revision_stale"},
    {Cause::unreachable, "unreachable"},
    {Cause::timed_out, "timed_out"},
    {Cause::storage_full, "storage_full"},
    {Cause::overloaded, "overloaded"},
    {Cause::policy, "policy"},
    {Cause::withdrawn, "withdrawn"},
    {Cause::exchange_expired, "exchange_expired"},
    {Cause::group_limit, "group_limit"},
    {Cause::not_home_here, "not_home_here"},
    {Cause::identity_limit, "identity_limit"},
    {Cause::service_unknown, "service_unknown"},
    {Cause::not_subscribed, "not_subscribed"},
    {Cause::notifications_failed, "notifications_failed"},
    {Cause::lease_ended, "lease_ended"},
    {Cause::user_unknown, "user_unknown"},
    {Cause::user_of_partner, "user_of_partner"},
    {Cause::profile_foreign_server, "profile_foreign_server"},
    {Cause::user_limit, "user_limit"},
    {Cause::key_stranger, "key_stranger"},
    {Cause::key_expired, "key_expired"},
    {Cause::key_too_long, "key_too_long"},
    {Cause::key_limit, "key_limit"},
    {Cause::keys_unsorted, "keys_unsorted"},
    {Cause::key_unknown, "key_unknown"},
    {Cause::route_loop, "route_loop"},
    {Cause::not_logged_on, "not_logged_on"},
    {Cause::not_in_profile, "not_in_profile"},
    {Cause::not_a_member, "not_a_member"},
    {Cause::client_limit, "client_limit"},
    {Cause::group_duplicate, "group_duplicate"},
    {Cause::affiliation_limit, "affiliation_limit"},
    {Cause::affiliation_required, "affiliation_required"},
    {Cause::deaffiliation_forbidden, "deaffiliation_forbidden"},
    {Cause::user_of_another, "user_of_another"},
    {Cause::subscription_limit, "subscription_limit"},
};

}  // namespace

std::string_view name(Cause cause) {
  const auto* found = std::ranges::find(rows, cause, &Row::cause);
  return found == std::end(rows) ? unnamed : found->name;
}

bool is_known(Cause cause) { return name(cause) != unnamed; }

}  // namespace bivouac
