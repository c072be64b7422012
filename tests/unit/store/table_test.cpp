// SPDX-License-Identifier: Apache-2.0
#include "core/store/table.h"

#include <map>
#include <random>

#include <catch2/catch_test_macros.hpp>

namespace bivouac::store {
namespace {

Key peer(std::uint32_t number) { return peer_key(IdentityNumber{number}); }

Key exposure(std::uint32_t group, std::uint32_t system) {
  return exposure_key(IdentityNumber{group}, IdentityNumber{system});
}

std::size_t count(const View::Range& range) {
  return static_cast<std::size_t>(std::distance(range.begin(), range.end()));
}

}  // namespace

TEST_CASE("when records are put and erased then the table is a map and counts its bytes") {
  std::mt19937_64 random(1);
  Table table;
  std::map<Key, Bytes> expected;
  for (int i = 0; i < 5'000; ++i) {
    Mutation mutation{peer(static_cast<std::uint32_t>(random() % 100)), Bytes(random() % 50, 1),
                      random() % 3 == 0};
    if (mutation.erase) {
      mutation.value.clear();
      expected.erase(mutation.key);
    } else {
      expected[mutation.key] = mutation.value;
    }
    table.apply(mutation);
  }
  std::size_t bytes = 0;
  for (const auto& [key, value] : expected) bytes += sizeof(Key) + value.size();
  CHECK(table.size() == expected.size());
  CHECK(table.bytes() == bytes);
  const View view(table);
  for (const auto& [key, value] : expected) {
    REQUIRE(view.find(key) != nullptr);
    CHECK(*view.find(key) == value);
  }
  CHECK(view.find(peer(1'000)) == nullptr);
}

TEST_CASE("when a value gets shorter then nothing of the old one stays in memory") {
  Table table;
  table.apply({peer(1), Bytes(200, 7), false});
  table.apply({peer(1), Bytes(10, 1), false});
  const Bytes* value = View(table).find(peer(1));
  REQUIRE(value != nullptr);
  CHECK(value->capacity() == 10);
}

TEST_CASE("when a prefix is scanned then its records come in key order and no others") {
  Table table;
  for (const std::uint32_t group : {1U, 2U, 0xFFFFFFFFU}) {
    for (const std::uint32_t system : {0U, 1U, 0xFFFFFFFFU})
      table.apply({exposure(group, system), {1}, false});
  }
  table.apply({group_key(IdentityNumber{0xFFFFFFFF}), {1}, false});  // the kind before
  const View view(table);
  CHECK(count(view.scan(prefix(RecordKind::exposure))) == 9);
  CHECK(count(view.scan(prefix(RecordKind::exposure, 2))) == 3);
  CHECK(count(view.scan(prefix(RecordKind::exposure, 0xFFFFFFFF))) == 3);
  CHECK(view.scan(prefix(RecordKind::exposure, 3)).empty());
  CHECK(view.scan(prefix(RecordKind::meta)).empty());
  CHECK(count(view.scan(Prefix{})) == 10);
  const Key* before = nullptr;
  for (const auto& [key, value] : view.scan(prefix(RecordKind::exposure))) {
    if (before != nullptr) CHECK(*before < key);
    before = &key;
  }
}

TEST_CASE("when a prefix of all ones is scanned then the scan goes to the end of the table") {
  Table table;
  Key last;
  last.bytes.fill(0xFF);
  table.apply({last, {1}, false});
  CHECK(count(View(table).scan(Prefix{last, 24})) == 1);
  CHECK(count(View(table).scan(Prefix{last, 1})) == 1);
}

TEST_CASE("when a scan goes on after a key then it never leaves the prefix") {
  Table table;
  for (const std::uint32_t system : {10U, 20U, 30U}) table.apply({exposure(5, system), {1}, false});
  table.apply({exposure(6, 1), {1}, false});
  const View view(table);
  const Prefix group = prefix(RecordKind::exposure, 5);
  CHECK(count(view.scan_after(group, exposure(5, 10))) == 2);
  CHECK(count(view.scan_after(group, exposure(5, 15))) == 2);  // the key itself may be gone
  CHECK(count(view.scan_after(group, exposure(5, 30))) == 0);
  CHECK(count(view.scan_after(group, exposure(4, 99))) == 3);
  CHECK(count(view.scan_after(group, meta_key())) == 3);
  CHECK(view.scan_after(group, exposure(6, 0)).empty());
  CHECK(view.scan_after(group, resync_key(IdentityNumber{9})).empty());
}

}  // namespace bivouac::store
