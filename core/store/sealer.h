// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>

#include "core/base/bytes.h"
#include "core/store/key.h"

// Key material is sealed before a disk sees it (decision 10). In memory, where it must be served
// from, it is plain; whoever makes batches durable seals them on the way, and opens what it loads.

namespace bivouac::store {

/// Values of this kind are written sealed only.
constexpr bool is_sealed(RecordKind kind) { return kind == RecordKind::keys; }

class Sealer {
 public:
  /// None: no randomness to seal with; then nothing may be written.
  virtual std::optional<Bytes> seal(const Key& key, ByteView value) = 0;
  /// None: it was sealed with another sealing key or for another record, or it is damaged.
  virtual std::optional<Bytes> open(const Key& key, ByteView sealed) = 0;

 protected:
  ~Sealer() = default;
};

/// Whether the batch, which must hold, has a value that is to be sealed.
bool needs_sealing(ByteView batch);
/// The batch as it may be written: its key material sealed, and before everything else that under
/// `lost` marked as lost. None without a sealer or when it cannot seal.
std::optional<Bytes> seal_batch(ByteView batch, std::span<const Key> lost, Sealer* sealer);
/// The value as the table takes it, from what a disk had of it. None: it cannot be opened, or is no
/// record.
std::optional<Bytes> open_value(const Key& key, ByteView stored, Sealer* sealer);
/// What the table takes for what could not be opened: a record that says so.
Bytes lost_value();
/// Whether what a disk had can be a record of this kind; what is sealed is not opened for that.
bool is_valid_stored(const Key& key, const Bytes& stored);

}  // namespace bivouac::store
