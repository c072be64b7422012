// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "core/engine/context.h"
#include "core/gms/added_services.h"
#include "core/gms/group_keys.h"
#include "core/gms/home/group_configuration_provision.h"
#include "core/gms/home/policy_watch.h"
#include "core/gms/partner/group_configuration_request.h"

namespace bivouac::gms {

/// The group management server of one MC system: home of its own groups, cache of its partners'
/// groups. Dispatch only; each procedure has a file of its own.
class GroupManagementServer {
 public:
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
  void on_push_again(engine::Context& context, IdentityNumber system) {
    provision_.on_push_again(context, system);
  }

  void on_link_up(engine::Context& context, std::string_view system_id);
  void on_link_down(engine::Context& context, std::string_view system_id);
  /// The partner's Hello told another incarnation than the one that we knew: it lost its store, or
  /// has a new one. Without `before` we do not know what it had.
  void on_new_store(engine::Context& context, IdentityNumber system, Incarnation before,
                    Incarnation incarnation);
  /// The clock can be believed, or no longer: envelopes expire by it.
  void on_clock(engine::Context& context) { watch_expiry(context); }
  void on_key_expiry(engine::Context& context, IdentityNumber group);
  /// Partners and policies were read anew.
  void on_reload(engine::Context& context);

  /// Pushes that may leave at once: part of the batch that made them pending.
  bool has_work() const { return provision_.has_work(); }
  void work(engine::Context& context) { provision_.send_some(context); }
  /// One slice of long work; true when more can be done at once.
  bool go_on(engine::Context& context);

  home::GroupConfigurationProvision& provision() { return provision_; }
  const home::GroupConfigurationProvision& provision() const { return provision_; }

 private:
  home::GroupConfigurationProvision provision_;
  partner::GroupConfigurationRequest request_;
  home::PolicyWatch policies_;
  AddedServices added_;
  IdentityNumber overlays_after_;
  bool overlays_left_ = true;
  IdentityNumber lost_after_;
  bool lost_left_ = true;
};

}  // namespace bivouac::gms
