// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <random>
#include <string>

#include "core/store/batch.h"
#include "core/store/table.h"
#include "firmware/store/options.h"
#include "host-sim/world/fake_sealer.h"
#include "tests/unit/firmware/store/fake_disk.h"

// What the tests of the store write, and what they expect to read.

namespace bivouac::test {

/// The content of a record table, comparable.
using Records = std::map<store::Key, Bytes>;
Records records_of(const store::Table& table);

/// A valid record value of about so many bytes.
Bytes answer_value(std::size_t bytes, std::uint8_t fill);

/// The same of a group's key material; the store writes it sealed.
Bytes keys_value(std::size_t bytes, std::uint8_t fill);
/// From 30 on a fifth of the numbers are keys of key material.
store::Key key_of(std::uint32_t number);

/// Random batches over few keys, so that keys are overwritten and erased often; applied to
/// `records` as they are made.
class Workload {
 public:
  explicit Workload(std::uint64_t seed) : random_(seed) {}
  Bytes next_batch(Records& records, std::size_t mutations_max = 8,
                   std::size_t value_bytes_max = 900);
  /// A batch with one put of a value of that size.
  static Bytes put_batch(Records& records, std::uint32_t number, std::size_t bytes,
                         std::uint8_t fill);
  static Bytes erase_batch(Records& records, std::uint32_t number);

 private:
  std::mt19937_64 random_;
};

/// What small_options() seals with.
sim::FakeSealer& sealer();

/// Small limits, so that little work meets every part of the store.
firmware::StoreOptions small_options(FakeDisk& disk);

/// Moments for a worker that is driven by hand.
std::chrono::steady_clock::time_point after_seconds(std::int64_t seconds);

}  // namespace bivouac::test
