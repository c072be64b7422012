// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "core/base/time.h"
#include "core/engine/random.h"
#include "core/store/table.h"

namespace bivouac::sim {

/// How long a commit takes, drawn anew for each.
struct DiskConditions {
  DurationMs sync_min{1};
  DurationMs sync_max{3};
};

/// The durable copy of one system's records. What was committed survives everything but `lose` and
/// `damage`; the batch under way survives a crash or not, but never in part.
class Disk {
 public:
  DiskConditions conditions;

  DurationMs draw_sync(engine::Random& random) const;

  void begin(Bytes batch);
  bool is_busy() const { return under_way_.has_value(); }
  /// The batch under way is durable: its mutations.
  std::vector<store::Mutation> finish();
  /// The machine or the process ends. What became durable of the batch under way: all or nothing.
  std::vector<store::Mutation> crash(bool batch_survives);

  /// A new, empty store.
  void lose();
  /// A tenth of the records, at least one, are unreadable; the next start is told so. False when
  /// there is none to lose.
  bool damage(engine::Random& random);

  const store::Table& table() const { return table_; }
  bool is_salvaged() const { return salvaged_; }
  /// A start has seen it.
  void clear_salvaged() { salvaged_ = false; }

 private:
  store::Table table_;
  std::optional<Bytes> under_way_;
  bool salvaged_ = false;
};

}  // namespace bivouac::sim
