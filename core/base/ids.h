// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>

// Small numbers that stand for names. All are strong types: a group is never passed for a system.

namespace bivouac {

template <class Tag, class Value>
struct StrongId {
  Value value = 0;
  friend constexpr auto operator<=>(StrongId, StrongId) = default;
  constexpr bool is_set() const { return value != 0; }
};

/// An interned identity (canonical text <-> number), persisted in the store; 0 is none.
using IdentityNumber = StrongId<struct IdentityTag, std::uint32_t>;
/// One connection of a peer or of an operator, drawn by the runtime, never reused; 0 is none.
using ConnectionId = StrongId<struct ConnectionTag, std::uint32_t>;
/// Index of a partner in engine::Configuration::partners. Valid until the next reload.
using PartnerIndex = std::uint32_t;
/// Random at the creation of a store; tells a rebuilt store from an old one (decision 2).
using Incarnation = StrongId<struct IncarnationTag, std::uint64_t>;
/// Number of a request, unique within (origin system, incarnation) and rising.
using ExchangeId = StrongId<struct ExchangeTag, std::uint64_t>;
/// Raised by a group's home at every change of the group; starts at 1.
using GroupVersion = StrongId<struct GroupVersionTag, std::uint64_t>;
/// Raised by a group's home whenever the bytes exposed to one partner change; starts at 1 (decision
/// 11).
using ExposedRevision = StrongId<struct ExposedRevisionTag, std::uint64_t>;
/// Identifier of a group master key, GMK-ID of TS 33.180; 0 is none.
using GmkId = StrongId<struct GmkTag, std::uint32_t>;

}  // namespace bivouac
