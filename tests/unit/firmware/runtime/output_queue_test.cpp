// SPDX-License-Identifier: Apache-2.0
#include "firmware/runtime/output_queue.h"

#include <array>
#include <string>

#include <catch2/catch_test_macros.hpp>

using namespace bivouac;
using namespace bivouac::firmware;
using engine::Priority;

namespace {

engine::SharedBytes frame(const std::string& text) {
  return std::make_shared<const Bytes>(text.begin(), text.end());
}

std::string take(OutputQueue& queue, std::size_t size) {
  std::array<std::uint8_t, 256> out{};
  const std::size_t count = queue.fill(std::span(out).first(size));
  return std::string(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(count));
}

}  // namespace

TEST_CASE("frames of one turn go into one record") {
  OutputQueue queue;
  CHECK(queue.push(frame("one"), Priority::control));
  CHECK(queue.push(frame("two"), Priority::control));
  CHECK(queue.bytes() == 6);
  CHECK(take(queue, 100) == "onetwo");
  CHECK(queue.empty());
}

TEST_CASE("control overtakes bulk, but never inside a frame that has begun") {
  OutputQueue queue;
  queue.push(frame("bulk-a"), Priority::bulk);
  queue.push(frame("bulk-b"), Priority::bulk);
  CHECK(take(queue, 3) == "bul");
  queue.push(frame("HEARTBEAT"), Priority::control);
  CHECK(take(queue, 100) == "k-aHEARTBEATbulk-b");
}

TEST_CASE("what is too much is refused, by count and by bytes, and room comes back") {
  OutputQueue queue;
  SECTION("count") {
    for (std::size_t i = 0; i < limits::queue_frames_max; ++i)
      REQUIRE(queue.push(frame("x"), Priority::bulk));
    CHECK_FALSE(queue.push(frame("x"), Priority::control));
    take(queue, 1);
    CHECK(queue.push(frame("x"), Priority::control));
  }
  SECTION("bytes") {
    const auto large = std::make_shared<const Bytes>(limits::queue_bytes_max / 2);
    CHECK(queue.push(large, Priority::bulk));
    CHECK(queue.push(large, Priority::bulk));
    CHECK_FALSE(queue.push(frame("x"), Priority::control));
  }
}
