// SPDX-License-Identifier: Apache-2.0
#include "firmware/cli/words.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <iterator>
#include <utility>

namespace bivouac::firmware::cli {
namespace {

struct CauseRow {
  Cause cause;
  Explanation explanation;
};

constexpr std::string_view peer_is_broken =
    "the other side does not speak our protocol: compare `bivouac version` on both";
constexpr std::string_view our_file =
    "check the group file: `bivouac group import` names the place";

constexpr CauseRow causes[] = {
    {Cause::none, {"done", ""}},
    {Cause::frame_too_long, {"a frame was longer than allowed", peer_is_broken}},
    {Cause::frame_version, {"a frame had another version", peer_is_broken}},
    {Cause::frame_flags, {"a frame had unknown flags", peer_is_broken}},
    {Cause::frame_identifier, {"a frame held another kind of message", peer_is_broken}},
    {Cause::envelope_malformed, {"a message was damaged", peer_is_broken}},
    {Cause::frame_before_hello, {"a message came before Hello", peer_is_broken}},
    {Cause::message_unknown, {"the message is not known here", peer_is_broken}},
    {Cause::field_missing, {"a field is missing", our_file}},
    {Cause::identity_malformed,
     {"an identity is malformed", "write it as sip:name@host or tel:+49..."}},
    {Cause::text_malformed, {"a text is not clean UTF-8", our_file}},
    {Cause::members_unsorted, {"the members are not sorted", peer_is_broken}},
    {Cause::member_duplicate, {"a member is named twice", our_file}},
    {Cause::value_out_of_range, {"a value is out of range", our_file}},
    {Cause::too_many_members, {"the group has too many members", "split the group"}},
    {Cause::too_many_elements, {"a list is too long", our_file}},
    {Cause::vector_misaligned, {"a message was damaged", peer_is_broken}},
    {Cause::message_unexpected, {"an answer came that nobody asked for", peer_is_broken}},
    {Cause::hello_repeated, {"Hello came twice", peer_is_broken}},
    {Cause::hello_late,
     {"Hello did not come in time", "look at the load and the link of the peer"}},
    {Cause::protocol_version, {"the peer speaks another version", "update the older side"}},
    {Cause::identity_unknown,
     {"the certificate names nobody who is configured", "add a [[partner]] with that system_id"}},
    {Cause::identity_mismatch,
     {"the peer says another name than its certificate",
      "compare [system] id with the certificate"}},
    {Cause::origin_not_permitted,
     {"the peer may not speak for that MC system", "it must send under its own name"}},
    {Cause::target_unknown,
     {"nobody here knows that MC system", "add a [[partner]] for it, or correct the name"}},
    {Cause::hops_exceeded, {"the message went in a circle", "look for a loop among the proxies"}},
    {Cause::superseded,
     {"something newer of the same peer or client took its place", "nothing to do"}},
    {Cause::silent, {"the peer fell silent", "look at the link; it is dialled again by itself"}},
    {Cause::queue_full,
     {"a peer or a watching operator takes too slowly what we send",
      "look at the link; the session is made anew"}},
    {Cause::not_authorised,
     {"the right is missing",
      "see [partner.rights] on the side that refused, and its `bivouac watch`"}},
    {Cause::group_unknown,
     {"the group is not known there",
      "compare the group ID with `bivouac group list` at its home"}},
    {Cause::group_disabled, {"the group is disabled", "its home must enable it"}},
    {Cause::home_mismatch,
     {"the group has its home elsewhere",
      "see `groups` of the [[partner]] on the side that refused"}},
    {Cause::revision_stale, {"a newer configuration is stored already", "nothing to do"}},
    {Cause::unreachable,
     {"the MC system cannot be reached now",
      "see its link in `bivouac status`, or `bivouac doctor`"}},
    {Cause::timed_out, {"no answer came in time", "try again; see its link in `bivouac status`"}},
    {Cause::storage_full,
     {"the store is full: nothing that grows is taken",
      "free space on the disk; it recovers by itself"}},
    {Cause::overloaded, {"too much at once", "try again in a moment"}},
    {Cause::policy,
     {"a policy forbids it", "see the [[partner]] section on the side that refused"}},
    {Cause::withdrawn, {"the group was withdrawn by its home", "nothing to do"}},
    {Cause::exchange_expired, {"the request is too old to be repeated", "ask again"}},
    {Cause::group_limit, {"too many groups", "remove groups that nobody needs"}},
    {Cause::not_home_here,
     {"the group has its home elsewhere",
      "ask its home to change it; here only overlays change it"}},
    {Cause::identity_limit, {"too many identities are stored", "remove groups that nobody needs"}},
    {Cause::user_unknown,
     {"nobody of that name is served here", "see `bivouac user list`, or import a profile"}},
    {Cause::user_of_partner,
     {"the user belongs to a partner", "see `users` of the [[partner]] that claims the user"}},
    {Cause::profile_foreign_server,
     {"the profile points to another group management server",
      "each `server` of the profile must be this MC system, or be left out"}},
    {Cause::user_limit, {"too many users", "remove users whom nobody needs"}},
    {Cause::key_stranger,
     {"an envelope is for somebody who may not have it",
      "each recipient must be a member of the group; see `bivouac group show`"}},
    {Cause::key_expired, {"an envelope has expired", "see `expires`, and this box's clock"}},
    {Cause::key_too_long, {"an envelope is too long", "at most 4096 bytes each"}},
    {Cause::key_limit,
     {"the group has too much key material",
      "remove what is out of use: `bivouac group keys remove`"}},
    {Cause::keys_unsorted,
     {"envelopes are out of order, or one is there twice",
      "ask whoever sent them; a key file is put in order by this program"}},
    {Cause::key_unknown, {"the group has no such key material", "see `bivouac group keys list`"}},
    {Cause::route_loop,
     {"a message through proxies would come back to where it was",
      "see `via` and `speaks_for` of the proxies on the way"}},
    {Cause::not_logged_on, {"the client is not logged on", "let it log on first"}},
    {Cause::not_in_profile,
     {"the group is not in the user's profile", "add it to the profile, and import that again"}},
    {Cause::not_a_member,
     {"the user is no member of the group", "its home must add the user as a member"}},
    {Cause::client_limit,
     {"too many clients are logged on", "log a client of that user off, see `bivouac user show`"}},
    {Cause::group_duplicate,
     {"the group is named twice in one request", "name each group once; the first one counted"}},
    {Cause::affiliation_limit,
     {"the user is affiliated to as many groups as may be (N2)",
      "de-affiliate from another group, or raise `affiliations_max` of the profile"}},
    {Cause::user_of_another,
     {"a partner asked for a user who is not its own",
      "see `users` of that [[partner]], and of the others"}},
    {Cause::affiliation_required,
     {"the group wants this member to stay affiliated",
      "its home must clear `affiliation_required` of the member"}},
    {Cause::deaffiliation_forbidden,
     {"too few members would stay affiliated to the group",
      "see `affiliated_members_min` of the group; wait for others to affiliate"}},
    {Cause::service_unknown, {"that MC service is not served", "see `services` in [system]"}},
    {Cause::not_subscribed,
     {"nobody there subscribed to the group",
      "nothing to do; compare `bivouac subscription list` on both sides"}},
    {Cause::subscription_limit,
     {"too many subscriptions",
      "end those that nobody needs, as with `bivouac group unsubscribe`"}},
    {Cause::notifications_failed,
     {"a subscriber refused or did not answer notifications, and is told no more",
      "see its `bivouac watch`; it subscribes anew by itself"}},
    {Cause::lease_ended,
     {"a subscription was not renewed in time", "see the link to the subscriber"}},
};

struct HandshakeRow {
  std::string_view name;
  Explanation explanation;
};

constexpr HandshakeRow handshakes[] = {
    {"no_certificate", {"no certificate was shown", "the caller must use mutual TLS"}},
    {"unknown_ca", {"a certificate of another authority", "add its authority to the file `ca`"}},
    {"expired", {"a certificate that is past its end", "issue a new one, or look at the clocks"}},
    {"not_yet_valid", {"a certificate from the future", "look at the clocks of both sides"}},
    {"wrong_san", {"a certificate without a usable URI name", "issue it with the MC system ID"}},
    {"wrong_eku", {"a certificate for another use", "issue it for client and server"}},
    {"revoked", {"a certificate that was revoked", "issue a new one if that was a mistake"}},
    {"crl_missing", {"no valid revocation list", "renew the file `crl`, then send SIGHUP"}},
    {"protocol_version", {"an old version of TLS", "the caller must speak TLS 1.2 or 1.3"}},
    {"timed_out", {"a handshake that took too long", "look at the link and the load"}},
    {"rate_limited", {"too many callers a second", "find out who calls so often"}},
    {"too_many", {"too many handshakes at once", "find out who calls so often"}},
    {"peer_closed", {"the other side hung up", "its own log says why it refused us"}},
    {"other", {"another fault of TLS", "see the log"}},
};

std::string with_fraction(double value, std::string_view unit) {
  char text[32];
  const int size = std::snprintf(text, sizeof text, value < 10 ? "%.1f " : "%.0f ", value);
  return std::string(text, static_cast<std::size_t>(size)) + std::string(unit);
}

std::string counted(std::uint64_t count, std::string_view one, std::string_view many) {
  return std::to_string(count) + ' ' + std::string(count == 1 ? one : many);
}

}  // namespace

Explanation explain(Cause cause) {
  const auto* row = std::ranges::find(causes, cause, &CauseRow::cause);
  if (row != std::end(causes)) return row->explanation;
  return {"refused for a reason that this program does not know", "compare `bivouac version`"};
}

Cause cause_named(std::string_view wanted) {
  const auto* row = std::ranges::find_if(
      causes, [wanted](const CauseRow& candidate) { return name(candidate.cause) == wanted; });
  return row != std::end(causes) ? row->cause : Cause::none;
}

Explanation explain_handshake(std::string_view failure) {
  const auto* row = std::ranges::find(handshakes, failure, &HandshakeRow::name);
  return row != std::end(handshakes) ? row->explanation : Explanation{"", ""};
}

std::string in_words(Cause cause) {
  return std::string(explain(cause).words) + " (" + std::string(name(cause)) + ')';
}

std::string bytes_in_words(std::uint64_t bytes) {
  static constexpr std::string_view units[] = {"KiB", "MiB", "GiB", "TiB"};
  if (bytes < 1024) return std::to_string(bytes) + " B";
  double value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  while (value >= 1024 && unit + 1 < std::size(units)) {
    value /= 1024;
    ++unit;
  }
  return with_fraction(value, units[unit]);
}

std::string span_in_words(std::uint64_t ms) {
  if (ms < 10'000) return with_fraction(static_cast<double>(ms) / 1000, "s");
  const std::uint64_t seconds = ms / 1000;
  if (seconds < 120) return std::to_string(seconds) + " s";
  if (seconds < 2 * 3600) return std::to_string(seconds / 60) + " min";
  if (seconds < 2 * 86'400) return std::to_string(seconds / 3600) + " h";
  return counted(seconds / 86'400, "day", "days");
}

std::string microseconds_in_words(std::uint64_t us) {
  return with_fraction(static_cast<double>(us) / 1000, "ms");
}

std::string wall_in_words(std::int64_t wall_ms) {
  const std::time_t seconds = wall_ms / 1000;
  std::tm parts{};
  char text[32];
  if (gmtime_r(&seconds, &parts) == nullptr ||
      std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &parts) == 0) {
    return "?";
  }
  return text;
}

std::string days_in_words(std::int64_t days) {
  if (days < 0)
    return "expired " + counted(static_cast<std::uint64_t>(-days), "day", "days") + " ago";
  return counted(static_cast<std::uint64_t>(days), "day", "days") + " left";
}

std::vector<std::string_view> names_of(AffiliationSources sources) {
  static constexpr std::pair<AffiliationSources, std::string_view> rows[] = {
      {by_user, "user"},
      {by_profile, "profile"},
      {by_regroup, "regroup"},
      {by_other_user, "other_user"}};
  std::vector<std::string_view> names;
  for (const auto& [source, name] : rows) {
    if (sources.has(source)) names.push_back(name);
  }
  return names;
}

std::string services_in_words(Services services) {
  std::string text;
  for (const Service service : all_services) {
    if (!services.has(service)) continue;
    if (!text.empty()) text += ", ";
    text += name(service);
  }
  return text.empty() ? "none" : text;
}

std::string status_in_words(AffiliationStatus status, Services services) {
  std::string text(name(status));
  if (services.empty()) return text;
  if (status == AffiliationStatus::affiliating) text += ", and takes part here";
  return text + " for " + services_in_words(services);
}

}  // namespace bivouac::firmware::cli
