// SPDX-License-Identifier: Apache-2.0
#include "core/gms/partner/group_configuration_provision.h"

#include "core/base/identity.h"
#include "core/engine/answers.h"
#include "core/gms/group_record.h"
#include "core/gms/partner/cached_group.h"
#include "core/gms/partner/withdrawals.h"

namespace bivouac::gms::partner::group_configuration_provision {
namespace {

bool takes_back(const engine::Context& context, const Received& received) {
  if (received.configuration != nullptr) return false;
  const auto found = find_group(context, received.group_id);
  return found && home_of(context, *found->record) == received.home;
}

}  // namespace

void on_request(engine::Context& context, Withdrawals& withdrawals,
                const wire::fb::Envelope& envelope) {
  const auto& request = *envelope.body_as_GroupConfigurationProvisionRequest();
  const std::string system_id = envelope.origin()->str();
  const std::string_view group_id = request.group_id()->string_view();
  if (std::optional<Bytes> answer = engine::stored_answer(context, envelope)) {
    context.post.send(system_id, *std::move(answer), engine::Priority::control);  // a retry
    return;
  }

  const engine::Partner* partner = context.configuration.partner(system_id);
  const Received received{system_id,
                          group_id,
                          {envelope.origin_incarnation()},
                          {request.exposed_revision()},
                          request.configuration()};
  Judgement judgement;
  // Who lost the right may still take back what it gave.
  const bool may_provide = partner != nullptr && (matches_any(partner->rights.provide, group_id) ||
                                                  takes_back(context, received));
  if (!may_provide) {
    // Fourth precondition; the operator learns which right is missing, the peer only the cause
    // (D5).
    judgement.cause = Cause::not_authorised;
    context.effects.note({NoteKind::right_missing, "10.2.7.2", system_id,
                          "provide " + std::string(group_id), judgement.cause, 0});
  } else {
    judgement = judge(context, withdrawals, received);
  }
  if (judgement.cause == Cause::none && judgement.changes) {
    if (!engine::may_store_answer(context, envelope)) judgement = {Cause::overloaded, false};
  }
  const bool changes = judgement.cause == Cause::none && judgement.changes;
  if (changes) judgement.cause = keep(context, received, "10.2.7.2");
  if (judgement.cause != Cause::none) {
    context.refused(system_id, group_id, judgement.cause);
  } else if (received.configuration == nullptr) {
    withdrawals.note(received, context.now.mono);
  }

  // Step 5: released when what it says is durable.
  Bytes answer = wire::build_group_configuration_provision_response(context.answer_to(envelope),
                                                                    group_id, judgement.cause);
  if (changes && judgement.cause == Cause::none) {
    const auto origin = context.identities.intern(context.effects, system_id);
    if (origin) engine::store_answer(context, *origin, envelope, answer);
  }
  context.step_done("10.2.7.2/5", group_id, system_id);
  context.post.send(system_id, std::move(answer), engine::Priority::control);
}

}  // namespace bivouac::gms::partner::group_configuration_provision
