// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <absl/container/btree_map.h>

#include "core/base/bytes.h"
#include "core/store/key.h"
#include "core/store/mutation.h"

namespace bivouac::store {

/// The working set: every record, ordered by key. What is durable follows it (decision 2).
class Table {
 public:
  void apply(const Mutation& mutation);
  std::size_t size() const { return records_.size(); }
  /// Sum of key and value sizes.
  std::size_t bytes() const { return bytes_; }

 private:
  friend class View;
  absl::btree_map<Key, Bytes> records_;
  std::size_t bytes_ = 0;
};

/// Read-only; sees every mutation that was applied earlier, in the same batch too.
/// References and iterators die with the next apply.
class View {
 public:
  using Iterator = absl::btree_map<Key, Bytes>::const_iterator;
  struct Range {
    Iterator first, last;
    Iterator begin() const { return first; }
    Iterator end() const { return last; }
    bool empty() const { return first == last; }
  };

  explicit View(const Table& table) : table_(&table) {}

  /// Null when there is none.
  const Bytes* find(const Key& key) const;
  /// All records under a prefix, in key order; from `after` (exclusive) when given.
  Range scan(const Prefix& prefix) const;
  Range scan_after(const Prefix& prefix, const Key& after) const;
  std::size_t size() const { return table_->size(); }

 private:
  const Table* table_;
};

}  // namespace bivouac::store
