// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/context.h"
#include "core/store/records_generated.h"
#include "core/wire/key_envelope_codec.h"

// A partner's group that is stored here: what push (10.2.7.2), pull (10.2.7.3) and notification
// (10.2.7.5) have in common.

namespace bivouac::gms::partner {

/// What a home sent of one of its groups.
struct Received {
  std::string_view home;
  std::string_view group_id;
  Incarnation home_incarnation;
  ExposedRevision revision;
  const wire::fb::GroupConfiguration* configuration = nullptr;  // null: withdrawn
  const wire::KeyEnvelopes* keys = nullptr;                     // null: nothing was said of them
};

/// Whether it may be stored; `changes` is false when it is stored already.
struct Judgement {
  Cause cause = Cause::none;
  bool changes = false;
};
class Withdrawals;
Judgement judge(const engine::Context& context, const Withdrawals& withdrawals,
                const Received& received);

/// Modifies by the local overlay and stores original and overlay (10.2.7.2 steps 2 and 3, 10.2.7.3
/// steps 4 and 5), or removes what was withdrawn; then notifies the MC service servers here.
/// `judge` must have found a change without a cause. `clause` is that of the procedure: only
/// some of them number these steps.
Cause keep(engine::Context& context, const Received& received, std::string_view clause);

/// What `keep` serves of it: as sent, with the local overlay.
GroupConfiguration modified(const engine::Context& context, std::string_view home,
                            const wire::fb::GroupConfiguration& sent);

/// The home does not know the group (any more): it is served on, marked.
void mark_orphaned(engine::Context& context, std::string_view group_id);

/// Whether the home of a cached group cannot be asked now, or has a new store and was not asked
/// yet. Of a group that we subscribe to GroupInformationSubscribe knows more.
bool is_out_of_reach(const engine::Context& context, const store::fb::Group& record);

}  // namespace bivouac::gms::partner
