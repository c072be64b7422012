// SPDX-License-Identifier: Apache-2.0
#include "host-sim/world/disk.h"

#include <algorithm>

#include "core/base/assert.h"
#include "core/store/batch.h"

namespace bivouac::sim {

DurationMs Disk::draw_sync(engine::Random& random) const {
  const std::int64_t spread = conditions.sync_max.ms - conditions.sync_min.ms;
  return {conditions.sync_min.ms + (spread > 0 ? random.below(spread + 1) : 0)};
}

void Disk::begin(Bytes batch) {
  BIVOUAC_ASSERT(!under_way_);
  under_way_ = std::move(batch);
}

std::vector<store::Mutation> Disk::finish() {
  BIVOUAC_ASSERT(under_way_.has_value());
  auto mutations = store::decode_batch(*under_way_);
  BIVOUAC_ASSERT(mutations.has_value());
  for (const store::Mutation& mutation : *mutations) table_.apply(mutation);
  under_way_.reset();
  return *std::move(mutations);
}

std::vector<store::Mutation> Disk::crash(bool batch_survives) {
  if (under_way_ && batch_survives) return finish();
  under_way_.reset();
  return {};
}

void Disk::lose() {
  BIVOUAC_ASSERT(!under_way_);
  table_ = {};
  salvaged_ = false;
}

bool Disk::damage(engine::Random& random) {
  BIVOUAC_ASSERT(!under_way_);
  std::vector<store::Key> keys;
  for (const auto& [key, value] : store::View(table_).scan({})) keys.push_back(key);
  if (keys.empty()) return false;
  const std::size_t count = std::max<std::size_t>(1, keys.size() / 10);
  for (std::size_t i = 0; i < count; ++i) {
    const auto at = static_cast<std::size_t>(random.below(static_cast<std::int64_t>(keys.size())));
    table_.apply({keys[at], {}, true});
  }
  salvaged_ = true;
  return true;
}

}  // namespace bivouac::sim
