// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "core/engine/context.h"
#include "core/gms/added_services.h"
#include "core/gms/clients/group_configuration_subscription.h"
#include "core/gms/group_keys.h"
#include "core/gms/home/delivery.h"
#include "core/gms/home/policy_watch.h"
#include "core/gms/partner/group_configuration_request.h"

namespace bivouac::gms {

/// The group management server of one MC system: home of its own groups, cache of its partners'
/// groups. Dispatch only; each procedure has a file of its own.
class GroupManagementServer {
 public:
  GroupManagementServer() = default;
  GroupManagementServer(const GroupManagementServer&) = delete;
  GroupManagementServer& operator=(const GroupManagementServer&) = delete;

  /// `told`: MC services here that an earlier run told of every stored group.
  void start(engine::Context& context, Services told);
  Services services_told() const { return added_.told(); }

  /// False when the message is not for a group management server.
  bool on_message(engine::Context& context, const wire::fb::Envelope& envelope);
  /// The peer could not take a request of ours at all.
  void on_refusal(engine::Context& context, const wire::fb::Envelope& envelope,
                  const engine::Exchange& exchange);
  /// A request of ours was not answered in time.
  void on_timeout(engine::Context& context, ExchangeId id, const engine::Exchange& exchange);
  /// A deadline of this server; false when it is of another kind.
  bool on_deadline(engine::Context& context, engine::DeadlineId id);

  void on_link_up(engine::Context& context, std::string_view system_id);
  void on_link_down(engine::Context& context, std::string_view system_id);
  /// The partner's Hello told another incarnation than the one that we knew: it lost its store, or
  /// has a new one. Without `before` we do not know what it had.
  void on_new_store(engine::Context& context, IdentityNumber system, Incarnation before,
                    Incarnation incarnation);
  /// The clock can be believed, or no longer: envelopes expire by it, and leases of earlier runs.
  void on_clock(engine::Context& context) {
    watch_expiry(context);
    subscriptions_.on_clock(context);
  }
  void on_key_expiry(engine::Context& context, IdentityNumber group);
  void on_client_gone(engine::Context& context, const engine::ClientAddress& client) {
    clients_.on_client_gone(context, client);
  }
  /// A record of the group was written or erased; of the user's profile likewise.
  void on_group_changed(std::string_view group_id) { clients_.group_changed(group_id); }
  void on_user_changed(std::string_view mc_service_id) { clients_.user_changed(mc_service_id); }
  /// Partners and policies were read anew.
  void on_reload(engine::Context& context);

  /// Pushes that may leave at once: part of the batch that made them pending.
  bool has_work() const { return delivery_.has_work(); }
  void work(engine::Context& context) { delivery_.send_some(context); }
  /// One slice of long work; true when more can be done at once.
  bool go_on(engine::Context& context);

  home::Delivery& delivery() { return delivery_; }
  const home::Delivery& delivery() const { return delivery_; }
  /// Our own subscriptions, to groups of partners.
  partner::GroupInformationSubscribe& subscribe() { return subscribe_; }
  const partner::GroupInformationSubscribe& subscribe() const { return subscribe_; }
  const clients::GroupConfigurationSubscription& clients() const { return clients_; }

 private:
  bool on_message_from_here(engine::Context& context, const wire::fb::Envelope& envelope);

  home::Subscriptions subscriptions_;  // of partners, to groups of ours
  home::ShownGroups shown_groups_;
  home::Delivery delivery_{subscriptions_, shown_groups_};
  partner::GroupInformationSubscribe subscribe_;
  partner::Withdrawals withdrawals_;
  partner::GroupConfigurationRequest request_{subscribe_, withdrawals_};
  home::PolicyWatch policies_;
  AddedServices added_;
  clients::GroupConfigurationSubscription clients_;
  IdentityNumber overlays_after_;
  bool overlays_left_ = true;
  IdentityNumber lost_after_;
  bool lost_left_ = true;
};

}  // namespace bivouac::gms
