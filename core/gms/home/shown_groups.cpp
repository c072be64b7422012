// SPDX-License-Identifier: Apache-2.0
#include "core/gms/home/shown_groups.h"

#include "core/base/hash.h"
#include "core/gms/group_record.h"
#include "core/gms/home/exposure_policy.h"
#include "core/wire/configuration_codec.h"

namespace bivouac::gms::home {
namespace {

ShownGroups::Shown shown(const store::fb::Group& record, const engine::Partner& partner) {
  const auto exposed = expose(original(record), partner);
  if (!exposed) return {};
  ShownGroups::Shown result{0, wire::encode(*exposed)};
  result.digest = exposed_digest(ByteView(result.encoded));
  return result;
}

}  // namespace

const ShownGroups::Shown& ShownGroups::of(IdentityNumber group, const store::fb::Group& record,
                                          const engine::Partner& partner) {
  if (partner.exposure.hide_members_of_others) {
    own_ = shown(record, partner);
    return own_;
  }
  const GroupVersion version{record.version()};
  const auto* bytes = record.configuration();
  const std::uint32_t checksum = crc32c({bytes->data(), bytes->size()});
  for (const auto& entry : shared_) {
    if (entry && entry->group == group && entry->version == version &&
        entry->checksum == checksum && entry->dropped == partner.exposure.drop_services) {
      return entry->shown;
    }
  }
  auto& entry = shared_[oldest_++ % shared_.size()];
  entry = Entry{group, checksum, version, partner.exposure.drop_services, shown(record, partner)};
  return entry->shown;
}

}  // namespace bivouac::gms::home
