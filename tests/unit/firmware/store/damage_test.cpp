// SPDX-License-Identifier: Apache-2.0
// Goal: a damaged store never refuses to start, keeps what holds, invents nothing, and says that
// records may be missing until the first commit.

#include <algorithm>
#include <random>

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
constexpr std::size_t page_bytes = layout::page_bytes;

void commit(Worker& worker, const Bytes& batch) {
  REQUIRE(worker.commit(batch, after_seconds(0)) == Done::done);
  worker.after_commit(batch, after_seconds(0));
}

/// A store with many pages, some records over several of them; closed in order.
Records make_store(FakeDisk& disk) {
  Records records;
  Worker worker(small_options(disk));
  store::Table table;
  REQUIRE(worker.open(table, after_seconds(0)).has_value());
  for (std::uint32_t number = 0; number < 120; ++number) {
    const std::size_t bytes = number % 10 == 0 ? 9'000 : 150;
    commit(worker, Workload::put_batch(records, number, bytes, static_cast<std::uint8_t>(number)));
  }
  for (std::uint32_t number = 5; number < 120; number += 12) {
    commit(worker, Workload::erase_batch(records, number));
  }
  worker.close(after_seconds(1));
  return records;
}

struct Reopened {
  Records records;
  bool salvaged = false;
  std::vector<std::string> losses;
};

/// Starts on the damaged disk, works a little, starts again.
Reopened reopen(FakeDisk& disk) {
  Reopened result;
  {
    Worker worker(small_options(disk));
    store::Table table;
    const auto opened = worker.open(table, after_seconds(0));
    REQUIRE(opened.has_value());
    result = {records_of(table), opened->salvaged, opened->losses};
    CHECK(opened->losses.empty() != opened->salvaged);
    Records expected = result.records;
    commit(worker, Workload::put_batch(expected, 3, 77, 3));
    worker.close(after_seconds(1));
    Worker again(small_options(disk));
    store::Table after;
    const auto reopened = again.open(after, after_seconds(0));
    REQUIRE(reopened.has_value());
    CHECK_FALSE(reopened->salvaged);
    CHECK(records_of(after) == expected);
  }
  return result;
}

enum class Harm { zeros, noise, one_bit };

void harm(Bytes& bytes, std::size_t from, std::size_t size, Harm how, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const std::size_t end = std::min(from + size, bytes.size());
  if (how == Harm::one_bit) {
    bytes[from + random() % (end - from)] ^= static_cast<std::uint8_t>(1U << random() % 8);
    return;
  }
  for (std::size_t i = from; i < end; ++i) {
    bytes[i] = how == Harm::zeros ? std::uint8_t{0} : static_cast<std::uint8_t>(random());
  }
}

std::size_t count_wrong(const Records& found, const Records& expected) {
  return static_cast<std::size_t>(std::ranges::count_if(found, [&](const auto& record) {
    const auto known = expected.find(record.first);
    return known == expected.end() || known->second != record.second;
  }));
}

}  // namespace

TEST_CASE(
    "when any page is damaged and there is a last good copy then the store starts with every "
    "record") {
  FakeDisk made;
  const Records records = make_store(made);
  const Bytes database = *made.content(path);
  const Bytes snapshot = *made.content(layout::snapshot(path));
  REQUIRE(database.size() / page_bytes > 20);
  for (std::size_t page = 0; page < database.size() / page_bytes; ++page) {
    for (const Harm how : {Harm::zeros, Harm::noise, Harm::one_bit}) {
      INFO("page " << page + 1 << ", harm " << static_cast<int>(how));
      FakeDisk disk;
      disk.put(path, database);
      disk.put(layout::snapshot(path), snapshot);
      harm(*disk.content(path), page * page_bytes, page_bytes, how, page);
      const Reopened reopened = reopen(disk);
      CHECK(reopened.records == records);
      CHECK(disk.has(layout::damaged(path, 1)) == reopened.salvaged);
    }
  }
}

TEST_CASE("when any page is damaged and there is no copy then only what was on that page is lost") {
  FakeDisk made;
  const Records records = make_store(made);
  const Bytes database = *made.content(path);
  for (std::size_t page = 0; page < database.size() / page_bytes; ++page) {
    for (const Harm how : {Harm::zeros, Harm::noise, Harm::one_bit}) {
      INFO("page " << page + 1 << ", harm " << static_cast<int>(how));
      FakeDisk disk;
      disk.put(path, database);
      harm(*disk.content(path), page * page_bytes, page_bytes, how, page);
      const Reopened reopened = reopen(disk);
      CHECK(count_wrong(reopened.records, records) == 0);
      CHECK(reopened.records.size() + 30 >= records.size());
      if (!reopened.salvaged) CHECK(reopened.records == records);
    }
  }
}

