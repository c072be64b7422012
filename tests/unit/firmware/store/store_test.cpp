// SPDX-License-Identifier: Apache-2.0
// The store as the program uses it: its own thread, real files.

#include "firmware/store/store.h"

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <filesystem>
#include <mutex>
#include <thread>

#include <catch2/catch_test_macros.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "firmware/store/layout.h"
#include "firmware/store/worker.h"
#include "tests/unit/firmware/store/workload.h"

namespace bivouac::test {
namespace {

using firmware::Store;
using firmware::StoreOptions;

/// A folder of its own for one test.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "bivouac-store-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  StoreOptions options() const {
    StoreOptions options;
    options.path = path_ + "/bivouac.db";
    options.sealer = &sealer();
    options.fold_idle_ms = 5;
    options.snapshot_idle_ms = 5;
    return options;
  }

 private:
  std::string path_;
};

/// The loop's side, as a test sees it.
class Loop final : public firmware::StorePort::Listener {
 public:
  explicit Loop(Store& store) : store_(store) {
    store.attach([this] {
      const std::scoped_lock lock(mutex_);
      woken_ = true;
      changed_.notify_one();
    });
  }
  void on_committed(bool durable) override { outcome = durable; }
  void on_space(bool low) override { space = low; }
  void on_pong() override { ++pongs; }
  void on_failed() override { failed = true; }

  /// Waits for news.
  void turn() {
    std::unique_lock lock(mutex_);
    REQUIRE(changed_.wait_for(lock, std::chrono::seconds(30), [this] { return woken_; }));
    woken_ = false;
    lock.unlock();
    store_.collect(*this);
  }
  bool commit(Bytes batch) {
    outcome.reset();
    store_.commit(std::move(batch));
    while (!outcome) turn();
    return *outcome;
  }

  std::optional<bool> outcome;
  std::optional<bool> space;
  int pongs = 0;
  bool failed = false;

 private:
  Store& store_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool woken_ = false;
};

std::unique_ptr<Store> open(const StoreOptions& options, store::Table& table) {
  auto opened = Store::open(options, table);
  if (!opened) FAIL(opened.error());
  return std::move(*opened);
}

}  // namespace

TEST_CASE(
    "when batches are committed then the next start reads them, after a stop and after a kill") {
  const Folder folder;
  Records records;
  Workload workload(1);
  for (int run = 0; run < 6; ++run) {
    store::Table table;
    const auto store = open(folder.options(), table);
    CHECK(records_of(table) == records);
    CHECK_FALSE(store->salvaged());
    Loop loop(*store);
    for (int i = 0; i < 40; ++i) REQUIRE(loop.commit(workload.next_batch(records)));
    if (run % 2 == 0) store->checkpoint_and_close();
  }
}

TEST_CASE("when the store is pinged then its thread answers without a write") {
  const Folder folder;
  store::Table table;
  const auto store = open(folder.options(), table);
  Loop loop(*store);
  engine::Telemetry before;
  store->fill(before);
  for (int i = 0; i < 5; ++i) {
    store->ping();
    while (loop.pongs <= i) loop.turn();
  }
  engine::Telemetry after;
  store->fill(after);
  CHECK(after.commits == 0);
  CHECK(after.commit_bytes == before.commit_bytes);
}

TEST_CASE("when batches were committed then telemetry has their number, bytes and sync times") {
  const Folder folder;
  store::Table table;
  Records records;
  const auto store = open(folder.options(), table);
  Loop loop(*store);
  for (std::uint32_t i = 0; i < 10; ++i)
    REQUIRE(loop.commit(Workload::put_batch(records, i, 200, 1)));
  store->ping();  // what a thread has counted is seen after its turn
  while (loop.pongs == 0) loop.turn();
  engine::Telemetry telemetry;
  store->fill(telemetry);
  CHECK(telemetry.commits == 10);
  CHECK(telemetry.commit_bytes > 10 * 4096);
  CHECK(telemetry.sync_max_us >= telemetry.sync_last_us);
  CHECK(telemetry.store_bytes > 0);
  CHECK(telemetry.store_free_bytes > 0);
}

TEST_CASE(
    "when a store is open then a second start is refused in words, until the first has ended") {
  const Folder folder;
  store::Table table;
  auto first = open(folder.options(), table);
  store::Table other;
  const auto second = Store::open(folder.options(), other);
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().find("another process") != std::string::npos);
  first.reset();
  CHECK(Store::open(folder.options(), other).has_value());
}

TEST_CASE("when the process before has not quite ended then its store is waited for") {
  const Folder folder;
  store::Table table;
  auto first = open(folder.options(), table);
  std::thread ending([&first] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    first.reset();
  });
  store::Table other;
  CHECK(Store::open(folder.options(), other).has_value());
  ending.join();
}

