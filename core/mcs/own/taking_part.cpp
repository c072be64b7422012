// SPDX-License-Identifier: Apache-2.0
#include "core/mcs/own/taking_part.h"

#include "core/base/identity.h"
#include "core/engine/user_record.h"
#include "core/mcs/own/affiliation_facts.h"

namespace bivouac::mcs::own {
namespace {

/// The operator says so for each group: only its home could tell whether it would agree (D8).
bool takes_part_while_pending(const engine::Context& context, std::string_view group_id) {
  const engine::Partner* home = context.configuration.home_of_group(group_id);
  return home != nullptr && matches_any(home->pending_take_part, group_id);
}

}  // namespace

Services taken_part_in(const engine::Context& context, std::string_view mc_service_id,
                       const Affiliation& affiliation) {
  if (!affiliation.is_wanted()) return {};  // at once (F12)
  if (affiliation.status == AffiliationStatus::affiliated) return affiliation.services;
  const std::string_view group_id = context.identities.text(context.view, affiliation.group);
  const auto* profile = engine::find_user(context, mc_service_id);
  if (profile == nullptr || !takes_part_while_pending(context, group_id)) return {};
  const AffiliationFacts facts = gather_rules(context, judged_user(*profile), group_id);
  const bool admitted = facts.in_profile && facts.stored && !facts.disabled && facts.member;
  return admitted ? facts.services : Services{};
}

}  // namespace bivouac::mcs::own