// A broken end of the log looks like a commit that a power cut tore. Frames are no whole sectors:
// the last sector of one commit is the first of the next, so one sector may undo two.
TEST_CASE("when any sector of the write-ahead log is damaged then nothing is undone but its end") {
  FakeDisk made;
  Records records;
  std::vector<Records> states(1);
  {
    auto options = small_options(made);
    options.checkpoint_pages = 1'000;
    options.journal_rows_max = 1'000;
    Worker worker(options);
    store::Table table;
    REQUIRE(worker.open(table, after_seconds(0)).has_value());
    for (std::uint32_t number = 0; number < 12; ++number) {
      commit(worker, Workload::put_batch(records, number, 300, static_cast<std::uint8_t>(number)));
      states.push_back(records);
    }
  }
  const Bytes database = *made.content(path);
  const Bytes log = *made.content(layout::wal(path));
  REQUIRE(log.size() > 12 * page_bytes);
  for (std::size_t at = 0; at < log.size(); at += 512) {
    INFO("log damaged at " << at << " of " << log.size());
    FakeDisk disk;
    disk.put(path, database);
    disk.put(layout::wal(path), log);
    harm(*disk.content(layout::wal(path)), at, 512, Harm::noise, at);
    const Reopened reopened = reopen(disk);
    const auto state = std::ranges::find(states, reopened.records);
    if (state == states.end()) {  // rows whose only copy was there
      CHECK(count_wrong(reopened.records, records) == 0);
      CHECK(reopened.salvaged);
      continue;
    }
    const bool is_in_last_frames = at + 512 > log.size() - 2 * (page_bytes + 24);
    CHECK(states.end() - state <= (is_in_last_frames ? 3 : 1));
  }
}

TEST_CASE("when the file is truncated anywhere then the store starts and invents nothing") {
  FakeDisk made;
  const Records records = make_store(made);
  const Bytes database = *made.content(path);
  for (std::size_t size = 0; size < database.size(); size += 1'365) {
    INFO("truncated to " << size);
    FakeDisk disk;
    disk.put(path, Bytes(database.begin(), database.begin() + static_cast<std::ptrdiff_t>(size)));
    const Reopened reopened = reopen(disk);
    CHECK(reopened.salvaged);
    CHECK(count_wrong(reopened.records, records) == 0);
  }
}

