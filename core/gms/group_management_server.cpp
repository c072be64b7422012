// SPDX-License-Identifier: Apache-2.0
#include "core/gms/group_management_server.h"

#include "core/base/planted.h"
#include "core/gms/group_record.h"
#include "core/gms/home/fan_out.h"
#include "core/gms/home/group_configuration_request.h"
#include "core/gms/partner/group_configuration_provision.h"
#include "core/gms/partner/resync.h"

namespace bivouac::gms {

using engine::outcome;
using wire::fb::Body;

void GroupManagementServer::start(engine::Context& context, Services told) {
  provision_.start(context);
  added_.start(told);
}

bool GroupManagementServer::on_message(engine::Context& context,
                                       const wire::fb::Envelope& envelope) {
  switch (envelope.body_type()) {
    case Body::GroupConfigurationProvisionRequest:
      partner::group_configuration_provision::on_request(context, envelope);
      return true;
    case Body::GroupConfigurationProvisionResponse: {
      const auto& response = *envelope.body_as_GroupConfigurationProvisionResponse();
      provision_.on_response(context, envelope.origin()->string_view(), {envelope.exchange()},
                             response.group_id()->string_view(),
                             outcome(response.result(), response.cause()));
      return true;
    }
    case Body::GroupConfigurationRequest:
      home::group_configuration_request::on_request(context, envelope);
      return true;
    case Body::GroupConfigurationResponse: request_.on_response(context, envelope); return true;
    case Body::GetGroupConfigurationRequest: request_.on_get(context, envelope); return true;
    case Body::NotifyGroupConfigurationResponse: {
      const auto& response = *envelope.body_as_NotifyGroupConfigurationResponse();
      if (response.result() != wire::fb::Result::success) {
        context.refused(envelope.origin()->string_view(), response.group_id()->string_view(),
                        static_cast<Cause>(response.cause()));
      }
      return true;
    }
    case Body::NONE:
    case Body::Hello:
    case Body::Heartbeat:
    case Body::Refusal:
    case Body::GetGroupConfigurationResponse:
    case Body::NotifyGroupConfigurationRequest:
    case Body::PresenceRequest:
    case Body::PresenceResponse: return false;
  }
  return false;
}

void GroupManagementServer::on_refusal(engine::Context& context, const wire::fb::Envelope& envelope,
                                       const engine::Exchange& exchange) {
  const Cause cause = outcome(wire::fb::Result::failure, envelope.body_as_Refusal()->cause());
  const ExchangeId id{envelope.exchange()};
  if (exchange.request == Body::GroupConfigurationProvisionRequest) {
    const std::string group_id = exchange.group_id;
    provision_.on_response(context, envelope.origin()->string_view(), id, group_id, cause);
  } else if (exchange.request == Body::GroupConfigurationRequest) {
    request_.on_failure(context, id, cause);
  }
}

void GroupManagementServer::on_timeout(engine::Context& context, ExchangeId id,
                                       const engine::Exchange& exchange) {
  if (exchange.request == Body::GroupConfigurationProvisionRequest) {
    const std::string system_id = exchange.target;
    context.exchanges.close(id);
    provision_.on_timeout(context, id, system_id);
  } else if (exchange.request == Body::GroupConfigurationRequest) {
    request_.on_failure(context, id, Cause::timed_out);
  }
}

void GroupManagementServer::on_link_up(engine::Context&, std::string_view system_id) {
  provision_.wake(system_id);
}

void GroupManagementServer::on_link_down(engine::Context& context, std::string_view system_id) {
  provision_.on_link_down(context, system_id);
  request_.on_link_down(context, system_id);
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

void GroupManagementServer::on_reload(engine::Context&) {
  policies_.restart();
  overlays_after_ = {};
  overlays_left_ = true;
}

bool GroupManagementServer::go_on(engine::Context& context) {
  std::vector<std::string> pushed_to;
  if (home::fan_out::go_on(context, pushed_to)) {
    for (const std::string& system_id : pushed_to) {
      if (context.post.is_reachable(system_id)) provision_.wake(system_id);
    }
    return true;
  }
  if (policies_.go_on(context)) return true;
  if (partner::resync::go_on(context, request_)) return true;
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
