// SPDX-License-Identifier: Apache-2.0
#include "core/gms/partner/wishes.h"

#include <iterator>

#include "core/base/identity.h"
#include "core/gms/group_record.h"

namespace bivouac::gms::partner {

std::optional<Subscribed> find_subscribed(const engine::Context& context, IdentityNumber group) {
  const auto* record =
      store::find<store::fb::Subscribed>(context.view, store::subscribed_key(group));
  if (record == nullptr) return std::nullopt;
  const auto wish = record->wish() <= static_cast<std::uint8_t>(Wish::unwanted)
                        ? static_cast<Wish>(record->wish())
                        : Wish::automatic;
  return Subscribed{{record->home_system()}, wish, record->lease_s(), record->ended()};
}

void put_subscribed(engine::Context& context, IdentityNumber group, const Subscribed& subscribed) {
  if (find_subscribed(context, group) == subscribed) return;
  flatbuffers::FlatBufferBuilder builder(64);
  context.effects.put(
      store::subscribed_key(group),
      store::finish(builder, store::fb::CreateSubscribed(builder, subscribed.home.value,
                                                         static_cast<std::uint8_t>(subscribed.wish),
                                                         subscribed.lease_s, subscribed.ended)));
}

std::size_t count_subscribed(const engine::Context& context) {
  const auto all = context.view.scan(store::prefix(store::RecordKind::subscribed));
  return static_cast<std::size_t>(std::distance(all.begin(), all.end()));
}

Intent intent_of(const engine::Context& context, IdentityNumber group, std::string_view group_id) {
  const auto* stored = store::find<store::fb::Group>(context.view, store::group_key(group));
  const auto subscribed = find_subscribed(context, group);
  Intent intent;
  if (stored != nullptr) {
    if (is_home_here(context, *stored)) return {};
    intent.home = home_of(context, *stored);
  } else if (subscribed) {
    intent.home = context.identities.text(context.view, subscribed->home);
  }
  const engine::Partner* home = context.configuration.partner(intent.home);
  if (home == nullptr) return {};
  if (group_id.empty()) {  // a salvaged store lost its name: nobody can be asked for it
    intent.aim = Aim::forget;
    return intent;
  }
  const bool by_rule = stored != nullptr && matches_any(home->subscribe_to, group_id);
  const Wish wish = subscribed ? subscribed->wish : Wish::automatic;
  switch (wish) {
    case Wish::automatic: {
      // What the configuration names no more ends by itself.
      const bool asked = subscribed.has_value();
      const Aim end = stored != nullptr ? Aim::unsubscribe : Aim::forget;
      intent.aim = by_rule ? Aim::subscribe : asked ? end : Aim::nothing;
      break;
    }
    case Wish::wanted: intent.aim = Aim::subscribe; break;
    case Wish::unwanted: intent.aim = subscribed->ended ? Aim::nothing : Aim::unsubscribe; break;
  }
  if (intent.aim != Aim::subscribe) return intent;
  const bool own_lease = wish == Wish::wanted && subscribed->lease_s != 0;
  intent.lease_s = own_lease ? subscribed->lease_s : home->lease_s;
  return intent;
}

}  // namespace bivouac::gms::partner
