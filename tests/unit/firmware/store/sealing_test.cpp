// SPDX-License-Identifier: Apache-2.0
// Goal: no file of the store ever has key material in the clear, and a store whose sealing key is
// gone starts without that material, says so once, and works on.

#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "firmware/store/layout.h"
#include "firmware/store/worker.h"
#include "tests/unit/firmware/store/workload.h"

namespace bivouac::test {
namespace {

using firmware::Done;
using firmware::Worker;

constexpr std::size_t marker_bytes = 32;
constexpr std::uint32_t groups = 12;

Bytes marker(std::uint32_t number) {
  return Bytes(marker_bytes, static_cast<std::uint8_t>(0xB0 + number));
}

bool holds_a_marker(const FakeDisk& disk) {
  for (std::uint32_t i = 0; i < groups; ++i) {
    if (disk.holds(marker(i))) return true;
  }
  return false;
}

Bytes put(Records& records, std::uint32_t number, std::size_t bytes = marker_bytes) {
  const std::uint32_t of_keys = 5 * number + 33;
  return Workload::put_batch(records, of_keys, bytes, static_cast<std::uint8_t>(0xB0 + number));
}

void commit(Worker& worker, const Bytes& batch) {
  REQUIRE(worker.commit(batch, after_seconds(0)) == Done::done);
  worker.after_commit(batch, after_seconds(0));
}

void rest(Worker& worker, int pieces) {
  const std::atomic<bool> never = false;
  for (int i = 0; i < pieces; ++i) worker.idle(after_seconds(20 * (i + 1)), never);
}

Records fill(FakeDisk& disk) {
  Records records;
  Worker worker(small_options(disk));
  store::Table table;
  REQUIRE(worker.open(table, after_seconds(0)).has_value());
  commit(worker, Workload::put_batch(records, 1, 100, 1));
  for (std::uint32_t i = 0; i < groups; ++i) commit(worker, put(records, i));
  return records;
}

struct Start {
  Records records;
  std::vector<std::string> losses;
};

Start start(FakeDisk& disk, store::Sealer& with, const std::optional<Bytes>& batch) {
  auto options = small_options(disk);
  options.sealer = &with;
  Worker worker(options);
  store::Table table;
  const auto opened = worker.open(table, after_seconds(0));
  REQUIRE(opened.has_value());
  if (batch) {
    commit(worker, *batch);
    rest(worker, 40);
  }
  return {records_of(table), opened->losses};
}

bool tells_of_keys(const Start& start) {
  return std::ranges::any_of(start.losses, [](const std::string& loss) {
    return loss.starts_with("the key material of 12 groups");
  });
}

}  // namespace

TEST_CASE("when key material is committed, folded, copied and closed then no file has it plain") {
  FakeDisk disk;
  Records records;
  {
    Worker worker(small_options(disk));
    store::Table table;
    REQUIRE(worker.open(table, after_seconds(0)).has_value());
    for (std::uint32_t i = 0; i < groups; ++i) {
      commit(worker, put(records, i));
      REQUIRE_FALSE(holds_a_marker(disk));
    }
    commit(worker, Workload::put_batch(records, 2, marker_bytes, 0x99));
    CHECK(disk.holds(Bytes(marker_bytes, 0x99)));  // the search finds what is there
    rest(worker, 60);
    REQUIRE_FALSE(holds_a_marker(disk));
    worker.close(after_seconds(9'000));
  }
  CHECK(disk.has(firmware::layout::snapshot("/store/bivouac.db")));
  CHECK_FALSE(holds_a_marker(disk));
  CHECK(start(disk, sealer(), std::nullopt).records == records);
}

TEST_CASE("when a damaged store is salvaged then its key material is kept and stays sealed") {
  FakeDisk disk;
  const Records records = fill(disk);
  disk.put(firmware::layout::suspect("/store/bivouac.db"), {});
  const Start salvaged = start(disk, sealer(), std::nullopt);
  CHECK(salvaged.records == records);
  CHECK_FALSE(salvaged.losses.empty());
  CHECK_FALSE(tells_of_keys(salvaged));
  CHECK_FALSE(holds_a_marker(disk));
}

TEST_CASE(
    "when the sealing key is another one then key material is gone and everything else is there") {
  FakeDisk disk;
  Records records = fill(disk);
  for (auto& [key, value] : records) {
    if (key.kind() == store::RecordKind::keys) value = store::lost_value();
  }
  sim::FakeSealer other(2);
  SECTION("it is told until a commit, which writes that it is lost") {
    for (int i = 0; i < 2; ++i) {
      const Start again = start(disk, other, std::nullopt);
      CHECK(again.records == records);
      CHECK(tells_of_keys(again));
    }
    // That of one group anew: it must outlive the word that it is lost.
    const Bytes batch = put(records, 4);
    CHECK(tells_of_keys(start(disk, other, batch)));
    const Start after = start(disk, other, std::nullopt);
    CHECK(after.records == records);
    CHECK(after.losses.empty());
    CHECK(tells_of_keys(start(disk, sealer(), std::nullopt)));  // all is sealed with the other now
  }
  SECTION("a salvage with another sealing key ends") {
    disk.put(firmware::layout::suspect("/store/bivouac.db"), {});
    const Start salvaged = start(disk, other, Workload::put_batch(records, 2, 50, 2));
    CHECK(tells_of_keys(salvaged));
    const Start after = start(disk, other, std::nullopt);
    CHECK(after.records == records);
    CHECK(after.losses.empty());
  }
  SECTION("without any it is the same") {
    auto options = small_options(disk);
    options.sealer = nullptr;
    Worker worker(options);
    store::Table table;
    REQUIRE(worker.open(table, after_seconds(0)).has_value());
    CHECK(records_of(table) == records);
  }
}

TEST_CASE("when key material cannot be sealed then the commit fails and nothing of it is written") {
  FakeDisk disk;
  Records records = fill(disk);
  const Records before = records;
  {
    sim::FakeSealer broken(1);
    auto options = small_options(disk);
    options.sealer = &broken;
    Worker worker(options);
    store::Table table;
    REQUIRE(worker.open(table, after_seconds(0)).has_value());
    broken.is_broken = true;
    CHECK(worker.commit(put(records, 3, 40), after_seconds(0)) == Done::failed);
    CHECK_FALSE(worker.ledger().failure().empty());
  }
  CHECK(start(disk, sealer(), std::nullopt).records == before);
}

}  // namespace bivouac::test
