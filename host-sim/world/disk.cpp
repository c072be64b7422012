// SPDX-License-Identifier: Apache-2.0
#include "host-sim/world/disk.h"

#include <algorithm>

#include "core/base/assert.h"
#include "core/store/batch.h"
#include "core/store/sealer.h"

namespace bivouac::sim {

DurationMs Disk::draw_sync(engine::Random& random) const {
  const std::int64_t spread = conditions.sync_max.ms - conditions.sync_min.ms;
  return {conditions.sync_min.ms + (spread > 0 ? random.below(spread + 1) : 0)};
}

store::Table Disk::opened() const {
  store::Table opened;
  for (const auto& [key, stored] : store::View(table_).scan({})) {
    std::optional<Bytes> value = store::open_value(key, stored, &sealer_);
    opened.apply({key, value ? *std::move(value) : store::lost_value(), false});
  }
  return opened;
}

store::Table Disk::load() {
  unopened_.clear();
  for (const auto& [key, stored] :
       store::View(table_).scan(store::prefix(store::RecordKind::keys))) {
    if (!store::open_value(key, stored, &sealer_)) unopened_.push_back(key);
  }
  return opened();
}

void Disk::begin(const Bytes& batch) {
  BIVOUAC_ASSERT(!under_way_);
  under_way_ = store::seal_batch(batch, unopened_, &sealer_);
  BIVOUAC_ASSERT(under_way_.has_value());
}

std::vector<store::Mutation> Disk::finish() {
  BIVOUAC_ASSERT(under_way_.has_value());
  auto mutations = store::decode_batch(*under_way_);
  BIVOUAC_ASSERT(mutations.has_value());
  for (const store::Mutation& mutation : *mutations) table_.apply(mutation);
  under_way_.reset();
  unopened_.clear();
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

void Disk::lose_sealing_key() {
  BIVOUAC_ASSERT(!under_way_);
  sealer_ = FakeSealer(++sealing_keys_);
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
