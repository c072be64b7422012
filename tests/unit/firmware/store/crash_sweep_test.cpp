// SPDX-License-Identifier: Apache-2.0
// Goal: whatever the moment of a power cut or an error of the disk, what was acknowledged is there
// afterwards, and what was not is there whole or not at all.
// Method: one scripted run is repeated with the fault at every operation of the disk in turn; the
// recovered records are compared with the acknowledged ones.

#include <catch2/catch_test_macros.hpp>

#include "firmware/store/layout.h"
#include "firmware/store/worker.h"
#include "tests/unit/firmware/store/workload.h"

namespace bivouac::test {
namespace {

using firmware::Done;
using firmware::Worker;

struct Run {
  Records acknowledged;
  Records attempted;  // with the batch that was under way
  bool failed = false;
  bool opened = false;
};

/// Some idle time: folds, checks, makes the last good copy.
void rest(Worker& worker, std::int64_t& seconds, int pieces) {
  const std::atomic<bool> never = false;
  for (int i = 0; i < pieces; ++i) worker.idle(after_seconds(seconds += 11), never);
}

/// Commits, folds, copies and closes; ends at the first failure as the process would.
void run_script(FakeDisk& disk, Run& run, std::uint64_t seed) {
  std::int64_t seconds = 0;
  Worker worker(small_options(disk));
  store::Table table;
  const auto opened = worker.open(table, after_seconds(seconds));
  if (!opened) return;
  run.opened = true;
  REQUIRE(records_of(table) == run.acknowledged);
  Workload workload(seed);
  for (int i = 0; i < 24; ++i) {
    const std::size_t value_bytes_max = i % 9 == 8 ? 20'000 : 900;
    const Bytes batch = workload.next_batch(run.attempted, 8, value_bytes_max);
    Done done = Done::full;
    for (int tries = 0; done == Done::full && tries < 3; ++tries) {
      done = worker.commit(batch, after_seconds(seconds));
    }
    if (done != Done::done) {
      run.failed = true;
      return;
    }
    run.acknowledged = run.attempted;
    worker.after_commit(batch, after_seconds(seconds));
    if (i % 6 == 5) rest(worker, seconds, 10);
  }
  worker.close(after_seconds(seconds));
}

std::uint64_t operations_of_script(std::uint64_t seed) {
  FakeDisk disk;
  Run run;
  run_script(disk, run, seed);
  REQUIRE_FALSE(run.failed);
  return disk.operations();
}

/// The next start, and that the store works on.
void check_recovery(FakeDisk& disk, const Run& run) {
  Records recovered;
  {
    Worker worker(small_options(disk));
    store::Table table;
    const auto opened = worker.open(table, after_seconds(10'000));
    REQUIRE(opened.has_value());
    CHECK_FALSE(opened->salvaged);
    recovered = records_of(table);
    const bool is_acknowledged = recovered == run.acknowledged;
    const bool is_attempted = recovered == run.attempted;
    REQUIRE((is_acknowledged || is_attempted));
    const Bytes batch = Workload::put_batch(recovered, 3, 100, 1);
    REQUIRE(worker.commit(batch, after_seconds(10'001)) == Done::done);
    worker.after_commit(batch, after_seconds(10'001));
  }
  Worker worker(small_options(disk));
  store::Table table;
  REQUIRE(worker.open(table, after_seconds(20'000)).has_value());
  REQUIRE(records_of(table) == recovered);
}

void sweep_power_cuts(FakeDisk::Unsynced unsynced, std::uint64_t seed) {
  const std::uint64_t operations = operations_of_script(seed);
  REQUIRE(operations > 100);
  for (std::uint64_t cut = 1; cut <= operations; ++cut) {
    INFO("power cut at operation " << cut << " of " << operations << ", seed " << seed);
    FakeDisk disk;
    Run run;
    disk.fail_at(cut, FakeDisk::Fault::power_cut);
    run_script(disk, run, seed);
    disk.restore(unsynced, cut * 31 + seed);
    check_recovery(disk, run);
  }
}

}  // namespace

TEST_CASE(
    "when the power is cut at any operation and nothing unsynced survives then no acknowledged "
    "commit is lost") {
  sweep_power_cuts(FakeDisk::Unsynced::lost, 1);
}

TEST_CASE(
    "when the power is cut at any operation and all that was written survives then no acknowledged "
    "commit is lost") {
  sweep_power_cuts(FakeDisk::Unsynced::kept, 2);
}

TEST_CASE(
    "when the power is cut at any operation and torn parts survive then no acknowledged commit is "
    "lost") {
  for (std::uint64_t seed = 3; seed < 5; ++seed) sweep_power_cuts(FakeDisk::Unsynced::mixed, seed);
}

TEST_CASE("when the power is cut again during each recovery then no acknowledged commit is lost") {
  FakeDisk counted;
  Run whole;
  counted.fail_at(150, FakeDisk::Fault::power_cut);
  run_script(counted, whole, 9);
  counted.restore(FakeDisk::Unsynced::mixed, 9);
  for (std::uint64_t cut = 1; cut < 40; ++cut) {
    INFO("second power cut at operation " << cut);
    FakeDisk disk;
    Run run;
    disk.fail_at(150, FakeDisk::Fault::power_cut);
    run_script(disk, run, 9);
    disk.restore(FakeDisk::Unsynced::mixed, 9);
    disk.fail_at(disk.operations() + cut, FakeDisk::Fault::power_cut);
    {
      Worker worker(small_options(disk));
      store::Table table;
      if (worker.open(table, after_seconds(5'000))) worker.close(after_seconds(5'001));
    }
    disk.restore(FakeDisk::Unsynced::mixed, cut);
    check_recovery(disk, run);
  }
}

TEST_CASE(
    "when any sync fails then nothing is acknowledged any more and nothing acknowledged is lost") {
  const std::uint64_t operations = operations_of_script(10);
  for (std::uint64_t fault = 1; fault <= operations; ++fault) {
    INFO("sync fails at operation " << fault << " of " << operations);
    FakeDisk disk;
    Run run;
    disk.fail_at(fault, FakeDisk::Fault::sync_fails);
    run_script(disk, run, 10);
    // The next process reads what the system still caches; the power is cut after its first
    // commits.
    run.attempted = run.acknowledged;
    {
      Worker worker(small_options(disk));
      store::Table table;
      const auto opened = worker.open(table, after_seconds(5'000));
      REQUIRE(opened.has_value());
      run.acknowledged = records_of(table);
      for (std::uint8_t i = 0; i < 3; ++i) {
        const Bytes batch = Workload::put_batch(run.acknowledged, i, 300, i);
        REQUIRE(worker.commit(batch, after_seconds(5'001)) == Done::done);
        worker.after_commit(batch, after_seconds(5'001));
      }
      run.attempted = run.acknowledged;
    }
    disk.restore(FakeDisk::Unsynced::lost, fault);
    check_recovery(disk, run);
  }
}

TEST_CASE("when any write fails then nothing acknowledged is lost") {
  const std::uint64_t operations = operations_of_script(11);
  for (std::uint64_t fault = 1; fault <= operations; ++fault) {
    INFO("write fails at operation " << fault << " of " << operations);
    FakeDisk disk;
    Run run;
    disk.fail_at(fault, FakeDisk::Fault::write_fails);
    run_script(disk, run, 11);
    disk.restore(FakeDisk::Unsynced::kept, fault);
    check_recovery(disk, run);
  }
}

TEST_CASE("when the disk is full at any write and heals then the store goes on without a restart") {
  const std::uint64_t operations = operations_of_script(12);
  for (std::uint64_t fault = 1; fault <= operations; ++fault) {
    for (const std::uint64_t times : {1U, 3U}) {
      INFO("full at operation " << fault << " of " << operations << ", " << times << " times");
      FakeDisk disk;
      Run run;
      disk.fail_at(fault, FakeDisk::Fault::full, times);
      run_script(disk, run, 12);
      CHECK(run.opened);
      CHECK_FALSE(run.failed);
      disk.restore(FakeDisk::Unsynced::lost, fault);
      check_recovery(disk, run);
    }
  }
}

}  // namespace bivouac::test
