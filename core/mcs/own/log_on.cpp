// SPDX-License-Identifier: Apache-2.0
#include "core/mcs/own/log_on.h"

#include <optional>
#include <vector>

#include "core/engine/user_record.h"
#include "core/mcs/own/log_on_decision.h"
#include "core/wire/build_client.h"

namespace bivouac::mcs::own::log_on {
namespace {

using engine::ClientAddress;

LogOnFacts gather(const engine::Context& context, const ClientAddress& client,
                  const wire::fb::UserProfile* profile) {
  LogOnFacts facts;
  facts.served_here = engine::is_served_here(context, client.mc_service_id);
  if (profile != nullptr) facts.profile = wire::services_of(*profile);
  facts.here = context.configuration.services;
  facts.logged_on = context.log_ons.find(client) != nullptr;
  facts.too_many = context.log_ons.all().size() >= limits::clients_max ||
                   context.log_ons.count_of(client.mc_service_id) >= limits::clients_per_user_max;
  return facts;
}

void leave(engine::Context& context, const ClientAddress& client, Cause cause) {
  if (!context.log_ons.leave(client)) return;
  context.effects.note(
      {NoteKind::client_off, {}, client.mc_service_id, client.client_id, cause, 0});
}

}  // namespace

bool on_request(engine::Context& context, const wire::fb::Envelope& envelope) {
  const auto& request = *envelope.body_as_LogOnRequest();
  const ClientAddress client = engine::client_of(envelope);
  const auto* profile = engine::find_user(context, client.mc_service_id);
  LogOnFacts facts = gather(context, client, profile);
  facts.requested.bits = static_cast<std::uint8_t>(request.services_requested());
  const LogOnDecision decision = decide(facts);
  const bool granted = decision.cause == Cause::none;
  if (granted) {
    const engine::LogOn* before = context.log_ons.find(client);
    const MonoMs since = before == nullptr ? context.now.mono : before->since;
    context.log_ons.enter(client, {decision.services, since});
    context.effects.note({NoteKind::client_on,
                          {},
                          client.mc_service_id,
                          client.client_id,
                          Cause::none,
                          decision.services.bits});
  } else {
    context.refused(client.mc_service_id, "log-on", decision.cause);
    leave(context, client, decision.cause);
  }
  std::optional<UserProfile> told;
  if (granted) told = wire::unpack(*profile);
  context.post.send_to_client(
      client,
      wire::build_log_on_response(context.answer_to(envelope), decision.cause, decision.services,
                                  told ? &*told : nullptr),
      engine::Priority::control);
  return granted;
}

void on_log_off(engine::Context& context, const wire::fb::Envelope& envelope) {
  const ClientAddress client = engine::client_of(envelope);
  leave(context, client, Cause::none);
  context.post.send_to_client(
      client, wire::build_log_off_response(context.answer_to(envelope), Cause::none),
      engine::Priority::control);
}

void on_gone(engine::Context& context, const ClientAddress& client) {
  leave(context, client, Cause::unreachable);
}

void judge_again(engine::Context& context, std::string_view mc_service_id) {
  const auto* profile = engine::find_user(context, mc_service_id);
  const auto [first, last] = context.log_ons.of(mc_service_id);
  const std::vector<std::pair<ClientAddress, engine::LogOn>> clients(first, last);
  for (const auto& [client, log_on] : clients) {
    LogOnFacts facts = gather(context, client, profile);
    facts.requested = log_on.services;
    const LogOnDecision decision = decide(facts);
    if (decision.cause == Cause::none) {
      context.log_ons.enter(client, {decision.services, log_on.since});
      continue;
    }
    const ExchangeId id = context.exchanges.next_id();
    context.post.send_to_client(
        client,
        wire::build_log_off_request(
            context.request_to_client(client, id, DurationMs{limits::exchange_ms}), decision.cause),
        engine::Priority::control);
    context.refused(client.mc_service_id, "log-on", decision.cause);
    leave(context, client, decision.cause);
  }
}

}  // namespace bivouac::mcs::own::log_on
