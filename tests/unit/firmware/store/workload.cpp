// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/firmware/store/workload.h"

#include "core/store/record.h"

namespace bivouac::test {
namespace {

Bytes value_of(const store::Key& key, std::size_t bytes, std::uint8_t fill) {
  const bool is_keys = key.kind() == store::RecordKind::keys;
  return is_keys ? keys_value(bytes, fill) : answer_value(bytes, fill);
}

Bytes whole_batch(const store::Mutation& mutation, Records& records) {
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

store::Key key_of(std::uint32_t number) {
  const IdentityNumber first{number % 7 + 1};
  return number >= 30 && number % 5 == 3 ? store::keys_key({number + 1})
                                         : store::answer_key(first, ExchangeId{number});
}

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

Bytes keys_value(std::size_t bytes, std::uint8_t fill) {
  flatbuffers::FlatBufferBuilder builder;
  const auto recipient = builder.CreateString("sip:ben@bravo.example");
  const auto envelope = builder.CreateVector(Bytes(bytes, fill));
  const auto one = store::fb::CreateKeyEnvelope(builder, recipient, 7, 0, envelope);
  return store::finish(builder, store::fb::CreateGroupKeys(builder, builder.CreateVector({one})));
}

sim::FakeSealer& sealer() {
  static sim::FakeSealer one(1);
  return one;
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
      const std::size_t bytes = random_() % value_bytes_max;
      const auto fill = static_cast<std::uint8_t>(random_());
      mutation.value = value_of(mutation.key, bytes, fill);
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
  const store::Key key = key_of(number);
  return whole_batch({key, value_of(key, bytes, fill), false}, records);
}

Bytes Workload::erase_batch(Records& records, std::uint32_t number) {
  return whole_batch({key_of(number), {}, true}, records);
}

firmware::StoreOptions small_options(FakeDisk& disk) {
  firmware::StoreOptions options;
  options.path = "/store/bivouac.db";
  options.sealer = &sealer();
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