TEST_CASE("when a store is made then nobody else may read its files") {
  const Folder folder;
  store::Table table;
  Records records;
  const auto store = open(folder.options(), table);
  Loop loop(*store);
  REQUIRE(loop.commit(Workload::put_batch(records, 1, 100, 1)));
  for (const char* suffix : {"", "-wal", ".lock", ".reserve"}) {
    struct stat status{};
    INFO("file " << suffix);
    REQUIRE(::stat((folder.options().path + suffix).c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
  }
}

TEST_CASE("when the folder is missing then the start is refused in words") {
  StoreOptions options;
  options.path = "/nonexistent/folder/bivouac.db";
  store::Table table;
  const auto store = Store::open(options, table);
  REQUIRE_FALSE(store.has_value());
  CHECK(store.error().find(options.path) != std::string::npos);
}

TEST_CASE(
    "when the disk stays full then a commit waits for room, and fails when its patience ends") {
  FakeDisk disk;
  auto options = small_options(disk);
  options.space_patience_ms = 300;
  store::Table table;
  Records records;
  const auto store = open(options, table);
  Loop loop(*store);
  disk.set_capacity(disk.used());
  disk.fail_at(disk.operations() + 1, FakeDisk::Fault::full, 1'000'000);
  CHECK_FALSE(loop.commit(Workload::put_batch(records, 1, 100, 1)));
  CHECK(store->failure().find("no room") != std::string::npos);
  while (!loop.space) loop.turn();
  CHECK(*loop.space);
}

TEST_CASE("when a sync fails then the commit fails and so does each one after it") {
  FakeDisk disk;
  store::Table table;
  Records records;
  const auto store = open(small_options(disk), table);
  Loop loop(*store);
  REQUIRE(loop.commit(Workload::put_batch(records, 1, 100, 1)));
  disk.fail_at(disk.operations() + 1, FakeDisk::Fault::sync_fails, 3);
  CHECK_FALSE(loop.commit(Workload::put_batch(records, 2, 100, 1)));
  CHECK_FALSE(store->failure().empty());
  const std::uint64_t operations = disk.operations();
  CHECK_FALSE(loop.commit(Workload::put_batch(records, 3, 100, 1)));
  store->checkpoint_and_close();
  CHECK(disk.operations() == operations);
}

TEST_CASE("when damage is met in idle time then it is told at once, and the next start salvages") {
  FakeDisk disk;
  auto options = small_options(disk);
  options.check_at_start_bytes = 0;  // as a large database, which is checked when idle
  Records records;
  {
    store::Table table;
    const auto store = open(options, table);
    Loop loop(*store);
    for (std::uint32_t i = 0; i < 60; ++i)
      REQUIRE(loop.commit(Workload::put_batch(records, i, 900, 1)));
    store->checkpoint_and_close();
  }
  // Damage that no reading meets: the header counts a free page that there is not.
  constexpr std::size_t free_page_count_at = 36;
  ++(*disk.content(options.path))[free_page_count_at + 3];
  {
    store::Table table;
    const auto store = open(options, table);
    CHECK_FALSE(store->salvaged());
    Loop loop(*store);
    while (!loop.failed) loop.turn();
    CHECK_FALSE(loop.outcome.has_value());
    CHECK(store->failure().find("checking the database") != std::string::npos);
  }
  store::Table table;
  CHECK(open(options, table)->salvaged());
  CHECK(records_of(table) == records);
}

// Prints what a commit costs: run with the tag [.measure].
TEST_CASE("bytes and syncs of commits", "[.measure]") {
  for (const std::size_t count : {1U, 16U, 256U}) {
    const Folder folder;
    firmware::Worker worker(folder.options());
    store::Table table;
    const auto start = std::chrono::steady_clock::now();
    REQUIRE(worker.open(table, start).has_value());
    const firmware::CountingVfs& counters = worker.ledger().counters();
    const std::uint64_t bytes_before = counters.bytes_written();
    const std::uint64_t syncs_before = counters.syncs();
    constexpr int commits = 2'000;
    std::chrono::duration<double, std::micro> waited{};
    std::uint32_t number = 0;
    for (int i = 0; i < commits; ++i) {
      store::Batch made;
      for (std::size_t m = 0; m < count; ++m) {
        const ExchangeId exchange{++number % 10'000 + 1};
        made.add({store::answer_key(IdentityNumber{1}, exchange), answer_value(176, 1), false});
      }
      const Bytes batch = made.take();
      const auto begun = std::chrono::steady_clock::now();
      REQUIRE(worker.commit(batch, begun) == firmware::Done::done);
      waited += std::chrono::steady_clock::now() - begun;
      worker.after_commit(batch, begun);
    }
    const double bytes = static_cast<double>(counters.bytes_written() - bytes_before) / commits;
    const double syncs = static_cast<double>(counters.syncs() - syncs_before) / commits;
    std::printf(
        "batch of %3zu puts of 200 bytes: %7.0f bytes and %.3f syncs per commit, %5.0f bytes per "
        "put; a commit waits %5.0f us\n",
        count, bytes, syncs, bytes / static_cast<double>(count), waited.count() / commits);
  }
}

// Prints how long the store's thread is away when it folds a commit as large as one may be.
TEST_CASE("fold slice of a large commit", "[.measure]") {
  const Folder folder;
  firmware::Worker worker(folder.options());
  store::Table table;
  const auto start = std::chrono::steady_clock::now();
  REQUIRE(worker.open(table, start).has_value());
  store::Batch made;
  for (std::uint32_t number = 1; made.bytes().size() < limits::batch_bytes_max; ++number)
    made.add(
        {store::answer_key(IdentityNumber{1}, ExchangeId{number}), answer_value(176, 1), false});
  const std::size_t count = made.count();
  const Bytes batch = made.take();
  REQUIRE(worker.commit(batch, start) == firmware::Done::done);
  worker.after_commit(batch, start);
  const std::atomic<bool> never = false;
  const auto later = start + std::chrono::milliseconds(100);
  while (worker.next_idle(later) > later) worker.idle(later, never);
  while (worker.ledger().has_journal()) {
    const auto begun = std::chrono::steady_clock::now();
    worker.idle(later, never);
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begun;
    std::printf("a slice of %zu puts of 200 bytes took %.1f ms\n", count, took.count());
  }
}

}  // namespace bivouac::test
