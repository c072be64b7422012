// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/affiliation.h"
#include "core/engine/context.h"
#include "core/mcs/affiliations.h"

// What two systems compare after a time out of reach: for each user, all of the user's affiliations
// at the one system as one number (F7). Both ends count it from their records, so nothing has to be
// kept for it, and whatever made them differ shows: a lost answer, a lost store, a rule that
// changed meanwhile.

namespace bivouac::mcs {

/// A part of all users in the order of MC service IDs: behind `after`, up to `until`; empty is no
/// bound.
struct UserRange {
  std::string after, until;
};

/// The stores that the numbers are counted for: other stores, other numbers.
struct ComparedStores {
  Incarnation user_home, group_home;
};

/// Independent of the order. 0 for none.
std::uint64_t digest_of(const ComparedStores& stores, const std::vector<GroupAffiliation>& groups);

/// The first users of the range of whom something is stored and whom `is_meant` accepts. When there
/// is more than a step bears, the range ends where it has come to.
std::vector<std::string> users_in(const engine::Context& context, UserRange& range,
                                  const std::function<bool(std::string_view)>& is_meant);

/// The settled affiliations of the user to groups that have their home at the system, as messages
/// bear them.
std::vector<GroupAffiliation> settled_at(const engine::Context& context,
                                         const Affiliations& affiliations,
                                         std::string_view mc_service_id, std::string_view system);

}  // namespace bivouac::mcs
