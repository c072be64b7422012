// SPDX-License-Identifier: Apache-2.0
#include "core/mcs/group_configuration.h"

#include <algorithm>
#include <optional>

#include "core/store/record.h"
#include "core/wire/configuration_codec.h"

namespace bivouac::mcs::group_configuration {
namespace {

using engine::DeadlineKind;

constexpr std::size_t forgotten_per_slice = 64;

/// What the MC service server of one service keeps: of the services, its own.
Bytes policy_bytes(const wire::fb::GroupConfiguration& sent, Service service) {
  GroupConfiguration policy = wire::unpack(sent);
  policy.services = Services::of(service);
  return wire::encode(policy);
}

bool holds_already(const engine::Context& context, const store::Key& key, const Bytes& policy) {
  const auto* record = store::find<store::fb::Policy>(context.view, key);
  return record != nullptr && std::ranges::equal(*record->configuration(), policy);
}

/// Keeps or drops the policy of one service; none when nothing stands in the way.
Cause keep(engine::Context& context, std::string_view group_id, Service service,
           const wire::fb::GroupConfiguration* configuration) {
  if (!context.configuration.services.has(service)) return Cause::service_unknown;
  const auto index = static_cast<std::uint8_t>(service);
  if (configuration == nullptr) {
    const IdentityNumber group = context.identities.find(group_id);
    const store::Key key = store::policy_key(index, group);
    if (group.is_set() && context.view.find(key) != nullptr) context.effects.erase(key);
    return Cause::none;
  }
  const Bytes policy = policy_bytes(*configuration, service);
  if (holds_already(context, store::policy_key(index, context.identities.find(group_id)), policy)) {
    return Cause::none;
  }
  if (context.space_low) return Cause::storage_full;
  const auto group = context.identities.intern(context.effects, group_id);
  if (!group) return group.error();
  flatbuffers::FlatBufferBuilder builder(policy.size() + 64);
  const auto bytes = builder.CreateVector(policy);
  context.effects.put(
      store::policy_key(index, *group),
      store::finish(builder, store::fb::CreatePolicy(
                                 builder, bytes, static_cast<std::uint64_t>(context.now.wall.ms))));
  return Cause::none;
}

/// The one service that a set of bits names; none when it is not exactly one.
std::optional<Service> single(wire::fb::Services bits) {
  for (const Service service : all_services) {
    if (Services::of(service).bits == static_cast<std::uint8_t>(bits)) return service;
  }
  return std::nullopt;
}

}  // namespace

Result<ExchangeId> request(engine::Context& context, std::string_view group_id, Service service,
                           bool refresh) {
  if (!context.configuration.services.has(service)) return refuse(Cause::service_unknown);
  const ExchangeId id = context.exchanges.next_id();
  const wire::Address address =
      context.request_to(context.self(), id, DurationMs{2 * limits::exchange_ms});
  context.exchanges.open(id,
                         {std::string(context.self()), wire::fb::Body::GetGroupConfigurationRequest,
                          std::string(group_id), service});
  context.deadlines.set({DeadlineKind::exchange, id.value},
                        context.now.mono + DurationMs{2 * limits::exchange_ms});
  context.post.send(context.self(),
                    wire::build_get_group_configuration_request(address, group_id,
                                                                Services::of(service), refresh),
                    engine::Priority::control);
  return id;
}

Cause on_response(engine::Context& context, const wire::fb::Envelope& envelope) {
  const auto& response = *envelope.body_as_GetGroupConfigurationResponse();
  const ExchangeId id{envelope.exchange()};
  const engine::Exchange* exchange = context.exchanges.find(id);
  if (exchange == nullptr || exchange->request != wire::fb::Body::GetGroupConfigurationRequest ||
      exchange->group_id != response.group_id()->string_view()) {
    context.refused(context.self(), response.group_id()->string_view(), Cause::message_unexpected);
    return Cause::message_unexpected;
  }
  const Service service = exchange->service;
  context.exchanges.close(id);
  context.deadlines.clear({DeadlineKind::exchange, id.value});

  Cause cause = engine::outcome(response.result(), response.cause());
  if (cause != Cause::none) {
    // Nothing is kept; the cause goes to whoever waits.
  } else if (response.configuration() == nullptr) {
    cause = Cause::group_unknown;
  } else if ((static_cast<std::uint8_t>(response.configuration()->services()) &
              Services::of(service).bits) == 0) {
    cause = Cause::service_unknown;  // the group has not this service
  } else {
    cause = keep(context, response.group_id()->string_view(), service, response.configuration());
  }
  context.step_done("10.2.7.3/6", response.group_id()->string_view(), name(service));
  context.operations.settled(id, cause, {});
  return cause;
}

void on_timeout(engine::Context& context, ExchangeId id) {
  context.exchanges.close(id);
  context.operations.settled(id, Cause::timed_out, {});
}

void on_notify(engine::Context& context, const wire::fb::Envelope& envelope) {
  const auto& request = *envelope.body_as_NotifyGroupConfigurationRequest();
  const std::string_view group_id = request.group_id()->string_view();
  const std::optional<Service> service = single(request.service());
  const Cause cause =
      service ? keep(context, group_id, *service, request.configuration()) : Cause::service_unknown;
  context.post.send(
      context.self(),
      wire::build_notify_group_configuration_response(context.answer_to(envelope), group_id, cause),
      engine::Priority::control);
}

bool forget_some(engine::Context& context, Services doubted) {
  std::size_t forgotten = 0;
  for (const Service service : all_services) {
    if (context.configuration.services.has(service) && !doubted.has(service)) continue;
    const auto index = static_cast<std::uint8_t>(service);
    for (const auto& [key, value] :
         context.view.scan(store::prefix(store::RecordKind::policy, index))) {
      if (forgotten++ == forgotten_per_slice) return true;
      context.effects.erase(key);
    }
  }
  return false;
}

const wire::fb::GroupConfiguration* view_policy(const engine::Context& context, Service service,
                                                IdentityNumber group) {
  const auto* record = store::find<store::fb::Policy>(
      context.view, store::policy_key(static_cast<std::uint8_t>(service), group));
  if (record == nullptr || record->configuration()->size() == 0) return nullptr;
  return &wire::trusted_configuration(
      {record->configuration()->data(), record->configuration()->size()});
}

Services services_that_hold(const engine::Context& context, std::string_view group_id) {
  Services services;
  const IdentityNumber group = context.identities.find(group_id);
  if (!group.is_set()) return services;
  for (const Service service : all_services) {
    if (view_policy(context, service, group) != nullptr)
      services = services | Services::of(service);
  }
  return services;
}

}  // namespace bivouac::mcs::group_configuration
