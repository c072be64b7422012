// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/store/mutation.h"

namespace bivouac::store {

/// The mutations of one commit as one run of bytes: what the journal keeps (FORMAT.md).
class Batch {
 public:
  void add(const Mutation& mutation);
  bool empty() const { return count_ == 0; }
  std::size_t count() const { return count_; }
  /// What is staged so far, not sealed yet: for its size.
  ByteView bytes() const { return bytes_; }
  /// The sealed bytes; leaves the batch empty.
  Bytes take();

 private:
  Bytes bytes_;
  std::size_t count_ = 0;
};

/// The mutations of a sealed batch, in order; refused as a whole when it is damaged.
Result<std::vector<Mutation>> decode_batch(ByteView bytes);

}  // namespace bivouac::store
