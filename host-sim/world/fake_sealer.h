// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/hash.h"
#include "core/store/sealer.h"

namespace bivouac::sim {

/// Hides nothing from anybody, but what it made is not found by looking for the value, and opens
/// only for the same record and by the same number.
class FakeSealer final : public store::Sealer {
 public:
  explicit FakeSealer(std::uint8_t number) : number_(number) {}

  std::optional<Bytes> seal(const store::Key& key, ByteView value) override {
    if (is_broken) return std::nullopt;
    Bytes sealed;
    const std::uint64_t tag = tag_of(key, value);
    for (unsigned shift = 0; shift < 64; shift += 8) {
      sealed.push_back(static_cast<std::uint8_t>(tag >> shift));
    }
    for (const std::uint8_t byte : value) sealed.push_back(hidden(byte));
    return sealed;
  }

  std::optional<Bytes> open(const store::Key& key, ByteView sealed) override {
    if (sealed.size() < 8) return std::nullopt;
    Bytes value;
    for (const std::uint8_t byte : sealed.subspan(8)) value.push_back(hidden(byte));
    const std::uint64_t tag = tag_of(key, value);
    for (unsigned i = 0; i < 8; ++i) {
      if (sealed[i] != static_cast<std::uint8_t>(tag >> (8 * i))) return std::nullopt;
    }
    return value;
  }

  bool is_broken = false;

 private:
  std::uint8_t hidden(std::uint8_t byte) const {
    return static_cast<std::uint8_t>(byte ^ 0xA5U ^ number_);
  }
  std::uint64_t tag_of(const store::Key& key, ByteView value) const {
    return siphash(number_, siphash(1, 2, ByteView(key.bytes)), value);
  }

  std::uint8_t number_;
};

}  // namespace bivouac::sim
