// SPDX-License-Identifier: Apache-2.0
#include "core/base/note.h"

namespace bivouac {

std::string_view name(NoteKind kind) {
  switch (kind) {
    case NoteKind::started: return "started";
    case NoteKind::link_up: return "link_up";
    case NoteKind::link_down: return "link_down";
    case NoteKind::refused: return "refused";
    case NoteKind::step: return "step";
    case NoteKind::group_stored: return "group_stored";
    case NoteKind::group_removed: return "group_removed";
    case NoteKind::right_missing: return "right_missing";
    case NoteKind::resync: return "resync";
    case NoteKind::space_low: return "space_low";
    case NoteKind::space_recovered: return "space_recovered";
    case NoteKind::clock: return "clock";
    case NoteKind::subscribed: return "subscribed";
    case NoteKind::subscription_ended: return "subscription_ended";
    case NoteKind::fresh: return "fresh";
    case NoteKind::stale: return "stale";
    case NoteKind::message: return "message";
    case NoteKind::user_stored: return "user_stored";
    case NoteKind::user_removed: return "user_removed";
    case NoteKind::keys_stored: return "keys_stored";
    case NoteKind::keys_expired: return "keys_expired";
    case NoteKind::client_on: return "client_on";
    case NoteKind::client_off: return "client_off";
    case NoteKind::affiliated: return "affiliated";
    case NoteKind::affiliating: return "affiliating";
    case NoteKind::deaffiliated: return "deaffiliated";
    case NoteKind::deaffiliating: return "deaffiliating";
  }
  return "unnamed";
}

}  // namespace bivouac
