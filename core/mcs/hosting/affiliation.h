// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <string>
#include <utility>

#include <absl/container/btree_map.h>
#include <absl/container/btree_set.h>

#include "core/mcs/hosting/partner_request.h"
#include "core/mcs/user_affiliations.h"

namespace bivouac::mcs::hosting {

/// A partner's user affiliates to groups that have their home here.
/// @clause S4 10.X.3.2.2
/// @clause S4 10.X.4.3
///
/// Steps 3 to 7, and 3 to 6. The group's policy alone decides: profile and N2 are the affair of the
/// user's home (F1, F23). To ask again changes nothing, so no answer is kept; the partner asks for
/// one user in one exchange after the other, and what comes late of an older one is refused.
class HostedAffiliation {
 public:
  explicit HostedAffiliation(Affiliations& affiliations) : affiliations_(affiliations) {}

  /// Step 3.
  void on_request(engine::Context& context, const wire::fb::Envelope& envelope);
  /// 10.X.4.3 step 3.
  void on_deaffiliation(engine::Context& context, const wire::fb::Envelope& envelope);
  /// Step 4b, or why there is no policy.
  void policy_settled(engine::Context& context, ExchangeId id, Cause cause);
  /// One request whose policies are settled; true when more can be done at once.
  bool go_on(engine::Context& context);

 private:
  struct Request : PartnerRequest {
    Services services;                            // that the user has
    absl::btree_set<std::string> awaited;         // policies
    absl::btree_map<std::string, Cause> missing;  // policies that are not to be had
  };
  bool is_late(const PartnerRequest& request);
  void ask_for_policies(engine::Context& context, Request& request);
  Cause judge_group(const engine::Context& context, const Request& request,
                    const std::string& group_id, Services& services) const;
  Cause grant(engine::Context& context, UserAffiliations& user, const PartnerRequest& request,
              const std::string& group_id, Services services) const;
  void settle(engine::Context& context, const Request& request);

  Affiliations& affiliations_;
  std::deque<Request> waiting_;
  absl::btree_map<ExchangeId, std::string> asked_;  // for the policy of which group
  // The newest exchange of each user, by the asking system; forgotten when there are too many.
  absl::btree_map<std::pair<std::string, std::string>, std::pair<Incarnation, ExchangeId>> newest_;
};

}  // namespace bivouac::mcs::hosting
