// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <span>

#include "core/base/ids.h"

// The key space: fixed-size keys, ordered byte by byte, numbers big-endian. FORMAT.md lists it.

namespace bivouac::store {

enum class RecordKind : std::uint8_t {
  meta = 1,           // ()                      fb::Meta
  identity = 2,       // (identity)              fb::Identity
  peer = 4,           // (system)                fb::Peer
  group = 5,          // (group)                 fb::Group
  exposure = 6,       // (group, system)         fb::Exposure
  outbox = 7,         // (system, exchange)      fb::Outbox
  answer = 8,         // (system, exchange)      fb::Answer
  fan_out = 9,        // (group)                 fb::FanOut
  policy = 10,        // (service, group)        fb::Policy
  resync = 11,        // (system)                fb::Resync
  recheck = 12,       // (system)                fb::Recheck
  subscription = 13,  // (group, system)         fb::Subscription
  subscribed = 14,    // (group)                 fb::Subscribed
  user = 16,          // (user)                  fb::User
  keys = 20,          // (group)                 fb::GroupKeys; sealed on every disk
  affiliation = 21,   // (user, group, client)   fb::Affiliation
  affiliated = 22,    // (group, user)           fb::Affiliated
};

struct Key {
  std::array<std::uint8_t, 24> bytes{};
  friend auto operator<=>(const Key&, const Key&) = default;
  RecordKind kind() const { return static_cast<RecordKind>(bytes[0]); }
  /// The number stored at a byte offset, as the functions below laid it.
  std::uint32_t number_at(std::size_t offset) const;
  std::uint64_t long_at(std::size_t offset) const;
};

/// The first bytes of keys that belong together.
struct Prefix {
  Key key;
  std::size_t size = 0;
  bool contains(const Key& other) const;
};

// Offsets of the parts: kind at 0; first number at 4, second at 8, third at 12, 64-bit part at 8 or
// 16.
Key meta_key();
Key identity_key(IdentityNumber number);
Key peer_key(IdentityNumber system);
Key group_key(IdentityNumber group);
Key exposure_key(IdentityNumber group, IdentityNumber system);
Key outbox_key(IdentityNumber system, ExchangeId exchange);
Key answer_key(IdentityNumber system, ExchangeId exchange);
Key fan_out_key(IdentityNumber group);
Key policy_key(std::uint8_t service, IdentityNumber group);
Key resync_key(IdentityNumber system);
Key recheck_key(IdentityNumber system);
Key subscription_key(IdentityNumber group, IdentityNumber system);
Key subscribed_key(IdentityNumber group);
Key user_key(IdentityNumber user);
Key keys_key(IdentityNumber group);
/// Client 0: all clients of the user.
Key affiliation_key(IdentityNumber user, IdentityNumber group, IdentityNumber client);
Key affiliated_key(IdentityNumber group, IdentityNumber user);

Prefix prefix(RecordKind kind);
Prefix prefix(RecordKind kind, std::uint32_t first);
Prefix prefix(RecordKind kind, std::uint32_t first, std::uint32_t second);

}  // namespace bivouac::store
