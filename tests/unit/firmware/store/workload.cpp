// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/firmware/store/workload.h"

#include "core/store/record.h"

namespace bivouac::test {
namespace {

store::Key key_of(std::uint32_t number) {
  return store::answer_key(IdentityNumber{number % 7 + 1}, ExchangeId{number});
}

Bytes seal(const store::Mutation& mutation, Records& records) {
  store::Batch batch;
  batch.add(mutation);
  if (mutation.erase) {
    records.erase(mutation.key);
  } else {
    records[mutation.key] = mutation.value;
  }
  return batch.take();
}

}  // namespace

Records records_of(const store::Table& table) {
  Records records;
  const store::Prefix all;
  for (const auto& [key, value] : store::View(table).scan(all)) records[key] = value;
  return records;
}

Bytes answer_value(std::size_t bytes, std::uint8_t fill) {
  flatbuffers::FlatBufferBuilder builder;
  const auto frame = builder.CreateVector(Bytes(bytes, fill));
  return store::finish(builder, store::fb::CreateAnswer(builder, 7, frame));
}

Bytes Workload::next_batch(Records& records, std::size_t mutations_max,
                           std::size_t value_bytes_max) {
  store::Batch batch;
  const std::size_t count = 1 + random_() % mutations_max;
  for (std::size_t i = 0; i < count; ++i) {
    store::Mutation mutation;
    mutation.key = key_of(static_cast<std::uint32_t>(random_() % 40));
    mutation.erase = random_() % 4 == 0;
    if (!mutation.erase) {
      mutation.value =
          answer_value(random_() % value_bytes_max, static_cast<std::uint8_t>(random_()));
      records[mutation.key] = mutation.value;
    } else {
      records.erase(mutation.key);
    }
    batch.add(mutation);
  }
  return batch.take();
}

Bytes Workload::put_batch(Records& records, std::uint32_t number, std::size_t bytes,
                          std::uint8_t fill) {
  return seal({key_of(number), answer_value(bytes, fill), false}, records);
}

Bytes Workload::erase_batch(Records& records, std::uint32_t number) {
  return seal({key_of(number), {}, true}, records);
}

firmware::StoreOptions small_options(FakeDisk& disk) {
  firmware::StoreOptions options;
  options.path = "/store/bivouac.db";
  options.files = &disk;
  options.vfs = disk.vfs();
  options.reserve_bytes = 64 * 1024;
  options.space_low_bytes = 64 * 1024;
  options.journal_rows_max = 6;
  options.fold_slice_us = 0;  // one commit a slice
  options.checkpoint_pages = 8;
  options.snapshot_changed_bytes = 4 * 1024;
  return options;
}

std::chrono::steady_clock::time_point after_seconds(std::int64_t seconds) {
  return std::chrono::steady_clock::time_point{} + std::chrono::seconds(1'000 + seconds);
}

}  // namespace bivouac::test
