// SPDX-License-Identifier: Apache-2.0
#include "core/gms/home/group_configuration_request.h"

#include "core/base/identity.h"
#include "core/gms/group_record.h"
#include "core/gms/home/exposed_keys.h"
#include "core/gms/home/exposure.h"
#include "core/gms/home/exposure_policy.h"

namespace bivouac::gms::home::group_configuration_request {
namespace {

struct Facts {
  bool may_request = false;
  bool defined_here = false;
  bool space_low = false;
  std::optional<Exposure> told;
  std::uint64_t digest = 0;            // of what the partner may see; 0: nothing
  std::uint64_t digest_with_keys = 0;  // as a notification tells it
  bool has_service = false;            // one of those that it wants
  ExposedRevision floor;               // of revisions that it was given before
  ExposedRevision known;
};

struct Decision {
  Cause cause = Cause::none;
  ExposedRevision revision;
  bool put = false;   // what the partner was told changes
  bool send = false;  // the configuration itself is needed
};

Decision decide(const Facts& facts) {
  // The right comes first: a stranger does not learn which groups exist (D5).
  if (!facts.may_request) return {Cause::not_authorised, {}, false, false};
  if (!facts.defined_here) return {Cause::group_unknown, {}, false, false};
  if (facts.digest == 0) return {Cause::policy, {}, false, false};
  if (!facts.has_service) return {Cause::service_unknown, {}, false, false};
  // What it was notified of with key material is the same configuration.
  const bool same =
      facts.told && !facts.told->withdrawn &&
      (facts.told->digest == facts.digest || facts.told->digest == facts.digest_with_keys);
  const bool put = !same || !facts.told->asked;
  if (!facts.told && facts.space_low) return {Cause::storage_full, {}, false, false};
  const ExposedRevision told = facts.told ? facts.told->revision : facts.floor;
  const ExposedRevision revision = same ? told : ExposedRevision{told.value + 1};
  return {Cause::none, revision, put, facts.known != revision};
}

/// None when the group is not defined here, or lost.
std::optional<GroupConfiguration> definition(const engine::Context& context,
                                             const std::optional<GroupRecord>& found) {
  if (!found || !is_home_here(context, *found->record)) return std::nullopt;
  return find_original(*found->record);
}

void remember(engine::Context& context, IdentityNumber group, IdentityNumber system,
              std::string_view system_id, const Facts& facts, const Decision& decision) {
  Exposure exposure = facts.told.value_or(Exposure{});
  const bool raised = exposure.revision != decision.revision;
  exposure.revision = decision.revision;
  if (raised) exposure.digest = facts.digest;
  exposure.withdrawn = false;
  exposure.asked = true;
  if (!raised || !exposure.pending.is_set()) {
    put_exposure(context, group, system, exposure);
    return;
  }
  // The partner may have the older revision under that exchange already, and would take this one
  // for a retry: it gets another exchange, lest it be lost with this answer.
  const std::string group_id(context.identities.text(context.view, group));
  const Means means = means_for(context, group, system, group_id, system_id);
  put_pending(context, group, system, system_id, exposure, means);
}

}  // namespace

void on_request(engine::Context& context, const wire::fb::Envelope& envelope) {
  const auto& request = *envelope.body_as_GroupConfigurationRequest();
  const std::string_view group_id = request.group_id()->string_view();
  const std::string system_id = envelope.origin()->str();
  const engine::Partner* partner = context.configuration.partner(system_id);

  Facts facts;
  facts.space_low = context.space_low;
  facts.known = {request.known_revision()};
  facts.may_request = partner != nullptr && matches_any(partner->rights.request, group_id);
  const auto found = find_group(context, group_id);
  const auto defined = definition(context, found);
  facts.defined_here = defined.has_value();
  std::optional<GroupConfiguration> exposed;
  IdentityNumber system = context.identities.find(system_id);
  if (facts.may_request && facts.defined_here) {
    exposed = expose(*defined, *partner);
    if (exposed) {
      facts.digest = exposed_digest(*exposed);
      const Services wanted{static_cast<std::uint8_t>(request.services_requested())};
      if (!wanted.empty()) exposed->services.bits &= wanted.bits;
      facts.has_service = !exposed->services.empty();
    }
    if (exposed) {
      facts.digest_with_keys =
          told_digest(context, found->number, facts.digest, *partner, Means::notification);
    }
    facts.floor = first_exposure(context, system_id).revision;
    if (const auto* record = store::find<store::fb::Exposure>(
            context.view, store::exposure_key(found->number, system))) {
      facts.told = unpack(*record);
    }
  }

  Decision decision = decide(facts);
  if (decision.cause == Cause::none && !system.is_set()) {
    const auto interned = context.identities.intern(context.effects, system_id);
    if (interned) system = *interned;
    if (!interned) decision.cause = interned.error();
  }
  if (decision.cause == Cause::none && decision.put)
    remember(context, found->number, system, system_id, facts, decision);
  if (decision.cause != Cause::none) context.refused(system_id, group_id, decision.cause);
  if (decision.cause == Cause::not_authorised) {
    context.effects.note({NoteKind::right_missing, "10.2.7.3", system_id,
                          "request " + std::string(group_id), decision.cause, 0});
  }
  const bool with_configuration = decision.cause == Cause::none && decision.send;
  context.step_done("10.2.7.3/3", group_id, system_id);
  const wire::Address address = context.answer_to(envelope);
  Bytes answer =
      wire::build_group_configuration_response(address, group_id, decision.cause, decision.revision,
                                               with_configuration ? &*exposed : nullptr);
  if (answer.size() - limits::frame_header_bytes > context.post.frame_bytes_max_of(system_id)) {
    context.refused(system_id, group_id, Cause::frame_too_long);  // more than its Hello allows
    answer = wire::build_group_configuration_response(address, group_id, Cause::frame_too_long, {},
                                                      nullptr);
  }
  context.post.send(system_id, std::move(answer),
                    with_configuration ? engine::Priority::bulk : engine::Priority::control);
}

}  // namespace bivouac::gms::home::group_configuration_request
