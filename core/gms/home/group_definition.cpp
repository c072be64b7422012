// SPDX-License-Identifier: Apache-2.0
#include "core/gms/home/group_definition.h"

#include "core/gms/group_keys.h"
#include "core/gms/group_record.h"
#include "core/gms/home/fan_out.h"
#include "core/gms/home/key_import.h"
#include "core/wire/configuration_codec.h"

namespace bivouac::gms::home::group_definition {
namespace {

struct Facts {
  Cause validity = Cause::none;
  bool stored = false;
  bool home_here = false;
  bool home_of_others = false;  // a pattern gives the group to a partner
  bool same = false;
  bool space_low = false;
  bool full = false;
  bool fits_with_keys = true;  // into one message with the key material of its members
};

Cause decide(const Facts& facts) {
  if (facts.validity != Cause::none) return facts.validity;
  if (facts.home_of_others || (facts.stored && !facts.home_here)) return Cause::home_mismatch;
  if (facts.same) return Cause::none;
  if (facts.space_low) return Cause::storage_full;
  if (!facts.fits_with_keys) return Cause::key_limit;
  if (!facts.stored && facts.full) return Cause::group_limit;
  return Cause::none;
}

}  // namespace

Result<GroupVersion> import(engine::Context& context, GroupConfiguration configuration) {
  configuration.home_system = context.self();
  Facts facts;
  facts.validity = wire::validate(configuration);
  const auto found = find_group(context, configuration.group_id);
  facts.stored = found.has_value();
  facts.home_here = found && is_home_here(context, *found->record);
  facts.home_of_others = context.configuration.home_of_group(configuration.group_id) != nullptr;
  facts.space_low = context.space_low;
  facts.full = count_groups(context) >= limits::groups_max;
  Services before;
  if (facts.home_here) {
    facts.same = find_original(*found->record) == configuration;
    before = services_of(*found->record);
    facts.fits_with_keys = facts.validity != Cause::none ||
                           key_import::fits_with(context, found->number, configuration);
  }
  if (const Cause cause = decide(facts); cause != Cause::none) return refuse(cause);
  if (facts.same) return GroupVersion{found->record->version()};

  const auto number = context.identities.intern(context.effects, configuration.group_id);
  if (!number) return refuse(number.error());
  const auto home = context.identities.intern(context.effects, context.self());
  if (!home) return refuse(home.error());
  const GroupVersion version{found ? found->record->version() + 1 : 1};
  key_import::drop_strangers(context, *number, configuration);
  put_group(context, *number,
            {.home_system = *home, .version = version, .original = &configuration});
  context.effects.note({NoteKind::group_stored,
                        {},
                        configuration.group_id,
                        configuration.home_system,
                        Cause::none,
                        version.value});
  fan_out::group_changed(context, *number);
  notify_mc_service_servers(context, "10.1.2", configuration.group_id, before, &configuration);
  return version;
}

Result<GroupVersion> remove(engine::Context& context, std::string_view group_id) {
  const auto found = find_group(context, group_id);
  if (!found) return refuse(Cause::group_unknown);
  if (!is_home_here(context, *found->record)) return refuse(Cause::not_home_here);
  const GroupVersion version{found->record->version()};
  const Services before = services_of(*found->record);
  context.effects.erase(store::group_key(found->number));
  erase_keys(context, found->number);
  context.effects.note({NoteKind::group_removed,
                        {},
                        std::string(group_id),
                        std::string(context.self()),
                        Cause::none,
                        version.value});
  fan_out::group_changed(context, found->number);
  notify_mc_service_servers(context, "10.1.2", group_id, before, nullptr);
  return version;
}

}  // namespace bivouac::gms::home::group_definition
