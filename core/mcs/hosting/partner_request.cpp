// SPDX-License-Identifier: Apache-2.0
#include "core/mcs/hosting/partner_request.h"

#include "core/base/identity.h"

namespace bivouac::mcs::hosting {

Cause judge(const engine::Context& context, const PartnerRequest& request,
            std::string_view group_id) {
  const engine::Partner* partner = context.configuration.partner(request.system);
  PartnerFacts facts;
  facts.known = partner != nullptr;
  facts.of_user =
      facts.known && context.configuration.home_of_user(request.mc_service_id) == partner;
  facts.permitted = facts.known && matches_any(partner->rights.affiliate, group_id);
  return decide(facts);
}

}  // namespace bivouac::mcs::hosting
