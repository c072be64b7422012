// SPDX-License-Identifier: Apache-2.0
#include "core/store/sealer.h"

#include <algorithm>
#include <utility>

#include "core/base/assert.h"
#include "core/base/limits.h"
#include "core/store/batch.h"
#include "core/store/record.h"

namespace bivouac::store {

bool needs_sealing(ByteView batch) {
  bool found = false;
  const bool holds = for_each_mutation(batch, [&](const MutationView& mutation) {
    found = found || (!mutation.erase && is_sealed(mutation.key.kind()));
  });
  BIVOUAC_ASSERT(holds);
  return found;
}

std::optional<Bytes> seal_batch(ByteView batch, std::span<const Key> lost, Sealer* sealer) {
  Batch written;
  bool sealed = sealer != nullptr;
  const auto add_sealed = [&](const Key& key, ByteView value) {
    std::optional<Bytes> closed;
    if (sealed) closed = sealer->seal(key, value);
    sealed = closed.has_value();
    if (sealed) written.add({key, *std::move(closed), false});
  };
  for (const Key& key : lost) add_sealed(key, lost_value());
  const bool holds = for_each_mutation(batch, [&](const MutationView& mutation) {
    if (!mutation.erase && is_sealed(mutation.key.kind())) {
      add_sealed(mutation.key, mutation.value);
    } else {
      written.add(
          {mutation.key, Bytes(mutation.value.begin(), mutation.value.end()), mutation.erase});
    }
  });
  BIVOUAC_ASSERT(holds);
  if (!sealed) return std::nullopt;
  return written.take();
}

Bytes lost_value() {
  flatbuffers::FlatBufferBuilder builder(64);
  const auto none = builder.CreateVector<flatbuffers::Offset<fb::KeyEnvelope>>({});
  return finish(builder, fb::CreateGroupKeys(builder, none, true));
}

std::optional<Bytes> open_value(const Key& key, ByteView stored, Sealer* sealer) {
  std::optional<Bytes> value;
  if (!is_sealed(key.kind())) {
    value.emplace(stored.begin(), stored.end());
  } else if (sealer != nullptr) {
    value = sealer->open(key, stored);
  }
  return value && is_valid_record(key, *value) ? std::move(value) : std::nullopt;
}

bool is_valid_stored(const Key& key, const Bytes& stored) {
  if (!is_sealed(key.kind())) return is_valid_record(key, stored);
  return !stored.empty() && stored.size() <= limits::record_bytes_max;
}

}  // namespace bivouac::store
