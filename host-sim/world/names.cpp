// SPDX-License-Identifier: Apache-2.0
#include "host-sim/world/observer.h"
#include "host-sim/world/schedule.h"

namespace bivouac::sim {

std::string_view name(Pending::Kind kind) {
  switch (kind) {
    case Pending::Kind::tick: return "tick";
    case Pending::Kind::flush: return "flush";
    case Pending::Kind::committed: return "committed";
    case Pending::Kind::crash: return "crash";
    case Pending::Kind::restart: return "restart";
    case Pending::Kind::finish: return "finish";
    case Pending::Kind::hang_up: return "hang_up";
    case Pending::Kind::connect: return "connect";
    case Pending::Kind::accept: return "accept";
    case Pending::Kind::transmit: return "transmit";
    case Pending::Kind::deliver: return "deliver";
    case Pending::Kind::end: return "end";
  }
  return "";
}

std::span<const Pending::Kind> pending_kinds() {
  using Kind = Pending::Kind;
  static constexpr Kind all[] = {Kind::tick,    Kind::flush,    Kind::committed, Kind::crash,
                                 Kind::restart, Kind::finish,   Kind::hang_up,   Kind::connect,
                                 Kind::accept,  Kind::transmit, Kind::deliver,   Kind::end};
  return all;
}

std::string_view name(FaultKind kind) {
  switch (kind) {
    case FaultKind::cut: return "cut";
    case FaultKind::healed: return "healed";
    case FaultKind::blocked: return "blocked";
    case FaultKind::unblocked: return "unblocked";
    case FaultKind::cut_in_frame: return "cut_in_frame";
    case FaultKind::store_lost: return "store_lost";
    case FaultKind::store_damaged: return "store_damaged";
    case FaultKind::sealing_key_lost: return "sealing_key_lost";
    case FaultKind::disk_slow: return "disk_slow";
    case FaultKind::disk_fast: return "disk_fast";
    case FaultKind::commit_failed: return "commit_failed";
    case FaultKind::space_low: return "space_low";
    case FaultKind::space_back: return "space_back";
    case FaultKind::clock_jumped: return "clock_jumped";
    case FaultKind::clock_lost: return "clock_lost";
    case FaultKind::clock_set: return "clock_set";
    case FaultKind::reloaded: return "reloaded";
    case FaultKind::certificate_expired: return "certificate_expired";
    case FaultKind::certificate_renewed: return "certificate_renewed";
  }
  return "";
}

}  // namespace bivouac::sim
