// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
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
  /// What is staged so far, without its end: for its size.
  ByteView bytes() const { return bytes_; }
  /// The whole batch; leaves this one empty.
  Bytes take();

 private:
  Bytes bytes_;
  std::size_t count_ = 0;
};

/// A mutation where it lies in a batch.
struct MutationView {
  Key key;
  ByteView value;
  bool erase = false;
};
/// Visits a whole batch in order. False: it is damaged, and some of it may have been visited.
bool for_each_mutation(ByteView batch, const std::function<void(const MutationView&)>& visit);

/// The mutations of a whole batch, in order; refused as a whole when it is damaged.
Result<std::vector<Mutation>> decode_batch(ByteView bytes);

}  // namespace bivouac::store
