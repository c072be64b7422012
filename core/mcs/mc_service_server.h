// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "core/engine/context.h"
#include "core/mcs/asking/affiliation.h"
#include "core/mcs/asking/affiliation_exchange.h"
#include "core/mcs/hosting/affiliation.h"
#include "core/mcs/hosting/affiliation_exchange.h"
#include "core/mcs/own/affiliation.h"
#include "core/mcs/own/affiliation_review.h"
#include "core/mcs/own/prefetch.h"

namespace bivouac::mcs {

/// The MC service servers of one MC system, one per MC service: each keeps the policy of the groups
/// that it serves, as its group management server tells it, and asks for what it lacks. They never
/// see group key material (decision 10). Dispatch only.
class McServiceServer {
 public:
  McServiceServer() = default;
  McServiceServer(const McServiceServer&) = delete;
  McServiceServer& operator=(const McServiceServer&) = delete;

  /// What a server was not told in full in an earlier run, by a store that was salvaged since, it
  /// forgets: its group management server tells it anew.
  void start(engine::Context& context, Services told);
  /// False when the message is not for an MC service server.
  bool on_message(engine::Context& context, const wire::fb::Envelope& envelope);
  /// One slice of long work; true when more can be done at once.
  bool go_on(engine::Context& context);
  /// The client's session ended.
  void on_client_gone(engine::Context& context, const engine::ClientAddress& client);
  /// The user's profile, or what it is judged by, changed.
  void on_user_changed(engine::Context& context, std::string_view mc_service_id);
  /// A policy record of the group was written or erased.
  void on_policy_changed(IdentityNumber group) { review_.policy_changed(group); }
  /// Partners and policies were read anew.
  void on_reload(const engine::Context& context) { review_.rules_changed(context); }
  void on_deadline(engine::Context& context, engine::DeadlineId id);
  void on_link_up(const engine::Context& context, std::string_view system_id);
  void on_link_down(engine::Context& context, std::string_view system_id);
  /// The peer could not take a request of ours at all.
  void on_refusal(engine::Context& context, const wire::fb::Envelope& envelope,
                  const engine::Exchange& exchange);
  void on_timeout(engine::Context& context, ExchangeId id, const engine::Exchange& exchange);

  const Affiliations& affiliations() const { return affiliations_; }

 private:
  void on_policy_settled(engine::Context& context, ExchangeId id, Cause cause);
  void on_log_on(engine::Context& context, const wire::fb::Envelope& envelope);
  void client_left(engine::Context& context, const engine::ClientAddress& client);
  void client_logs_off(engine::Context& context, const engine::ClientAddress& client);
  void stop_waiting(engine::Context& context, const engine::ClientAddress& client);
  void on_affiliation(engine::Context& context, const wire::fb::Envelope& envelope);

  Services doubted_;
  own::Prefetch prefetch_;
  Affiliations affiliations_;
  own::AffiliationStatusNotification status_;
  asking::PartnerAffiliation partner_{affiliations_, status_};
  own::AffiliationProcedure affiliation_{affiliations_, status_, partner_};
  own::AffiliationReview review_{affiliations_, status_, partner_.clients()};
  hosting::HostedAffiliation hosted_{affiliations_};
  asking::AffiliationExchange exchange_{affiliations_, status_};
  hosting::HostedAffiliationExchange hosted_exchange_{affiliations_};
};

}  // namespace bivouac::mcs
