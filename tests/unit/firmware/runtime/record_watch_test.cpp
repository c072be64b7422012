// SPDX-License-Identifier: Apache-2.0
#include "firmware/runtime/record_watch.h"

#include <catch2/catch_test_macros.hpp>

using namespace bivouac;
using namespace bivouac::firmware;

TEST_CASE("a record that drips in is noticed at its last byte only") {
  const Bytes record = {22, 3, 1, 0, 4, 'a', 'b', 'c', 'd'};
  RecordWatch watch;
  for (std::size_t i = 0; i + 1 < record.size(); ++i)
    CHECK_FALSE(watch.feed(ByteView(record).subspan(i, 1)));
  CHECK(watch.feed(ByteView(record).last(1)));
  CHECK_FALSE(watch.feed(ByteView(record).first(8)));
}

TEST_CASE("what is no TLS is noticed at its first five bytes") {
  RecordWatch watch;
  CHECK_FALSE(watch.feed(as_bytes("GET ")));
  CHECK(watch.feed(as_bytes("/")));
}

TEST_CASE("a record longer than any may be is noticed at its header") {
  RecordWatch watch;
  CHECK(watch.feed(Bytes{22, 3, 1, 0xFF, 0xFF}));
}
