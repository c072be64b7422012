// SPDX-License-Identifier: Apache-2.0
#include "core/node/operators.h"

#include <algorithm>

#include "core/gms/home/group_configuration_provision.h"
#include "core/gms/home/group_definition.h"
#include "core/gms/home/key_import.h"
#include "core/mcs/group_configuration.h"
#include "core/mcs/own/user_profile.h"
#include "core/node/affiliation_list.h"
#include "core/node/key_status.h"
#include "core/node/status.h"
#include "core/node/subscription_list.h"
#include "core/node/user_status.h"
#include "core/wire/configuration_codec.h"
#include "core/wire/key_envelope_codec.h"
#include "core/wire/operator_message.h"
#include "core/wire/user_profile_codec.h"

namespace bivouac::node {
namespace {

using engine::DeadlineKind;
using wire::fb::OperatorBody;
using wire::fb::OutcomeKind;

constexpr std::size_t watch_notes_per_step_max = 64;

void send(engine::Context& context, ConnectionId connection, Bytes frame) {
  context.effects.send(connection, std::move(frame));
}

void send_outcome(engine::Context& context, ConnectionId connection, std::string_view group_id,
                  const Result<GroupVersion>& result) {
  if (!result) context.refused("operator", group_id, result.error());
  send(context, connection,
       wire::build_operation_answer(result ? OutcomeKind::done : OutcomeKind::failed,
                                    result ? Cause::none : result.error(), group_id,
                                    result ? *result : GroupVersion{}));
}

void send_user_outcome(engine::Context& context, ConnectionId connection, std::string_view user,
                       const Result<void>& result) {
  const Cause cause = result ? Cause::none : result.error();
  if (cause != Cause::none) context.refused("operator", user, cause);
  send(context, connection,
       wire::build_operation_answer(result ? OutcomeKind::done : OutcomeKind::failed, cause, {},
                                    {}));
}

void answer_status(engine::Context& context, const Operators::Servers& servers,
                   const engine::OperatorRequest& event) {
  const StatusSources sources{servers.gms, servers.links, servers.presence, servers.clients,
                              servers.affiliations};
  send(context, event.connection, build_status(context, sources, event.telemetry));
}

void answer_affiliations(engine::Context& context, const Operators::Servers& servers,
                         ConnectionId connection, const wire::fb::OperatorMessage& request) {
  send(context, connection,
       build_affiliation_list(context, servers.affiliations,
                              *request.body_as_AffiliationListRequest()));
}

/// What concerns users is done at once: nobody else has to be asked.
void on_user_request(engine::Context& context, const Clients& clients,
                     const engine::OperatorRequest& event,
                     const wire::fb::OperatorMessage& request) {
  const ConnectionId connection = event.connection;
  if (const auto* import = request.body_as_UserImportRequest()) {
    const UserProfile profile = wire::unpack(*import->profile());
    send_user_outcome(context, connection, profile.mc_service_id,
                      mcs::own::user_profile::import(context, profile));
  } else if (const auto* remove = request.body_as_UserRemoveRequest()) {
    const std::string_view user = remove->mc_service_id()->string_view();
    send_user_outcome(context, connection, user, mcs::own::user_profile::remove(context, user));
  } else if (const auto* show = request.body_as_UserShowRequest()) {
    send(context, connection,
         build_user_show(context, clients, event.telemetry, show->mc_service_id()->string_view()));
  } else {
    send(context, connection, build_user_list(context));
  }
}

void on_keys(engine::Context& context, ConnectionId connection,
             const wire::fb::OperatorMessage& request) {
  namespace key_import = gms::home::key_import;
  if (const auto* import = request.body_as_GroupKeysImportRequest()) {
    const std::string_view group_id = import->group_id()->string_view();
    send_outcome(context, connection, group_id,
                 key_import::import(context, group_id, wire::unpack(import->envelopes())));
  } else if (const auto* remove = request.body_as_GroupKeysRemoveRequest()) {
    const std::string_view group_id = remove->group_id()->string_view();
    send_outcome(context, connection, group_id,
                 key_import::remove(context, group_id, {remove->gmk_id()}));
  } else {
    const auto* list = request.body_as_GroupKeysListRequest();
    send(context, connection, build_group_keys_list(context, list->group_id()->string_view()));
  }
}

}  // namespace

void Operators::on_request(engine::Context& context, Servers servers,
                           const engine::OperatorRequest& event) {
  const wire::Frame frame{{static_cast<std::uint32_t>(event.request.size()), 0}, event.request};
  const Result<const wire::fb::OperatorMessage*> message = wire::verify_operator(frame);
  if (!message) {
    context.refused("operator", "request", message.error());
    context.effects.close(event.connection, message.error());
    return;
  }
  const wire::fb::OperatorMessage& request = **message;
  if (waiting_.contains(event.connection)) {
    send_outcome(context, event.connection, "", refuse(Cause::overloaded));  // one at a time
    return;
  }
  switch (request.body_type()) {
    case OperatorBody::StatusRequest: return answer_status(context, servers, event);
    case OperatorBody::WatchRequest: watching_.insert(event.connection); return;
    case OperatorBody::GroupListRequest:
      return send(context, event.connection, build_group_list(context, servers.gms));
    case OperatorBody::GroupShowRequest:
      return send(context, event.connection,
                  build_group_show(context, servers.gms,
                                   request.body_as_GroupShowRequest()->group_id()->string_view()));
    case OperatorBody::GroupImportRequest: {
      GroupConfiguration configuration =
          wire::unpack(*request.body_as_GroupImportRequest()->configuration());
      const std::string group_id = configuration.group_id;
      send_outcome(context, event.connection, group_id,
                   gms::home::group_definition::import(context, std::move(configuration)));
      return;
    }
    case OperatorBody::GroupRemoveRequest: {
      const auto id = request.body_as_GroupRemoveRequest()->group_id()->string_view();
      send_outcome(context, event.connection, id, gms::home::group_definition::remove(context, id));
      return;
    }
    case OperatorBody::GroupPushRequest:
      return push(context, servers, event.connection, *request.body_as_GroupPushRequest());
    case OperatorBody::GroupFetchRequest:
      return fetch(context, event.connection, *request.body_as_GroupFetchRequest());
    case OperatorBody::UserImportRequest:
    case OperatorBody::UserListRequest:
    case OperatorBody::UserShowRequest:
    case OperatorBody::UserRemoveRequest:
      return on_user_request(context, servers.clients, event, request);
    case OperatorBody::GroupKeysImportRequest:
    case OperatorBody::GroupKeysListRequest:
    case OperatorBody::GroupKeysRemoveRequest: return on_keys(context, event.connection, request);
    case OperatorBody::GroupSubscribeRequest:
    case OperatorBody::GroupUnsubscribeRequest:
    case OperatorBody::SubscriptionListRequest:
      return on_subscription_request(context, servers, event.connection, request);
    case OperatorBody::AffiliationListRequest:
      return answer_affiliations(context, servers, event.connection, request);
    case OperatorBody::NONE:
    case OperatorBody::AffiliationListAnswer:
    case OperatorBody::SubscriptionListAnswer:
    case OperatorBody::GroupKeysListAnswer:
    case OperatorBody::UserListAnswer:
    case OperatorBody::UserShowAnswer:
    case OperatorBody::OperationAnswer:
    case OperatorBody::GroupListAnswer:
    case OperatorBody::GroupShowAnswer:
    case OperatorBody::StatusAnswer:
    case OperatorBody::WatchNote: break;
  }
  context.refused("operator", "request", Cause::message_unexpected);
  context.effects.close(event.connection, Cause::message_unexpected);
}

void Operators::push(engine::Context& context, Servers servers, ConnectionId connection,
                     const wire::fb::GroupPushRequest& request) {
  Operation operation{request.group_id()->str(), {}, {}, 0};
  const std::string_view partner =
      request.partner() == nullptr ? "" : request.partner()->string_view();
  const auto begun = gms::home::group_configuration_provision::push(context, servers.gms.delivery(),
                                                                    operation.group_id, partner);
  if (!begun) {
    send_outcome(context, connection, operation.group_id, refuse(begun.error()));
    return;
  }
  for (const auto& one : *begun) {
    const bool refused = one.cause != Cause::none;
    if (refused) context.refused(one.system_id, operation.group_id, one.cause);
    if (!refused && one.reachable) ++operation.waiting;
    operation.partners.push_back({one.system_id, one.reachable ? one.exchange : ExchangeId{},
                                  refused ? OutcomeKind::failed : OutcomeKind::queued, one.cause,
                                  one.revision});
  }
  wait(context, connection, std::move(operation));
}

void Operators::on_subscription_request(engine::Context& context, Servers servers,
                                        ConnectionId connection,
                                        const wire::fb::OperatorMessage& request) {
  gms::partner::GroupInformationSubscribe& ours = servers.gms.subscribe();
  if (const auto* list = request.body_as_SubscriptionListRequest())
    return send(context, connection, build_subscription_list(context, ours, *list));
  if (const auto* subscribe = request.body_as_GroupSubscribeRequest()) {
    const std::string group_id = subscribe->group_id()->str();
    return await_home(context, connection, group_id,
                      ours.subscribe(context, group_id, subscribe->lease_s()));
  }
  const std::string group_id = request.body_as_GroupUnsubscribeRequest()->group_id()->str();
  await_home(context, connection, group_id, ours.unsubscribe(context, group_id));
}

/// The wish is remembered; its home says what becomes of it.
void Operators::await_home(engine::Context& context, ConnectionId connection,
                           const std::string& group_id,
                           const Result<gms::partner::GroupInformationSubscribe::Begun>& begun) {
  if (!begun) return send_outcome(context, connection, group_id, refuse(begun.error()));
  Operation operation{group_id, {}, {}, begun->exchange.is_set() ? 1U : 0U};
  operation.partners.push_back(
      {begun->home, begun->exchange, OutcomeKind::queued, Cause::none, {}});
  wait(context, connection, std::move(operation));
}

void Operators::fetch(engine::Context& context, ConnectionId connection,
                      const wire::fb::GroupFetchRequest& request) {
  Operation operation{request.group_id()->str(), {}, {}, 1};
  Services wanted{static_cast<std::uint8_t>(request.service())};
  if (wanted.empty()) wanted = context.configuration.services;
  const auto service = std::ranges::find_if(all_services, [&](Service s) { return wanted.has(s); });
  const auto id =
      service == std::end(all_services)
          ? Result<ExchangeId>(refuse(Cause::service_unknown))
          : mcs::group_configuration::request(context, operation.group_id, *service, true);
  if (!id) {
    send_outcome(context, connection, operation.group_id, refuse(id.error()));
    return;
  }
  operation.fetch = *id;
  wait(context, connection, std::move(operation));
}

void Operators::wait(engine::Context& context, ConnectionId connection, Operation operation) {
  if (operation.waiting == 0) {
    answer(context, connection, operation);
    return;
  }
  waiting_[connection] = std::move(operation);
  context.deadlines.set({DeadlineKind::operation, connection.value},
                        context.now.mono + DurationMs{limits::operation_ms});
}

void Operators::settled(engine::Context& context, ExchangeId id, Cause cause,
                        ExposedRevision revision) {
  if (!id.is_set()) return;
  for (auto& [connection, operation] : waiting_) {
    const OutcomeKind outcome = cause == Cause::none         ? OutcomeKind::done
                                : cause == Cause::superseded ? OutcomeKind::queued
                                                             : OutcomeKind::failed;
    if (operation.fetch == id) {
      operation.partners.push_back({std::string(context.self()), id, outcome, cause, revision});
      operation.waiting = 0;
    } else {
      const auto partner = std::ranges::find(operation.partners, id, &AtPartner::exchange);
      if (partner == operation.partners.end()) continue;
      *partner = {partner->system_id, {}, outcome, cause, revision};
      --operation.waiting;
    }
    if (operation.waiting == 0) {
      const Operation done = std::move(operation);
      const ConnectionId to = connection;
      waiting_.erase(to);
      context.deadlines.clear({DeadlineKind::operation, to.value});
      answer(context, to, done);
    }
    return;
  }
}

void Operators::on_deadline(engine::Context& context, ConnectionId connection) {
  const auto found = waiting_.find(connection);
  if (found == waiting_.end()) return;
  const Operation operation = std::move(found->second);
  waiting_.erase(found);
  answer(context, connection, operation);
}

void Operators::answer(engine::Context& context, ConnectionId connection,
                       const Operation& operation) {
  flatbuffers::FlatBufferBuilder builder;
  const bool is_fetch = operation.fetch.is_set();
  OutcomeKind overall = OutcomeKind::done;
  Cause cause = Cause::none;
  if (operation.partners.empty()) {
    overall = OutcomeKind::failed;
    cause = is_fetch ? Cause::timed_out : Cause::target_unknown;  // no partner that the rules name
  }
  std::vector<flatbuffers::Offset<wire::fb::PartnerOutcome>> partners;
  for (const AtPartner& partner : operation.partners) {
    if (partner.outcome == OutcomeKind::failed) {
      overall = OutcomeKind::failed;
      cause = partner.cause;
    } else if (partner.outcome == OutcomeKind::queued && overall == OutcomeKind::done) {
      overall = OutcomeKind::queued;
    }
    if (is_fetch) continue;
    const auto system_id = builder.CreateString(partner.system_id);
    partners.push_back(wire::fb::CreatePartnerOutcome(builder, system_id, partner.outcome,
                                                      static_cast<std::uint16_t>(partner.cause),
                                                      partner.revision.value));
  }
  const auto group_id = builder.CreateString(operation.group_id);
  const auto list = builder.CreateVector(partners);
  const auto body = wire::fb::CreateOperationAnswer(
      builder, overall, static_cast<std::uint16_t>(cause), group_id, 0, list);
  send(context, connection, wire::finish_operator_frame(builder, body));
}

void Operators::on_gone(engine::Context& context, ConnectionId connection) {
  waiting_.erase(connection);
  watching_.erase(connection);
  context.deadlines.clear({DeadlineKind::operation, connection.value});
}

void Operators::watch(engine::Context& context) const {
  if (watching_.empty()) return;
  std::size_t sent = 0;
  for (const Note& note : context.effects.notes()) {
    if (sent + watching_.size() > watch_notes_per_step_max) return;  // best effort
    flatbuffers::FlatBufferBuilder builder(512);
    const auto kind = builder.CreateString(name(note.kind));
    const auto clause_step = builder.CreateString(note.clause_step);
    const auto subject = builder.CreateString(note.subject);
    const auto object = builder.CreateString(note.object);
    const auto client_id = builder.CreateString(note.client_id);
    const auto by = builder.CreateString(note.by);
    const auto ground = builder.CreateString(note.ground);
    const auto body = wire::fb::CreateWatchNote(
        builder, kind, clause_step, subject, object, static_cast<std::uint16_t>(note.cause),
        note.number, static_cast<std::uint64_t>(context.now.wall.ms), client_id, by, ground);
    const auto frame = std::make_shared<const Bytes>(wire::finish_operator_frame(builder, body));
    for (const ConnectionId watcher : watching_) {
      context.effects.send(watcher, frame, engine::Priority::bulk);
      ++sent;
    }
  }
}

}  // namespace bivouac::node
