// SPDX-License-Identifier: Apache-2.0
#include "core/node/subscription_list.h"

#include "core/gms/group_record.h"
#include "core/gms/home/exposure.h"
#include "core/gms/home/subscriptions.h"
#include "core/wire/operator_message.h"

namespace bivouac::node {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

std::uint32_t seconds_until(const engine::Context& context, MonoMs end) {
  const std::int64_t left_ms = (end - context.now.mono).ms;
  return left_ms <= 0 ? 0 : static_cast<std::uint32_t>(left_ms / 1'000);
}

Offset<wire::fb::SubscriptionState> pack_notified(FlatBufferBuilder& builder,
                                                  const engine::Context& context,
                                                  const store::Key& key,
                                                  const store::fb::Subscription& record) {
  const IdentityNumber group{key.number_at(4)};
  const IdentityNumber system{key.number_at(8)};
  const gms::home::Subscription subscription = gms::home::unpack(record);
  gms::home::Exposure exposure;
  if (const auto* told =
          store::find<store::fb::Exposure>(context.view, store::exposure_key(group, system)))
    exposure = gms::home::unpack(*told);
  const std::string_view system_text = context.identities.text(context.view, system);
  const auto group_id = builder.CreateString(context.identities.text(context.view, group));
  const auto system_id = builder.CreateString(system_text);
  return wire::fb::CreateSubscriptionState(
      builder, group_id, system_id, context.post.is_reachable(system_text),
      seconds_until(context, engine::end_of(context, subscription.lease)),
      subscription.interval_min_ms, exposure.revision.value, exposure.acknowledged.value,
      exposure.pending.is_set(), static_cast<std::uint16_t>(exposure.refused),
      subscription.failures);
}

Offset<wire::fb::SubscribedState> pack_subscribed(
    FlatBufferBuilder& builder, const engine::Context& context,
    const gms::partner::GroupInformationSubscribe& subscribe, IdentityNumber group) {
  const auto subscribed = gms::partner::find_subscribed(context, group);
  const auto* stored = store::find<store::fb::Group>(context.view, store::group_key(group));
  const auto state = subscribe.state_of(group);
  const auto group_id = builder.CreateString(context.identities.text(context.view, group));
  const auto home = builder.CreateString(context.identities.text(context.view, subscribed->home));
  return wire::fb::CreateSubscribedState(
      builder, group_id, home, static_cast<wire::fb::SubscriptionWish>(subscribed->wish),
      state.granted, state.granted ? seconds_until(context, state.until) : 0, stored != nullptr,
      stored == nullptr ? 0 : stored->exposed_revision(), state.told.value,
      stored != nullptr && subscribe.is_stale(context, group, *stored),
      static_cast<std::uint16_t>(state.cause));
}

}  // namespace

Bytes build_subscription_list(const engine::Context& context,
                              const gms::partner::GroupInformationSubscribe& subscribe,
                              const wire::fb::SubscriptionListRequest& request) {
  FlatBufferBuilder builder(4096);
  std::vector<Offset<wire::fb::SubscriptionState>> notified;
  store::Key last = store::subscription_key({request.after_group()}, {request.after_system()});
  bool more = false;
  for (const auto& [key, value] :
       context.view.scan_after(store::prefix(store::RecordKind::subscription), last)) {
    more = notified.size() == wire::subscriptions_page_max;
    if (more) break;
    notified.push_back(
        pack_notified(builder, context, key, store::get<store::fb::Subscription>(value)));
    last = key;
  }
  std::vector<Offset<wire::fb::SubscribedState>> subscribed;
  if (request.after_group() == 0) {  // the first page has all of ours
    for (const auto& [key, value] : context.view.scan(store::prefix(store::RecordKind::subscribed)))
      subscribed.push_back(pack_subscribed(builder, context, subscribe, {key.number_at(4)}));
  }
  const auto notified_list = builder.CreateVector(notified);
  const auto subscribed_list = builder.CreateVector(subscribed);
  const auto body = wire::fb::CreateSubscriptionListAnswer(builder, notified_list, subscribed_list,
                                                           more ? last.number_at(4) : 0,
                                                           more ? last.number_at(8) : 0);
  return wire::finish_operator_frame(builder, body);
}

}  // namespace bivouac::node
