// SPDX-License-Identifier: Apache-2.0
#include "core/gms/home/subscriptions.h"

#include <algorithm>

namespace bivouac::gms::home {
namespace {

using engine::DeadlineKind;

constexpr unsigned group_shift = 32;

std::uint64_t deadline_number(const store::Key& key) {
  return (std::uint64_t{key.number_at(4)} << group_shift) | key.number_at(8);
}

}  // namespace

Subscription unpack(const store::fb::Subscription& record) {
  return {{record.incarnation()},
          {record.lease_s(), record.boots(), record.granted_mono_ms(), record.granted_wall_ms()},
          record.interval_min_ms(),
          record.failures()};
}

std::optional<Subscription> find_subscription(const engine::Context& context, IdentityNumber group,
                                              IdentityNumber system) {
  const auto* record =
      store::find<store::fb::Subscription>(context.view, store::subscription_key(group, system));
  if (record == nullptr) return std::nullopt;
  return unpack(*record);
}

void Subscriptions::start(engine::Context& context) {
  for (const auto& [key, value] :
       context.view.scan(store::prefix(store::RecordKind::subscription))) {
    ++size_;
    ++by_system_[{key.number_at(8)}];
  }
  on_clock(context);
}

void Subscriptions::on_clock(engine::Context& context) {
  for (const auto& [key, value] :
       context.view.scan(store::prefix(store::RecordKind::subscription))) {
    expect_end(context, key, unpack(store::get<store::fb::Subscription>(value)).lease);
  }
}

void Subscriptions::expect_end(engine::Context& context, const store::Key& key,
                               const engine::Lease& lease) {
  context.deadlines.set({DeadlineKind::lease, deadline_number(key)},
                        std::max(engine::end_of(context, lease), context.now.mono));
}

bool Subscriptions::has_room(IdentityNumber system) const {
  const auto its = by_system_.find(system);
  return size_ < limits::subscriptions_max &&
         (its == by_system_.end() || its->second < limits::subscriptions_per_partner_max);
}

void Subscriptions::put(engine::Context& context, IdentityNumber group, IdentityNumber system,
                        const Subscription& subscription) {
  const store::Key key = store::subscription_key(group, system);
  if (context.view.find(key) == nullptr) {
    ++size_;
    ++by_system_[system];
  }
  flatbuffers::FlatBufferBuilder builder(128);
  const engine::Lease& lease = subscription.lease;
  const auto record = store::fb::CreateSubscription(
      builder, subscription.subscriber.value, lease.seconds, lease.boots, lease.begun_mono_ms,
      lease.begun_wall_ms, subscription.interval_min_ms, subscription.failures);
  context.effects.put(key, store::finish(builder, record));
  expect_end(context, key, lease);
}

void Subscriptions::end(engine::Context& context, IdentityNumber group, IdentityNumber system,
                        Cause cause) {
  const store::Key key = store::subscription_key(group, system);
  if (context.view.find(key) == nullptr) return;
  --size_;
  if (const auto its = by_system_.find(system); --its->second == 0) by_system_.erase(its);
  context.effects.erase(key);
  context.deadlines.clear({DeadlineKind::lease, deadline_number(key)});
  const std::string system_id(context.identities.text(context.view, system));
  const std::string group_id(context.identities.text(context.view, group));
  if (cause == Cause::none) {
    context.effects.note({NoteKind::subscribed, "10.2.7.4", system_id, group_id, cause, 0});
    return;
  }
  context.counters.count(cause);
  context.effects.note({NoteKind::subscription_ended, {}, system_id, group_id, cause, 0});
}

void Subscriptions::on_lease_end(engine::Context& context, std::uint64_t number) {
  const IdentityNumber group{static_cast<std::uint32_t>(number >> group_shift)};
  const IdentityNumber system{static_cast<std::uint32_t>(number)};
  const auto subscription = find_subscription(context, group, system);
  if (!subscription) return;
  if (engine::time_left(context, subscription->lease).ms == 0) {
    end(context, group, system, Cause::lease_ended);
  } else {
    expect_end(context, store::subscription_key(group, system), subscription->lease);
  }
}

}  // namespace bivouac::gms::home
