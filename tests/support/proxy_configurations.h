// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>
#include <utility>

#include "core/engine/configuration.h"

// MC systems with proxies between them, for tests.

namespace bivouac::test {

enum class Dials : std::uint8_t { yes, no };

inline void add_partner(engine::Configuration& configuration, engine::Partner partner) {
  configuration.partners.push_back(std::move(partner));
  std::ranges::sort(configuration.partners, {}, &engine::Partner::system_id);
}

/// The same system with its partner `far` behind the proxy, which is a partner as well.
inline engine::Configuration behind_proxy(engine::Configuration configuration,
                                          const std::string& far, const std::string& proxy,
                                          Dials dials) {
  for (engine::Partner& partner : configuration.partners) {
    if (partner.system_id != far) continue;
    partner.via = proxy;
    partner.addresses.clear();
  }
  engine::Partner neighbour;
  neighbour.system_id = proxy;
  neighbour.speaks_for = {far};
  if (dials == Dials::yes) neighbour.addresses = {"127.0.0.1:1"};
  add_partner(configuration, std::move(neighbour));
  return configuration;
}

/// One side of a proxy: the neighbour there, and the end behind it, which may be the neighbour.
struct ProxySide {
  std::string neighbour;
  std::string end;
  Dials dials = Dials::no;
};

inline engine::Configuration proxy_configuration(std::string id, const ProxySide& a,
                                                 const ProxySide& b) {
  engine::Configuration configuration;
  configuration.system_id = std::move(id);
  for (const auto& [side, other] : {std::pair{a, b}, std::pair{b, a}}) {
    engine::Partner partner;
    partner.system_id = side.neighbour;
    if (side.neighbour != side.end) partner.speaks_for = {side.end};
    if (side.dials == Dials::yes) partner.addresses = {"127.0.0.1:1"};
    partner.rights.forward = {other.end};
    add_partner(configuration, std::move(partner));
  }
  return configuration;
}

}  // namespace bivouac::test
