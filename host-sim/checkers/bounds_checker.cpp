// SPDX-License-Identifier: Apache-2.0
#include "host-sim/checkers/bounds_checker.h"

#include <iterator>

#include "core/base/limits.h"
#include "host-sim/checkers/records.h"
#include "host-sim/world/system.h"
#include "host-sim/world/world.h"

namespace bivouac::sim {
namespace {

/// Far above what any work here needs; a storm of retries passes it at once.
constexpr std::uint64_t frames_per_second_max = 2'000;
/// A batch ends with the step that fills it, and with the talk between own servers it belongs to.
constexpr std::size_t batch_bytes_max = 6 * limits::batch_bytes_max;

std::size_t count(const store::View& view, const store::Prefix& prefix) {
  const auto range = view.scan(prefix);
  return static_cast<std::size_t>(std::distance(range.begin(), range.end()));
}

}  // namespace

void BoundsChecker::on_durable(const System& system, std::span<const store::Mutation> batch) {
  std::size_t bytes = 0;
  bool changes_groups = false;
  for (const store::Mutation& mutation : batch) {
    bytes += mutation.value.size();
    changes_groups = changes_groups || mutation.key.kind() == store::RecordKind::group;
    if (mutation.erase || mutation.key.kind() != store::RecordKind::answer) continue;
    const auto answers = store::prefix(store::RecordKind::answer, mutation.key.number_at(4));
    if (count(system.durable(), answers) > limits::exchanges_per_peer_max) {
      violated(system.id() + " keeps too many answers for one peer");
    }
  }
  if (bytes > batch_bytes_max) {
    violated(system.id() + " commits " + std::to_string(bytes) + " bytes at once");
  }
  const auto groups = store::prefix(store::RecordKind::group);
  if (changes_groups && count(system.durable(), groups) > limits::groups_max) {
    violated(system.id() + " stores too many groups");
  }
}

void BoundsChecker::on_sent(const Flight& flight) {
  Way& way = ways_[{flight.from->id(), flight.to->id()}];
  const auto second = static_cast<std::uint64_t>(world().now().ms / 1000);
  if (std::exchange(way.second, second) != second) way.frames_in_second = 0;
  if (++way.frames_in_second == frames_per_second_max) {
    violated(flight.from->id() + " sends " + flight.to->id() + " thousands of frames a second");
  }
}

void BoundsChecker::at_rest() {
  for (const auto& system : world().systems()) {
    // A resynchronisation may go on for ever: a home that refuses is asked again and again, slowly.
    for (const auto kind : {store::RecordKind::fan_out, store::RecordKind::recheck}) {
      if (count(system->view(), store::prefix(kind)) != 0) {
        violated(system->id() + " still has work of kind " +
                 std::to_string(static_cast<int>(kind)) + " when all should be done");
      }
    }
  }
}

}  // namespace bivouac::sim
