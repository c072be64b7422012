// SPDX-License-Identifier: Apache-2.0
#include "core/gms/partner/group_information_notify.h"

#include "core/engine/answers.h"
#include "core/gms/group_record.h"
#include "core/gms/partner/cached_group.h"

namespace bivouac::gms::partner::group_information_notify {
namespace {

/// The home was asked for this group, and was not told to be silent.
bool is_subscribed(const engine::Context& context, std::string_view home,
                   std::string_view group_id) {
  const auto subscribed = find_subscribed(context, context.identities.find(group_id));
  return subscribed && subscribed->wish != Wish::unwanted &&
         context.identities.text(context.view, subscribed->home) == home;
}

}  // namespace

void on_request(engine::Context& context, GroupInformationSubscribe& subscriptions,
                Withdrawals& withdrawals, const wire::fb::Envelope& envelope) {
  const auto& request = *envelope.body_as_GroupInformationNotifyRequest();
  const std::string system_id = envelope.origin()->str();
  const std::string_view group_id = request.group_id()->string_view();
  if (std::optional<Bytes> answer = engine::stored_answer(context, envelope)) {
    context.post.send(system_id, *std::move(answer), engine::Priority::control);  // a retry
    return;
  }

  const Received received{system_id,
                          group_id,
                          {envelope.origin_incarnation()},
                          {request.exposed_revision()},
                          request.configuration(),
                          request.key_envelopes()};
  Judgement judgement{Cause::not_subscribed, false};
  if (is_subscribed(context, system_id, group_id))
    judgement = judge(context, withdrawals, received);
  if (judgement.cause == Cause::none && judgement.changes &&
      !engine::may_store_answer(context, envelope)) {
    judgement = {Cause::overloaded, false};
  }
  const bool changes = judgement.cause == Cause::none && judgement.changes;
  if (changes) judgement.cause = keep(context, received, "10.2.7.5");
  if (judgement.cause != Cause::none) {
    context.refused(system_id, group_id, judgement.cause);
  } else if (received.configuration == nullptr) {
    withdrawals.note(received, context.now.mono);
    subscriptions.forget(context, context.identities.find(group_id));
  } else {
    subscriptions.on_notified(context, group_id, received.revision);
  }

  // Step 2: released when what it says is durable.
  Bytes answer = wire::build_group_information_notify_response(context.answer_to(envelope),
                                                               group_id, judgement.cause);
  if (changes && judgement.cause == Cause::none) {
    const auto origin = context.identities.intern(context.effects, system_id);
    if (origin) engine::store_answer(context, *origin, envelope, answer);
  }
  context.step_done("10.2.7.5/2", group_id, system_id);
  context.post.send(system_id, std::move(answer), engine::Priority::control);
}

}  // namespace bivouac::gms::partner::group_information_notify
