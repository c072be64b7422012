// SPDX-License-Identifier: Apache-2.0
#include "core/gms/group_management_server.h"

#include "core/base/planted.h"
#include "core/gms/affiliation_status.h"
#include "core/gms/group_record.h"
#include "core/gms/home/fan_out.h"
#include "core/gms/home/group_configuration_request.h"
#include "core/gms/home/group_information_subscribe.h"
#include "core/gms/partner/group_configuration_provision.h"
#include "core/gms/partner/group_information_notify.h"
#include "core/gms/partner/resync.h"

namespace bivouac::gms {

using engine::DeadlineKind;
using engine::outcome;
using home::Means;
using wire::fb::Body;

void GroupManagementServer::start(engine::Context& context, Services told) {
  delivery_.start(context);
  subscriptions_.start(context);
  added_.start(told);
  if (told.empty()) policies_.mistrust();
}

bool GroupManagementServer::on_message(engine::Context& context,
                                       const wire::fb::Envelope& envelope) {
  const Body type = envelope.body_type();
  if (type == Body::GroupConfigurationProvisionRequest) {
    partner::group_configuration_provision::on_request(context, withdrawals_, envelope);
    subscribe_.look_at(context, envelope.origin()->string_view(), wire::group_of(envelope));
  } else if (const auto* pushed = envelope.body_as_GroupConfigurationProvisionResponse()) {
    delivery_.on_response(context, envelope.origin()->string_view(), {envelope.exchange()},
                          pushed->group_id()->string_view(), Means::push,
                          outcome(pushed->result(), pushed->cause()));
  } else if (type == Body::GroupInformationSubscribeRequest) {
    home::group_information_subscribe::on_request(context, subscriptions_, delivery_, envelope);
  } else if (type == Body::GroupInformationSubscribeResponse) {
    subscribe_.on_response(context, envelope);
    clients_.freshness_changed(envelope.origin()->string_view());
  } else if (type == Body::GroupInformationNotifyRequest) {
    partner::group_information_notify::on_request(context, subscribe_, withdrawals_, envelope);
  } else if (const auto* notified = envelope.body_as_GroupInformationNotifyResponse()) {
    delivery_.on_response(context, envelope.origin()->string_view(), {envelope.exchange()},
                          notified->group_id()->string_view(), Means::notification,
                          outcome(notified->result(), notified->cause()));
  } else if (type == Body::GroupConfigurationRequest) {
    home::group_configuration_request::on_request(context, envelope);
  } else if (type == Body::GroupConfigurationResponse) {
    request_.on_response(context, envelope);
    clients_.group_changed(wire::group_of(envelope));  // they kept what might have come anew
    subscribe_.look_at(context, envelope.origin()->string_view(), wire::group_of(envelope));
  } else {
    return on_message_from_here(context, envelope);
  }
  return true;
}

/// Of an MC service server, or of a client.
bool GroupManagementServer::on_message_from_here(engine::Context& context,
                                                 const wire::fb::Envelope& envelope) {
  const Body type = envelope.body_type();
  if (type == Body::GetGroupConfigurationRequest) {
    request_.on_get(context, envelope);
  } else if (const auto* told = envelope.body_as_NotifyGroupConfigurationResponse()) {
    if (told->result() != wire::fb::Result::success) {
      context.refused(envelope.origin()->string_view(), told->group_id()->string_view(),
                      static_cast<Cause>(told->cause()));
    }
  } else if (type == Body::ClientGetGroupConfigurationRequest ||
             type == Body::SubscribeGroupConfigurationRequest ||
             type == Body::ClientNotifyGroupConfigurationResponse) {
    clients_.on_message(context, envelope, request_);
  } else if (type == Body::GroupAffiliationStatusUpdate) {
    affiliation_status::on_update(context, envelope);
  } else if (type == Body::GroupDeaffiliationStatusUpdate) {
    affiliation_status::on_end(context, envelope);
  } else {
    return false;
  }
  return true;
}

void GroupManagementServer::on_refusal(engine::Context& context, const wire::fb::Envelope& envelope,
                                       const engine::Exchange& exchange) {
  const Cause cause = outcome(wire::fb::Result::failure, envelope.body_as_Refusal()->cause());
  const ExchangeId id{envelope.exchange()};
  const std::string_view system_id = envelope.origin()->string_view();
  if (exchange.request == Body::GroupConfigurationProvisionRequest) {
    delivery_.on_response(context, system_id, id, exchange.group_id, Means::push, cause);
  } else if (exchange.request == Body::GroupInformationNotifyRequest) {
    delivery_.on_response(context, system_id, id, exchange.group_id, Means::notification, cause);
  } else if (exchange.request == Body::GroupConfigurationRequest) {
    request_.on_failure(context, id, cause);
    clients_.group_changed(exchange.group_id);
  } else if (exchange.request == Body::GroupInformationSubscribeRequest) {
    subscribe_.on_failure(context, id, cause);
    clients_.freshness_changed(exchange.target);
  }
}

void GroupManagementServer::on_timeout(engine::Context& context, ExchangeId id,
                                       const engine::Exchange& exchange) {
  if (exchange.request == Body::GroupConfigurationProvisionRequest ||
      exchange.request == Body::GroupInformationNotifyRequest) {
    context.exchanges.close(id);
    delivery_.on_timeout(context, id, exchange.target);
  } else if (exchange.request == Body::GroupConfigurationRequest) {
    request_.on_failure(context, id, Cause::timed_out);
    clients_.group_changed(exchange.group_id);
  } else if (exchange.request == Body::GroupInformationSubscribeRequest) {
    subscribe_.on_failure(context, id, Cause::timed_out);
    clients_.freshness_changed(exchange.target);
  } else if (exchange.request == Body::ClientNotifyGroupConfigurationRequest) {
    clients_.on_timeout(context, id);
  }
}

bool GroupManagementServer::on_deadline(engine::Context& context, engine::DeadlineId id) {
  const IdentityNumber system{static_cast<std::uint32_t>(id.number)};
  switch (id.kind) {
    case DeadlineKind::push_again: delivery_.on_push_again(context, system); return true;
    case DeadlineKind::notify_again: delivery_.on_notify_again(context, system); return true;
    case DeadlineKind::lease: subscriptions_.on_lease_end(context, id.number); return true;
    case DeadlineKind::renewal:
      subscribe_.on_renewal(context, system);
      clients_.freshness_changed(context.identities.text(context.view, system));
      return true;
    case DeadlineKind::dial:
    case DeadlineKind::heartbeat:
    case DeadlineKind::silence:
    case DeadlineKind::hello:
    case DeadlineKind::exchange:
    case DeadlineKind::operation:
    case DeadlineKind::presence:
    case DeadlineKind::key_expiry:
    case DeadlineKind::affiliation_again:
    case DeadlineKind::affiliation_answer:
    case DeadlineKind::affiliation_grace:
    case DeadlineKind::work: return false;
  }
  return false;
}

void GroupManagementServer::on_link_up(engine::Context& context, std::string_view system_id) {
  delivery_.wake(system_id);
  subscribe_.on_link_up(context, system_id);
  clients_.freshness_changed(system_id);
}

void GroupManagementServer::on_link_down(engine::Context& context, std::string_view system_id) {
  delivery_.on_link_down(context, system_id);
  request_.on_link_down(context, system_id);
  subscribe_.on_link_down(context, system_id);
  clients_.freshness_changed(system_id);
}

void GroupManagementServer::on_new_store(engine::Context& context, IdentityNumber system,
                                         Incarnation before, Incarnation incarnation) {
  if (is_planted(Planted::incarnation_ignored)) return;
  partner::resync::home_has_new_store(context, system, incarnation);  // what it is the home of
  if (before.is_set()) home::fan_out::recheck_partner(context, system, true);  // what it had of us
}

void GroupManagementServer::on_key_expiry(engine::Context& context, IdentityNumber group) {
  if (!expire_keys(context, group)) return;
  const auto* record = store::find<store::fb::Group>(context.view, store::group_key(group));
  if (record != nullptr && is_home_here(context, *record))
    home::fan_out::group_changed(context, group);
}

void GroupManagementServer::on_reload(engine::Context& context) {
  subscribe_.on_reload(context);
  for (const engine::Partner& partner : context.configuration.partners)
    clients_.freshness_changed(partner.system_id);
  shown_groups_.forget();
  policies_.restart();
  overlays_after_ = {};
  overlays_left_ = true;
}

bool GroupManagementServer::go_on(engine::Context& context) {
  std::vector<std::string> pushed_to;
  if (home::fan_out::go_on(context, subscriptions_, shown_groups_, pushed_to)) {
    for (const std::string& system_id : pushed_to) {
      if (context.post.is_reachable(system_id)) delivery_.wake(system_id);
    }
    return true;
  }
  if (policies_.go_on(context)) return true;
  if (subscribe_.go_on(context)) return true;
  if (partner::resync::go_on(context, request_, subscribe_)) return true;
  if (clients_.go_on(context, request_)) return true;
  if (context.space_low) return false;  // the rest may grow: it goes on with space
  if (lost_left_) {
    lost_left_ = partner::resync::lost_go_on(context, lost_after_);
    return true;
  }
  if (overlays_left_) {
    overlays_left_ = partner::resync::overlays_go_on(context, overlays_after_);
    return true;  // what it changed is not to be read before the next step
  }
  return added_.go_on(context);
}

}  // namespace bivouac::gms
