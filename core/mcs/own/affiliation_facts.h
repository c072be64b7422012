// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "core/engine/context.h"
#include "core/mcs/own/affiliation_decision.h"
#include "core/wire/user_profile_codec.h"

namespace bivouac::mcs::own {

/// Whether the group has its home here; else the partner of its pattern decides.
bool is_own_group(const engine::Context& context, std::string_view group_id);

/// Whom the rules are to judge.
struct JudgedUser {
  std::string_view mc_service_id;
  Services services;
  const wire::fb::UserProfile* profile = nullptr;  // null: at the user's home, which has looked
};
JudgedUser judged_user(const wire::fb::UserProfile& profile);

/// What profile and cached policy say of the user and the group; nothing of what is affiliated.
AffiliationFacts gather_rules(const engine::Context& context, const JudgedUser& user,
                              std::string_view group_id);

/// Asks the group management server here for a group's policy (10.X.3.1 step 2a). Its answer goes
/// to McServiceServer::on_message, and what it gives is cached by then.
Result<ExchangeId> ask_for_policy(engine::Context& context, Services of_user,
                                  std::string_view group_id, std::string_view step = "10.X.3.1/2a");

}  // namespace bivouac::mcs::own
