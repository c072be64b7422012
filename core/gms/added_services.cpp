// SPDX-License-Identifier: Apache-2.0
#include "core/gms/added_services.h"

#include "core/gms/group_record.h"

namespace bivouac::gms {
namespace {

constexpr std::size_t groups_per_slice = 4;

}  // namespace

bool AddedServices::go_on(engine::Context& context) {
  const Services here = context.configuration.services;
  told_ = told_ & here;  // what is taken away is forgotten, and told anew if it comes back
  const Services added{static_cast<std::uint8_t>(here.bits & ~told_.bits)};
  if (added.empty()) return false;
  if (added != telling_) after_ = {};
  telling_ = added;
  std::size_t done = 0;
  for (const auto& [key, value] :
       context.view.scan_after(store::prefix(store::RecordKind::group), store::group_key(after_))) {
    if (done++ == groups_per_slice) return true;
    after_ = {key.number_at(4)};
    const auto configuration = find_effective(store::get<store::fb::Group>(value));
    if (!configuration) continue;
    notify_mc_service_servers(context, "10.1.2", configuration->group_id, {}, &*configuration,
                              added);
  }
  told_ = told_ | added;
  telling_ = {};
  return true;
}

}  // namespace bivouac::gms
