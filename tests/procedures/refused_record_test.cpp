// SPDX-License-Identifier: Apache-2.0
// A stored profile, a stored policy that do not pass the rules of the program that reads them: an
// older program stored them. Topology: bravo, home of the groups and of the users; a client of ben.
// Pass: the program starts, says which ones it refuses and why, goes on as if they were not there,
// leaves them on the disk, and takes what is given anew.

#include <algorithm>
#include <iterator>

#include <catch2/catch_test_macros.hpp>

#include "core/store/batch.h"
#include "core/store/record.h"
#include "tests/support/affiliation_bench.h"

using namespace bivouac;
using namespace bivouac::test;
using store::RecordKind;
using wire::fb::OutcomeKind;
using enum AffiliationStatus;

namespace {

const Bytes nobody_takes_it(64, 0x5A);

Bytes record_with(RecordKind kind, const Bytes& contents) {
  flatbuffers::FlatBufferBuilder builder;
  const auto bytes = builder.CreateVector(contents);
  return kind == RecordKind::user
             ? store::finish(builder, store::fb::CreateUser(builder, bytes, 1))
             : store::finish(builder, store::fb::CreatePolicy(builder, bytes, 1));
}

/// Starts the system again from a store in which all records of the kind have other contents;
/// returns how many.
std::size_t restart_with_refused(McSystem& system, RecordKind kind) {
  store::Batch batch;
  for (const auto& [key, value] : system.view().scan(store::prefix(kind)))
    batch.add({key, record_with(kind, nobody_takes_it), false});
  const std::size_t count = batch.count();
  system.crash();
  system.durable.push_back(batch.take());
  system.notes.clear();
  system.start();
  return count;
}

std::size_t times_told(const McSystem& system, std::string_view id) {
  return static_cast<std::size_t>(std::ranges::count_if(system.notes, [&](const Note& note) {
    return note.kind == NoteKind::refused && note.subject == "store" && note.object == id &&
           note.cause == Cause::frame_identifier;
  }));
}

/// Of the kind, records on the disk that still have what was refused.
std::size_t left_on_disk(const McSystem& system, RecordKind kind) {
  store::Table disk;
  for (const Bytes& batch : system.durable) {
    const auto mutations = store::decode_batch(batch);
    REQUIRE(mutations.has_value());
    for (const store::Mutation& mutation : *mutations) disk.apply(mutation);
  }
  const auto records = store::View(disk).scan(store::prefix(kind));
  return static_cast<std::size_t>(std::ranges::count_if(records, [&](const auto& entry) {
    return entry.second == record_with(kind, nobody_takes_it);
  }));
}

}  // namespace

TEST_CASE("when a stored profile is refused then its user is unknown until it is defined again",
          "[10.2.7.1]") {
  AffiliationBench bench;
  const auto profile = bench.bravo.user(ben);
  REQUIRE(profile.has_value());
  const std::size_t users = restart_with_refused(bench.bravo, RecordKind::user);
  bench.world.pass(DurationMs{1000});
  CHECK(times_told(bench.bravo, ben) == 1);
  CHECK(bench.bravo.refusals(Cause::frame_identifier) == users);
  CHECK_FALSE(bench.bravo.user(ben).has_value());
  CHECK(left_on_disk(bench.bravo, RecordKind::user) == users);

  SECTION("its clients are not logged on") {
    TestClient phone(bench.world, bench.bravo, ben, "phone");
    phone.log_on();
    bench.world.pass(DurationMs{1000});
    CHECK_FALSE(phone->is_logged_on());
  }
  SECTION("it is defined again") {
    CHECK(bench.bravo.import_user(*profile) == OutcomeKind::done);
    CHECK(bench.bravo.user(ben) == profile);
    CHECK(left_on_disk(bench.bravo, RecordKind::user) == users - 1);
    bench.bravo.crash();
    bench.bravo.notes.clear();
    bench.bravo.start();
    CHECK(bench.bravo.user(ben) == profile);
    CHECK(times_told(bench.bravo, ben) == 0);
  }
  SECTION("it is removed") {
    CHECK(bench.bravo.remove_user(ben) == OutcomeKind::done);
    CHECK(left_on_disk(bench.bravo, RecordKind::user) == users - 1);
  }
}

TEST_CASE("when stored policies are refused then the server of groups is asked for them again",
          "[10.X.3.1]") {
  AffiliationBench bench;
  const std::size_t policies = restart_with_refused(bench.bravo, RecordKind::policy);
  REQUIRE(policies > 0);
  bench.world.settle();
  CHECK(times_told(bench.bravo, fire) == std::size(all_services));
  CHECK(bench.bravo.refusals(Cause::frame_identifier) == policies);

  TestClient phone(bench.world, bench.bravo, ben, "phone");
  phone.log_on();
  bench.world.pass(DurationMs{10});
  phone.reports();
  phone.affiliate({fire});
  bench.world.pass(DurationMs{1000});
  CHECK(outcomes(phone) == std::vector<Outcome>{{fire, affiliated}});
  CHECK(left_on_disk(bench.bravo, RecordKind::policy) < policies);
}
