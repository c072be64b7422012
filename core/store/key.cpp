// SPDX-License-Identifier: Apache-2.0
#include "core/store/key.h"

#include <algorithm>

#include "core/base/assert.h"

namespace bivouac::store {
namespace {

constexpr std::size_t first_at = 4;
constexpr std::size_t second_at = 8;
constexpr std::size_t third_at = 12;
constexpr std::size_t long_second_at = 8;

template <class Number>
void put_be(Key& key, std::size_t offset, Number number) {
  for (std::size_t i = 0; i < sizeof(Number); ++i) {
    const unsigned shift = static_cast<unsigned>(8 * (sizeof(Number) - 1 - i));
    key.bytes[offset + i] = static_cast<std::uint8_t>(number >> shift);
  }
}

template <class Number>
Number get_be(const Key& key, std::size_t offset) {
  Number number = 0;
  for (std::size_t i = 0; i < sizeof(Number); ++i) {
    number = static_cast<Number>((number << 8U) | key.bytes[offset + i]);
  }
  return number;
}

Key make(RecordKind kind, std::uint32_t first = 0, std::uint32_t second = 0) {
  Key key;
  key.bytes[0] = static_cast<std::uint8_t>(kind);
  put_be(key, first_at, first);
  put_be(key, second_at, second);
  return key;
}

}  // namespace

std::uint32_t Key::number_at(std::size_t offset) const {
  BIVOUAC_ASSERT(offset + 4 <= bytes.size());
  return get_be<std::uint32_t>(*this, offset);
}

std::uint64_t Key::long_at(std::size_t offset) const {
  BIVOUAC_ASSERT(offset + 8 <= bytes.size());
  return get_be<std::uint64_t>(*this, offset);
}

bool Prefix::contains(const Key& other) const {
  return std::equal(key.bytes.begin(), key.bytes.begin() + static_cast<std::ptrdiff_t>(size),
                    other.bytes.begin());
}

Key meta_key() { return make(RecordKind::meta); }
Key identity_key(IdentityNumber number) { return make(RecordKind::identity, number.value); }

Key peer_key(IdentityNumber system) { return make(RecordKind::peer, system.value); }
Key group_key(IdentityNumber group) { return make(RecordKind::group, group.value); }

Key exposure_key(IdentityNumber group, IdentityNumber system) {
  return make(RecordKind::exposure, group.value, system.value);
}

Key outbox_key(IdentityNumber system, ExchangeId exchange) {
  Key key = make(RecordKind::outbox, system.value);
  put_be(key, long_second_at, exchange.value);
  return key;
}

Key answer_key(IdentityNumber system, ExchangeId exchange) {
  Key key = make(RecordKind::answer, system.value);
  put_be(key, long_second_at, exchange.value);
  return key;
}

Key fan_out_key(IdentityNumber group) { return make(RecordKind::fan_out, group.value); }

Key policy_key(std::uint8_t service, IdentityNumber group) {
  return make(RecordKind::policy, service, group.value);
}

Key resync_key(IdentityNumber system) { return make(RecordKind::resync, system.value); }
Key recheck_key(IdentityNumber system) { return make(RecordKind::recheck, system.value); }
Key user_key(IdentityNumber user) { return make(RecordKind::user, user.value); }
Key keys_key(IdentityNumber group) { return make(RecordKind::keys, group.value); }

Key subscription_key(IdentityNumber group, IdentityNumber system) {
  return make(RecordKind::subscription, group.value, system.value);
}

Key affiliation_key(IdentityNumber user, IdentityNumber group, IdentityNumber client) {
  Key key = make(RecordKind::affiliation, user.value, group.value);
  put_be(key, third_at, client.value);
  return key;
}

Key affiliated_key(IdentityNumber group, IdentityNumber user) {
  return make(RecordKind::affiliated, group.value, user.value);
}

Key subscribed_key(IdentityNumber group) { return make(RecordKind::subscribed, group.value); }

Prefix prefix(RecordKind kind) { return {make(kind), 1}; }
Prefix prefix(RecordKind kind, std::uint32_t first) { return {make(kind, first), first_at + 4}; }
Prefix prefix(RecordKind kind, std::uint32_t first, std::uint32_t second) {
  return {make(kind, first, second), second_at + 4};
}

}  // namespace bivouac::store
