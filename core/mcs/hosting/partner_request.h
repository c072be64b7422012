// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/affiliation.h"
#include "core/engine/context.h"

namespace bivouac::mcs::hosting {

/// What a partner's MC service server asks for one of its users.
struct PartnerRequest {
  std::string system;  // that asks
  ExchangeId exchange;
  Incarnation incarnation;  // of the asking system's store
  std::string mc_service_id;
  std::string client_id;  // empty: all clients of the user (F24)
  std::vector<std::string> group_ids;

  wire::Address answer_from(const engine::Context& context) const {
    return {context.self(), system, exchange, incarnation, {}, 0, {}, context.incarnation, 0};
  }
};

struct PartnerFacts {
  bool known = false;      // a partner of ours
  bool of_user = false;    // the user's patterns are that partner's (D3, F23)
  bool permitted = false;  // its users may affiliate to the group
};

/// Whether the partner may act for the user at this group. A stranger does not learn which groups
/// exist (D5).
inline Cause decide(const PartnerFacts& facts) {
  if (!facts.known) return Cause::not_authorised;
  if (!facts.of_user) return Cause::user_of_another;
  if (!facts.permitted) return Cause::not_authorised;
  return Cause::none;
}

/// The above, gathered.
Cause judge(const engine::Context& context, const PartnerRequest& request,
            std::string_view group_id);

}  // namespace bivouac::mcs::hosting
