// SPDX-License-Identifier: Apache-2.0
#include "core/gms/home/policy_watch.h"

#include "core/base/planted.h"
#include "core/engine/peer_record.h"
#include "core/gms/home/exposure_policy.h"
#include "core/gms/home/fan_out.h"
#include "core/store/record.h"

namespace bivouac::gms::home {
namespace {

constexpr std::size_t partners_per_slice = 16;

void look_at(engine::Context& context, const engine::Partner& partner, bool resend) {
  engine::PeerRecord peer = engine::find_peer(context, partner.system_id);
  // A store that was salvaged has another incarnation.
  const std::uint64_t digest = policy_digest(partner) ^ context.incarnation.value;
  if (peer.policy_digest == digest) return;
  peer.policy_digest = digest;
  const auto system = engine::put_peer(context, partner.system_id, peer);
  if (is_planted(Planted::policy_change_not_told)) return;
  if (system) fan_out::recheck_partner(context, *system, resend);
}

/// Partners that are configured no longer are forgotten, with what they were told. True when some
/// are left.
bool forget_removed(engine::Context& context) {
  std::size_t done = 0;
  for (const auto& [key, value] : context.view.scan(store::prefix(store::RecordKind::peer))) {
    const IdentityNumber system{key.number_at(4)};
    const std::string system_id(context.identities.text(context.view, system));
    if (context.configuration.partner(system_id) != nullptr) continue;
    const engine::PeerRecord peer = engine::find_peer(context, system_id);
    const engine::PeerRecord forgotten{{}, 0, 0, peer.revision_floor};
    if (peer == forgotten) continue;
    static_cast<void>(engine::put_peer(context, system_id, forgotten));
    fan_out::recheck_partner(context, system, false);
    if (++done == partners_per_slice) return true;
  }
  return false;
}

}  // namespace

bool PolicyWatch::go_on(engine::Context& context) {
  if (!left_ || context.space_low) return false;  // what it begins would grow
  std::size_t done = 0;
  for (const engine::Partner& partner : context.configuration.partners) {
    if (partner.system_id <= after_) continue;
    look_at(context, partner, resend_);
    after_ = partner.system_id;
    if (++done == partners_per_slice) return true;
  }
  left_ = forget_removed(context);
  if (!left_) resend_ = false;
  return true;
}

}  // namespace bivouac::gms::home
