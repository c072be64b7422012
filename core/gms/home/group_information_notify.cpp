// SPDX-License-Identifier: Apache-2.0
#include "core/gms/home/group_information_notify.h"

#include "core/wire/build_encoded.h"

namespace bivouac::gms::home::group_information_notify {
namespace {

enum class Outcome : std::uint8_t { stays, counts, ends };

/// A passing trouble says nothing against the subscriber; who never subscribed says so himself.
Outcome decide(Cause cause, std::uint32_t failures) {
  if (cause == Cause::not_subscribed) return Outcome::ends;
  if (engine::is_passing(cause) && cause != Cause::timed_out) return Outcome::stays;
  return failures + 1 < limits::notify_failures_max ? Outcome::counts : Outcome::ends;
}

}  // namespace

Bytes build(const wire::Address& address, std::string_view group_id, ExposedRevision revision,
            const Bytes* encoded, const std::vector<KeyEnvelope>* keys) {
  return wire::build_encoded_notification(address, group_id, revision, encoded, keys);
}

bool on_failure(engine::Context& context, Subscriptions& subscriptions, IdentityNumber group,
                IdentityNumber system, Cause cause) {
  auto subscription = find_subscription(context, group, system);
  if (!subscription) return false;
  switch (decide(cause, subscription->failures)) {
    case Outcome::stays: return false;
    case Outcome::counts:
      ++subscription->failures;
      subscriptions.put(context, group, system, *subscription);
      return false;
    case Outcome::ends: break;
  }
  const bool unknown_there = cause == Cause::not_subscribed;
  subscriptions.end(context, group, system, unknown_there ? cause : Cause::notifications_failed);
  return true;
}

void on_success(engine::Context& context, Subscriptions& subscriptions, IdentityNumber group,
                IdentityNumber system, bool withdrawn) {
  auto subscription = find_subscription(context, group, system);
  if (!subscription) return;
  if (withdrawn) return subscriptions.end(context, group, system, Cause::withdrawn);
  if (subscription->failures == 0) return;
  subscription->failures = 0;
  subscriptions.put(context, group, system, *subscription);
}

}  // namespace bivouac::gms::home::group_information_notify
