// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <absl/container/btree_map.h>

#include "core/mcs/affiliation_exchange.h"

namespace bivouac::mcs::hosting {

/// The other half of F7: which of a partner's users are known here otherwise than at their home,
/// and how. A partner that lost its store has nothing to compare: it is told that there is
/// something.
/// @clause S4 10.X.3.2.2
/// @clause S4 10.X.4.3
class HostedAffiliationExchange {
 public:
  explicit HostedAffiliationExchange(const Affiliations& affiliations)
      : affiliations_(affiliations) {}

  void on_link_up(std::string_view system) { to_notify_.emplace(system, Notice{}); }
  /// Something of the system's users changed without their asking.
  void changed(std::string_view system) { to_notify_[std::string(system)].certain = true; }
  void on_link_down(std::string_view system) { to_notify_.erase(system); }
  void on_request(engine::Context& context, const wire::fb::Envelope& envelope);
  /// One slice; true when more can be done at once.
  bool go_on(engine::Context& context);

 private:
  bool holds_any(const engine::Context& context);
  struct Notice {
    bool certain = false;  // else when there is something
    std::string after;     // up to here nothing was found
  };
  const Affiliations& affiliations_;
  absl::btree_map<std::string, Notice, std::less<>> to_notify_;
};

}  // namespace bivouac::mcs::hosting
