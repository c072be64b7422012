// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace bivouac {

/// One MC service; each has an MC service server of its own in an MC system.
enum class Service : std::uint8_t { mcptt = 0, mcvideo = 1, mcdata = 2 };

inline constexpr Service all_services[] = {Service::mcptt, Service::mcvideo, Service::mcdata};

std::string_view name(Service service);

/// A set of MC services, as bits 1 << Service.
struct Services {
  std::uint8_t bits = 0;
  static constexpr Services all() { return {0b111}; }
  static constexpr Services of(Service s) {
    return {static_cast<std::uint8_t>(1U << static_cast<unsigned>(s))};
  }
  constexpr bool has(Service s) const { return (bits & of(s).bits) != 0; }
  constexpr bool empty() const { return bits == 0; }
  friend constexpr Services operator|(Services a, Services b) {
    return {static_cast<std::uint8_t>(a.bits | b.bits)};
  }
  friend constexpr Services operator&(Services a, Services b) {
    return {static_cast<std::uint8_t>(a.bits & b.bits)};
  }
  friend constexpr bool operator==(Services, Services) = default;
};

}  // namespace bivouac
