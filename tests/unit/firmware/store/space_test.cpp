// SPDX-License-Identifier: Apache-2.0
// Goal: a full disk is told before it hurts, what shrinks is still committed, and everything
// recovers without a restart.

#include <catch2/catch_test_macros.hpp>

#include "firmware/store/layout.h"
#include "firmware/store/worker.h"
#include "tests/unit/firmware/store/workload.h"

namespace bivouac::test {
namespace {

using firmware::Done;
using firmware::Worker;
namespace layout = firmware::layout;

const std::string path = "/store/bivouac.db";
const std::string others = "/somebody/else";

/// Somebody else takes all but so many bytes of the disk, or gives them back.
void leave_free(FakeDisk& disk, std::uint64_t bytes) {
  disk.remove(others);
  const std::uint64_t free = disk.free_bytes(path);
  if (free > bytes) disk.put(others, Bytes(static_cast<std::size_t>(free - bytes)));
}

Done commit(Worker& worker, const Bytes& batch, std::int64_t second) {
  const Done done = worker.commit(batch, after_seconds(second));
  if (done == Done::done) worker.after_commit(batch, after_seconds(second));
  return done;
}

}  // namespace

TEST_CASE("when little is free then space is low, and it is no more when twice as much is free") {
  FakeDisk disk;
  disk.set_capacity(1024 * 1024);
  const std::atomic<bool> never = false;
  Worker worker(small_options(disk));
  store::Table table;
  REQUIRE(worker.open(table, after_seconds(0)).has_value());
  CHECK_FALSE(worker.is_space_low());
  CHECK(disk.size(layout::reserve(path)) == 64 * 1024);

  leave_free(disk, 60 * 1024);
  worker.idle(after_seconds(10), never);
  CHECK(worker.is_space_low());
  leave_free(disk, 100 * 1024);  // hysteresis
  worker.idle(after_seconds(20), never);
  CHECK(worker.is_space_low());
  leave_free(disk, 130 * 1024);
  worker.idle(after_seconds(30), never);
  CHECK_FALSE(worker.is_space_low());
}

TEST_CASE("when the disk is full then erasing goes on for as long as the store has records") {
  FakeDisk disk;
  disk.set_capacity(1024 * 1024);
  const std::atomic<bool> never = false;
  Records records;
  {
    Worker worker(small_options(disk));
    store::Table table;
    REQUIRE(worker.open(table, after_seconds(0)).has_value());
    for (std::uint32_t number = 0; number < 200; ++number) {
      REQUIRE(commit(worker, Workload::put_batch(records, number, 500, 1), 0) == Done::done);
    }
    leave_free(disk, 0);
    std::int64_t second = 10;
    for (std::uint32_t number = 0; number < 200; ++number) {
      INFO("erasing record " << number);
      REQUIRE(commit(worker, Workload::erase_batch(records, number), second) == Done::done);
      leave_free(disk, 0);  // whatever becomes free, others take
      if (number % 20 == 0) worker.idle(after_seconds(second += 10), never);
    }
    CHECK(worker.is_space_low());
    CHECK(records.empty());

    disk.remove(others);
    worker.idle(after_seconds(1'000), never);
    CHECK_FALSE(worker.is_space_low());
    CHECK(disk.size(layout::reserve(path)) == 64 * 1024);
  }
  Worker worker(small_options(disk));
  store::Table table;
  REQUIRE(worker.open(table, after_seconds(0)).has_value());
  CHECK(records_of(table).empty());
}

TEST_CASE(
    "when the store starts on a full disk then it is read, says that space is low, and recovers") {
  for (const bool in_order : {true, false}) {
    FakeDisk disk;
    disk.set_capacity(1024 * 1024);
    Records records;
    {
      Worker worker(small_options(disk));
      store::Table table;
      REQUIRE(worker.open(table, after_seconds(0)).has_value());
      for (std::uint32_t number = 0; number < 30; ++number) {
        REQUIRE(commit(worker, Workload::put_batch(records, number, 500, 1), 0) == Done::done);
      }
      leave_free(disk, 0);
      for (std::uint32_t number = 0; number < 20; ++number) {
        REQUIRE(commit(worker, Workload::erase_batch(records, number), 10) == Done::done);
      }
      CHECK_FALSE(disk.has(layout::reserve(path)));
      if (in_order) worker.close(after_seconds(11));
      leave_free(disk, 0);
    }
    Worker worker(small_options(disk));
    store::Table table;
    const auto opened = worker.open(table, after_seconds(20));
    REQUIRE(opened.has_value());
    CHECK_FALSE(opened->salvaged);
    CHECK(worker.is_space_low());
    CHECK(records_of(table) == records);
    // Every start commits a little: that it was started.
    REQUIRE(commit(worker, Workload::put_batch(records, 2, 40, 3), 21) == Done::done);

    disk.remove(others);
    const std::atomic<bool> never = false;
    worker.idle(after_seconds(30), never);
    CHECK_FALSE(worker.is_space_low());
  }
}

TEST_CASE(
    "when a damaged store starts on a full disk then it is served and written once there is room") {
  FakeDisk disk;
  disk.set_capacity(4 * 1024 * 1024);
  Records records;
  {
    Worker worker(small_options(disk));
    store::Table table;
    REQUIRE(worker.open(table, after_seconds(0)).has_value());
    for (std::uint32_t number = 0; number < 60; ++number) {
      REQUIRE(commit(worker, Workload::put_batch(records, number, 2'000, 1), 0) == Done::done);
    }
    worker.close(after_seconds(1));
  }
  disk.content(path)->at(20) ^= 0xFF;
  disk.remove(layout::reserve(path));
  leave_free(disk, 0);
  {
    Worker worker(small_options(disk));
    store::Table table;
    const auto opened = worker.open(table, after_seconds(10));
    REQUIRE(opened.has_value());
    CHECK(opened->salvaged);
    CHECK(records_of(table) == records);
    CHECK(worker.is_space_low());
    const Bytes batch = Workload::put_batch(records, 1, 100, 9);
    CHECK(worker.commit(batch, after_seconds(11)) == Done::full);
    disk.remove(others);
    REQUIRE(commit(worker, batch, 12) == Done::done);
  }
  Worker worker(small_options(disk));
  store::Table table;
  const auto opened = worker.open(table, after_seconds(20));
  REQUIRE(opened.has_value());
  CHECK_FALSE(opened->salvaged);
  CHECK(records_of(table) == records);
}

TEST_CASE("when the journal stays long under load then it is folded between commits") {
  FakeDisk disk;
  disk.set_capacity(1024 * 1024);
  Records records;
  Worker worker(small_options(disk));
  store::Table table;
  REQUIRE(worker.open(table, after_seconds(0)).has_value());
  Workload workload(1);
  for (int i = 0; i < 300; ++i)
    REQUIRE(commit(worker, workload.next_batch(records), 0) == Done::done);
  CHECK_FALSE(worker.ledger().is_journal_long());
  // 300 commits of 4 KiB frames would be far more without checkpoints.
  CHECK(disk.size(layout::wal(path)) < 200 * 1024);
}

TEST_CASE(
    "when the store is idle then a last good copy is made, and not again before something "
    "changed") {
  FakeDisk disk;
  disk.set_capacity(1024 * 1024);
  Records records;
  const std::atomic<bool> never = false;
  Worker worker(small_options(disk));
  store::Table table;
  REQUIRE(worker.open(table, after_seconds(0)).has_value());
  REQUIRE(commit(worker, Workload::put_batch(records, 1, 500, 2), 1) == Done::done);
  for (int i = 0; i < 20; ++i) worker.idle(after_seconds(20), never);
  REQUIRE(disk.has(layout::snapshot(path)));
  const std::uint64_t operations = disk.operations();
  for (int i = 0; i < 20; ++i) worker.idle(after_seconds(5'000), never);
  CHECK(disk.operations() == operations);
  CHECK(worker.next_idle(after_seconds(5'000)) > after_seconds(5'000));
}

}  // namespace bivouac::test
