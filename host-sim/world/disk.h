// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "core/base/time.h"
#include "core/engine/random.h"
#include "core/store/table.h"
#include "host-sim/world/fake_sealer.h"

namespace bivouac::sim {

/// How long a commit takes, drawn anew for each.
struct DiskConditions {
  DurationMs sync_min{1};
  DurationMs sync_max{3};
};

/// The durable copy of one system's records, key material sealed as on a real disk. What was
/// committed survives everything but `lose` and `damage`; the batch under way survives a crash or
/// not, but never in part.
class Disk {
 public:
  DiskConditions conditions;

  DurationMs draw_sync(engine::Random& random) const;

  /// The records as a start finds them; key material that the sealing key does not open is lost.
  store::Table opened() const;
  /// The same for a start, whose first batch then says what is lost.
  store::Table load();
  void begin(const Bytes& batch);
  bool is_busy() const { return under_way_.has_value(); }
  /// The batch under way is durable: its mutations.
  std::vector<store::Mutation> finish();
  /// The machine or the process ends. What became durable of the batch under way: all or nothing.
  std::vector<store::Mutation> crash(bool batch_survives);

  /// A new, empty store.
  void lose();
  /// The next start has another sealing key.
  void lose_sealing_key();
  /// A tenth of the records, at least one, are unreadable; the next start is told so. False when
  /// there is none to lose.
  bool damage(engine::Random& random);

  const store::Table& table() const { return table_; }
  bool is_salvaged() const { return salvaged_; }
  /// A start has seen it.
  void clear_salvaged() { salvaged_ = false; }

 private:
  store::Table table_;
  mutable FakeSealer sealer_{1};
  std::uint8_t sealing_keys_ = 1;
  std::vector<store::Key> unopened_;  // the next batch says that they are lost
  std::optional<Bytes> under_way_;
  bool salvaged_ = false;
};

}  // namespace bivouac::sim