TEST_CASE("when the file is empty, zeroed, noise or missing then the last good copy is used") {
  FakeDisk made;
  const Records records = make_store(made);
  const Bytes snapshot = *made.content(layout::snapshot(path));
  Bytes noise(50'000);
  harm(noise, 0, noise.size(), Harm::noise, 1);
  for (const Bytes& content : {Bytes(), Bytes(40'960, 0), noise}) {
    FakeDisk disk;
    disk.put(path, content);
    disk.put(layout::snapshot(path), snapshot);
    const Reopened reopened = reopen(disk);
    CHECK(reopened.salvaged);
    CHECK(reopened.records == records);
  }
  FakeDisk disk;
  disk.put(layout::snapshot(path), snapshot);
  CHECK(reopen(disk).records == records);
}

TEST_CASE("when a commit in the journal has a wrong checksum then the others are kept") {
  FakeDisk disk;
  Records records;
  Records without;
  auto options = small_options(disk);
  options.journal_rows_max = 1'000;
  Bytes marked;
  {
    Worker worker(options);
    store::Table table;
    REQUIRE(worker.open(table, after_seconds(0)).has_value());
    for (std::uint32_t number = 0; number < 9; ++number) {
      const Bytes batch =
          Workload::put_batch(records, number, 200, static_cast<std::uint8_t>(0xA0 + number));
      if (number == 4) {
        marked = batch;
      } else {
        Workload::put_batch(without, number, 200, static_cast<std::uint8_t>(0xA0 + number));
      }
      commit(worker, batch);
    }
  }
  {  // Another start writes the log back into the file.
    Worker worker(options);
    store::Table table;
    REQUIRE(worker.open(table, after_seconds(0)).has_value());
  }
  disk.remove(layout::wal(path));
  Bytes& content = *disk.content(path);
  const auto found = std::search(content.begin(), content.end(), marked.begin(), marked.end());
  REQUIRE(found != content.end());
  *(found + 60) ^= 0x10;
  const Reopened reopened = reopen(disk);
  CHECK(reopened.salvaged);
  CHECK(reopened.records == without);
  CHECK(std::ranges::any_of(reopened.losses, [](const std::string& loss) {
    return loss == "commits 5 to 5 are missing";
  }));
}

TEST_CASE("when damage is met by a commit then the commit fails and the next start salvages") {
  FakeDisk disk;
  Records records = make_store(disk);
  {
    Worker worker(small_options(disk));
    store::Table table;
    REQUIRE(worker.open(table, after_seconds(0)).has_value());
    // Behind the back of the running store, whose cache does not hold every page.
    Bytes& content = *disk.content(path);
    for (std::size_t page = 1; page < content.size() / page_bytes; ++page)
      content[page * page_bytes] = 0x77;
    Done done = Done::done;
    for (std::uint32_t i = 0; i < 200 && done == Done::done; ++i) {
      const Bytes batch = Workload::put_batch(records, i % 40, 3'000, static_cast<std::uint8_t>(i));
      done = worker.commit(batch, after_seconds(0));
      if (done == Done::done) worker.after_commit(batch, after_seconds(0));
    }
    REQUIRE(done == Done::failed);
  }
  CHECK(disk.has(layout::suspect(path)));
  CHECK(reopen(disk).salvaged);
  CHECK_FALSE(disk.has(layout::suspect(path)));
}

TEST_CASE("when a newer version wrote the store then the start is refused and nothing is touched") {
  FakeDisk disk;
  make_store(disk);
  {
    firmware::Database database;
    REQUIRE(database.open(path, disk.vfs()) == SQLITE_OK);
    REQUIRE(database.execute("PRAGMA locking_mode=EXCLUSIVE; UPDATE property SET value=2 WHERE "
                             "name='schema_version';"
                             "PRAGMA user_version=2; PRAGMA wal_checkpoint(TRUNCATE);") ==
            SQLITE_OK);
  }
  const Bytes before = *disk.content(path);
  Worker worker(small_options(disk));
  store::Table table;
  const auto opened = worker.open(table, after_seconds(0));
  REQUIRE_FALSE(opened.has_value());
  CHECK(opened.error().find("newer version") != std::string::npos);
  CHECK(*disk.content(path) == before);
  CHECK_FALSE(disk.has(layout::damaged(path, 1)));
}

TEST_CASE("when only the header claims a newer version then it is damage") {
  FakeDisk disk;
  const Records records = make_store(disk);
  (*disk.content(path))[63] = 2;
  const Reopened reopened = reopen(disk);
  CHECK(reopened.records == records);
}

TEST_CASE("when stores are damaged again and again then two damaged copies are kept") {
  FakeDisk disk;
  for (int i = 0; i < 4; ++i) {
    make_store(disk);
    harm(*disk.content(path), 0, page_bytes, Harm::noise, 5);
    CHECK(reopen(disk).salvaged);
    disk.remove(path);
  }
  CHECK(disk.has(layout::damaged(path, 1)));
  CHECK(disk.has(layout::damaged(path, 2)));
  CHECK_FALSE(disk.has(layout::damaged(path, 3)));
}

TEST_CASE(
    "when the power is cut after a salvage and before the first commit then it is told again") {
  FakeDisk disk;
  make_store(disk);
  harm(*disk.content(path), page_bytes, 3 * page_bytes, Harm::noise, 5);
  for (int i = 0; i < 3; ++i) {
    Worker worker(small_options(disk));
    store::Table table;
    const auto opened = worker.open(table, after_seconds(0));
    REQUIRE(opened.has_value());
    CHECK(opened->salvaged);
    CHECK_FALSE(opened->losses.empty());
  }
}

TEST_CASE(
    "when the power is cut at any operation of a salvage then the next start has the same "
    "records") {
  FakeDisk made;
  make_store(made);
  Bytes database = *made.content(path);
  harm(database, 2 * page_bytes, 5 * page_bytes, Harm::noise, 5);
  FakeDisk whole;
  whole.put(path, database);
  const Reopened expected = reopen(whole);
  for (std::uint64_t cut = 1; cut < 120; ++cut) {
    INFO("power cut at operation " << cut);
    FakeDisk disk;
    disk.put(path, database);
    disk.fail_at(cut, FakeDisk::Fault::power_cut);
    {
      Worker worker(small_options(disk));
      store::Table table;
      (void)worker.open(table, after_seconds(0));
    }
    disk.restore(FakeDisk::Unsynced::mixed, cut);
    const Reopened reopened = reopen(disk);
    CHECK(reopened.salvaged);
    CHECK(reopened.records == expected.records);
  }
}

}  // namespace bivouac::test
