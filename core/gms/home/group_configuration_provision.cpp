// SPDX-License-Identifier: Apache-2.0
#include "core/gms/home/group_configuration_provision.h"

#include <algorithm>

#include "core/base/identity.h"
#include "core/gms/group_record.h"
#include "core/gms/home/exposed_keys.h"
#include "core/gms/home/exposure.h"
#include "core/gms/home/exposure_policy.h"
#include "core/wire/build_encoded.h"

namespace bivouac::gms::home::group_configuration_provision {

Bytes build(const wire::Address& address, std::string_view group_id, ExposedRevision revision,
            const Bytes* encoded) {
  return wire::build_encoded_provision(address, group_id, revision, encoded);
}

bool may_send(const engine::Partner& partner, std::string_view group_id, bool withdrawn) {
  return withdrawn || matches_any(partner.rights.receive, group_id);
}

Result<std::vector<Begun>> push(engine::Context& context, Delivery& delivery,
                                std::string_view group_id, std::string_view to_system) {
  const auto found = find_group(context, group_id);
  if (!found) return refuse(Cause::group_unknown);
  if (!is_home_here(context, *found->record)) return refuse(Cause::not_home_here);
  if (!to_system.empty() && context.configuration.partner(to_system) == nullptr) {
    return refuse(Cause::target_unknown);
  }
  const auto configuration = find_original(*found->record);
  if (!configuration) return refuse(Cause::group_unknown);
  const auto is_meant = [&](const engine::Partner& partner) {
    return to_system.empty() ? has_member_of(*configuration, partner)
                             : partner.system_id == to_system;
  };
  if (std::ranges::count_if(context.configuration.partners, is_meant) > limits::push_partners_max) {
    return refuse(Cause::too_many_elements);
  }
  std::vector<Begun> begun;
  for (const engine::Partner& partner : context.configuration.partners) {
    if (!is_meant(partner)) continue;
    Begun one{partner.system_id, Cause::none, {}, {}, context.post.is_reachable(partner.system_id)};
    const auto exposed = expose(*configuration, partner);
    const auto system = context.identities.intern(context.effects, partner.system_id);
    if (!matches_any(partner.rights.receive, group_id)) {
      one.cause = Cause::not_authorised;
      context.effects.note({NoteKind::right_missing, "10.2.7.2", partner.system_id,
                            "receive " + std::string(group_id), Cause::not_authorised, 0});
    } else if (!exposed) {
      one.cause = Cause::policy;
    } else if (context.space_low) {
      one.cause = Cause::storage_full;
    } else if (!system) {
      one.cause = system.error();
    } else {
      Exposure exposure = first_exposure(context, partner.system_id);
      if (const auto* record = store::find<store::fb::Exposure>(
              context.view, store::exposure_key(found->number, *system))) {
        exposure = unpack(*record);
      }
      const Means means = means_for(context, found->number, *system, group_id, partner.system_id);
      const std::uint64_t digest =
          told_digest(context, found->number, exposed_digest(*exposed), partner, means);
      if (exposure.withdrawn || exposure.digest != digest) ++exposure.revision.value;
      exposure.digest = digest;
      exposure.withdrawn = false;
      exposure.asked = true;
      one.exchange =
          put_pending(context, found->number, *system, partner.system_id, exposure, means);
      one.revision = exposure.revision;
      delivery.wake(partner.system_id);
    }
    begun.push_back(std::move(one));
  }
  return begun;
}

}  // namespace bivouac::gms::home::group_configuration_provision
