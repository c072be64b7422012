// SPDX-License-Identifier: Apache-2.0
// 10.1.2: a group management client gets the configuration of a group once.
#include "core/gms/clients/given_configuration.h"
#include "core/gms/clients/group_configuration_subscription.h"

namespace bivouac::gms::clients {

void GroupConfigurationSubscription::on_message(engine::Context& context,
                                                const wire::fb::Envelope& envelope, Pulls& pulls) {
  if (envelope.body_as_ClientGetGroupConfigurationRequest() != nullptr)
    return on_get(context, envelope, pulls);
  if (envelope.body_as_SubscribeGroupConfigurationRequest() != nullptr)
    return on_subscribe(context, envelope, pulls);
  on_response(context, envelope);
}

void GroupConfigurationSubscription::on_get(engine::Context& context,
                                            const wire::fb::Envelope& envelope, Pulls& pulls) {
  const std::string group_id =
      envelope.body_as_ClientGetGroupConfigurationRequest()->group_id()->str();
  const Waiting waiting{
      engine::client_of(envelope), {envelope.exchange()}, {envelope.origin_incarnation()}};
  const GroupView view = view_group(context, pulls, group_id);
  Cause cause = judge(context, waiting.client, group_id, view);
  if (cause == Cause::group_unknown) {
    Client& client = clients_[waiting.client];
    std::vector<Waiting>& list = waiting_[group_id];
    const bool full =
        list.size() >= limits::pull_waiters_max || client.gets >= limits::client_gets_max;
    cause = full ? Cause::overloaded : pulls.pull_for_client(context, group_id);
    if (cause == Cause::none) {
      list.push_back(waiting);
      ++client.gets;
      return;
    }
    if (list.empty()) waiting_.erase(group_id);
  }
  answer_get(context, group_id, waiting, cause, view);
}

void GroupConfigurationSubscription::answer_get(engine::Context& context, std::string_view group_id,
                                                const Waiting& waiting, Cause cause,
                                                const GroupView& view) {
  const wire::Address address =
      context.answer_to_client(waiting.client, waiting.exchange, waiting.incarnation);
  Bytes answer;
  if (cause == Cause::none) {
    answer = wire::build_client_get_group_configuration_response(
        address, group_id, cause, given(view, waiting.client.mc_service_id, true));
    if (is_too_long(answer)) cause = Cause::frame_too_long;
  }
  const bool good = cause == Cause::none;
  if (!good) {
    context.refused(waiting.client.mc_service_id, group_id, cause);
    answer = wire::build_client_get_group_configuration_response(address, group_id, cause, {});
  }
  context.post.send_to_client(waiting.client, std::move(answer), engine::Priority::bulk);
  if (good) context.step_done("10.1.2/get", group_id, waiting.client.mc_service_id);
}

/// Requests whose pull is over: one group at a time. True when one was answered.
bool GroupConfigurationSubscription::answer_waiting(engine::Context& context, const Pulls& pulls) {
  for (auto& [group_id, list] : waiting_) {
    const GroupView view = view_group(context, pulls, group_id);
    if (!view.configuration && pulls.is_on_the_way(group_id)) continue;
    const Waiting waiting = list.back();
    list.pop_back();
    if (const auto client = clients_.find(waiting.client); client != clients_.end())
      --client->second.gets;
    Cause cause = judge(context, waiting.client, group_id, view);
    if (cause == Cause::group_unknown) cause = pulls.why_missing(context, group_id);
    const std::string about = group_id;
    if (list.empty()) waiting_.erase(about);
    answer_get(context, about, waiting, cause, view);
    return true;
  }
  return false;
}

}  // namespace bivouac::gms::clients
