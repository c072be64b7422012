// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <absl/container/btree_set.h>

#include "core/engine/context.h"

namespace bivouac::mcs::own {

/// The MC service server asks its group management server for the groups of a user who became
/// service-authorised, instead of waiting for the first affiliation (P5).
/// @clause S0 10.2.7.3 (10.2.7.3)
///
/// Third precondition, leading to step 1. What an MC service server here holds already is not asked
/// for; few requests are on the way at a time, and one that is refused is made again when the user
/// logs on again, or when a link comes up.
class Prefetch {
 public:
  void user_logged_on(std::string_view mc_service_id) { users_.emplace(mc_service_id); }
  /// What could not be had may be had now: every user who is logged on is looked at again.
  void link_came_up(const engine::Context& context);
  /// A request of an MC service server was answered, or was given up.
  void settled(ExchangeId id) { on_the_way_.erase(id); }
  /// One slice; true when more can be done at once.
  bool go_on(engine::Context& context);

 private:
  absl::btree_set<std::string, std::less<>> users_;  // to look at; those logged on, so bounded
  std::string current_;                              // that was looked at last
  std::string after_group_;                          // of that one
  absl::btree_set<ExchangeId> on_the_way_;
};

}  // namespace bivouac::mcs::own
