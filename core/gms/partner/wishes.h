// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/engine/context.h"
#include "core/store/record.h"

// Which groups of partners we subscribe to: those that are cached and that the configuration names,
// those that an operator wants, and none that an operator does not want. A record per group
// remembers the wish, and that its home was asked: only from such a home a notification is taken.

namespace bivouac::gms::partner {

enum class Wish : std::uint8_t { automatic = 0, wanted = 1, unwanted = 2 };

struct Subscribed {
  IdentityNumber home;
  Wish wish = Wish::automatic;
  std::uint32_t lease_s = 0;  // that the operator wants; 0: as configured
  bool ended = false;         // unwanted, and the home knows it
  friend bool operator==(const Subscribed&, const Subscribed&) = default;
};

std::optional<Subscribed> find_subscribed(const engine::Context& context, IdentityNumber group);
/// Writes only what differs.
void put_subscribed(engine::Context& context, IdentityNumber group, const Subscribed& subscribed);
std::size_t count_subscribed(const engine::Context& context);

/// What is to be said to the home of a group now.
enum class Aim : std::uint8_t {
  nothing,
  subscribe,
  unsubscribe,
  forget,  // nobody has to be told: the group is gone, and its subscription with it
};
struct Intent {
  Aim aim = Aim::nothing;
  std::string home;
  std::uint32_t lease_s = 0;
};
Intent intent_of(const engine::Context& context, IdentityNumber group, std::string_view group_id);

}  // namespace bivouac::gms::partner
