// SPDX-License-Identifier: Apache-2.0
#include "core/store/table.h"

#include <algorithm>

namespace bivouac::store {

void Table::apply(const Mutation& mutation) {
  if (mutation.erase) {
    const auto found = records_.find(mutation.key);
    if (found == records_.end()) return;
    bytes_ -= sizeof(Key) + found->second.size();
    records_.erase(found);
    return;
  }
  const auto [entry, is_new] = records_.try_emplace(mutation.key);
  if (!is_new) bytes_ -= sizeof(Key) + entry->second.size();
  bytes_ += sizeof(Key) + mutation.value.size();
  // In memory of its own: what the old value took is given back, and wiped with what it held.
  entry->second = Bytes(mutation.value);
}

const Bytes* View::find(const Key& key) const {
  const auto found = table_->records_.find(key);
  return found == table_->records_.end() ? nullptr : &found->second;
}

namespace {

/// The smallest key behind every key with this prefix.
bool upper_key(const Prefix& prefix, Key& upper) {
  upper = prefix.key;
  std::fill(upper.bytes.begin() + static_cast<std::ptrdiff_t>(prefix.size), upper.bytes.end(),
            std::uint8_t{0});
  for (std::size_t i = prefix.size; i-- > 0;) {
    if (++upper.bytes[i] != 0) return true;
  }
  return false;
}

}  // namespace

View::Range View::scan(const Prefix& prefix) const {
  Key upper;
  const bool bounded = upper_key(prefix, upper);
  return {table_->records_.lower_bound(prefix.key),
          bounded ? table_->records_.lower_bound(upper) : table_->records_.end()};
}

View::Range View::scan_after(const Prefix& prefix, const Key& after) const {
  Range range = scan(prefix);
  if (after < prefix.key) return range;
  // A key behind the whole prefix leaves nothing; never a first that lies behind last.
  range.first = prefix.contains(after) ? table_->records_.upper_bound(after) : range.last;
  return range;
}

}  // namespace bivouac::store
