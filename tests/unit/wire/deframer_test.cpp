// SPDX-License-Identifier: Apache-2.0
#include "core/wire/deframer.h"

#include <algorithm>
#include <random>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>

using namespace bivouac;
using namespace bivouac::wire;

namespace {

constexpr std::size_t chunk_max = limits::connection_buffer_bytes;

void add_frame(Bytes& stream, std::size_t body_bytes, std::uint8_t hops = 0) {
  const std::size_t start = stream.size();
  stream.resize(start + limits::frame_header_bytes);
  write_header({static_cast<std::uint32_t>(body_bytes), hops},
               std::span(stream).subspan(start, limits::frame_header_bytes));
  for (std::size_t i = 0; i < body_bytes; ++i) {
    stream.push_back(static_cast<std::uint8_t>(start + i * 7));
  }
}

Bytes one_frame(std::size_t body_bytes, std::uint8_t hops = 0) {
  Bytes stream;
  add_frame(stream, body_bytes, hops);
  return stream;
}

bool body_is_aligned(const Frame& frame) {
  return reinterpret_cast<std::uintptr_t>(frame.body.data()) % 16 == 0;
}

struct Collected {
  std::vector<std::pair<std::uint8_t, Bytes>> frames;
  Cause error = Cause::none;
  bool aligned = true;
};

/// Feeds a stream in chunks of sizes that `next_size` names and collects what comes out.
template <class NextSize>
Collected collect(Deframer& deframer, ByteView stream, NextSize next_size) {
  Collected all;
  while (!stream.empty() && all.error == Cause::none) {
    const std::size_t size = std::min({next_size(), stream.size(), chunk_max});
    deframer.append(stream.first(size));
    stream = stream.subspan(size);
    while (deframer.has_frame()) {
      const auto frame = deframer.frame();
      if (!frame) {
        all.error = frame.error();
        break;
      }
      all.aligned = all.aligned && body_is_aligned(*frame);
      all.frames.emplace_back(frame->header.hops, Bytes(frame->body.begin(), frame->body.end()));
      deframer.next();
    }
  }
  return all;
}

Cause error_of(const Bytes& stream, bool large) {
  LargeFrames pool(1);
  Deframer deframer(pool);
  if (large) deframer.allow_large();
  return collect(deframer, stream, [] { return chunk_max; }).error;
}

}  // namespace

TEST_CASE("when a header is written then reading gives it back", "[wire]") {
  Bytes bytes(limits::frame_header_bytes);
  write_header({0x00012345, 3}, bytes);
  CHECK(bytes == Bytes{0x45, 0x23, 0x01, 0x00, 1, 3, 0, 0});
  const auto header = read_header(bytes, limits::frame_bytes_max);
  REQUIRE(header);
  CHECK(header->body_bytes == 0x00012345);
  CHECK(header->hops == 3);
}

TEST_CASE("when a stream is cut anywhere then the same frames come out", "[wire]") {
  std::mt19937 random(20240501);
  const std::size_t sizes[] = {0,
                               1,
                               7,
                               8,
                               15,
                               16,
                               17,
                               500,
                               4000,
                               4079,
                               4080,
                               4087,
                               4088,
                               4089,
                               4096,
                               4097,
                               8184,
                               8192,
                               10000,
                               65536,
                               3,
                               12,
                               limits::frame_bytes_max,
                               24,
                               4088,
                               4088,
                               2};
  for (int round = 0; round < 60; ++round) {
    Bytes stream;
    std::vector<std::size_t> chosen;
    for (int i = 0; i < 12; ++i) {
      const std::size_t size = sizes[random() % std::size(sizes)];
      if (size == limits::frame_bytes_max && random() % 4 != 0) continue;
      chosen.push_back(size);
      add_frame(stream, size, static_cast<std::uint8_t>(i));
    }
    LargeFrames pool(1);
    Deframer deframer(pool);
    deframer.allow_large();
    const std::size_t largest = std::size_t{1} << (random() % 13);
    const Collected all = collect(deframer, stream, [&] { return 1 + random() % largest; });
    REQUIRE(all.error == Cause::none);
    REQUIRE(all.aligned);
    REQUIRE(all.frames.size() == chosen.size());
    Bytes again;
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      const auto& [hops, body] = all.frames[i];
      const std::size_t start = again.size();
      again.resize(start + limits::frame_header_bytes);
      write_header({static_cast<std::uint32_t>(body.size()), hops},
                   std::span(again).subspan(start, limits::frame_header_bytes));
      again.insert(again.end(), body.begin(), body.end());
    }
    REQUIRE(again == stream);
    CHECK(pool.take());  // what was borrowed is back
  }
}

TEST_CASE("when a frame is broken then the cause says how, and stays", "[wire]") {
  Bytes version = one_frame(16);
  version[4] = 2;
  CHECK(error_of(version, true) == Cause::frame_version);
  Bytes flags = one_frame(16);
  flags[7] = 0x80;
  CHECK(error_of(flags, true) == Cause::frame_flags);
  Bytes too_long = one_frame(0);
  too_long[2] = 0x10;  // 1 MiB
  CHECK(error_of(too_long, true) == Cause::frame_too_long);
  too_long[3] = 0xFF;  // 4 GiB
  CHECK(error_of(too_long, true) == Cause::frame_too_long);

  LargeFrames pool(1);
  Deframer deframer(pool);
  deframer.append(version);
  REQUIRE(deframer.has_frame());
  CHECK(deframer.frame().error() == Cause::frame_version);
  deframer.next();
  REQUIRE(deframer.has_frame());
  CHECK(deframer.frame().error() == Cause::frame_version);
}

TEST_CASE("when a peer has not said Hello then only short frames are taken", "[wire]") {
  CHECK(error_of(one_frame(limits::frame_bytes_before_hello_max), false) == Cause::none);
  CHECK(error_of(one_frame(limits::frame_bytes_before_hello_max + 1), false) ==
        Cause::frame_too_long);
  CHECK(error_of(one_frame(limits::frame_bytes_before_hello_max + 1), true) == Cause::none);
}

TEST_CASE("when a long frame follows Hello in the same bytes then it is taken", "[wire]") {
  LargeFrames pool(1);
  Deframer deframer(pool);
  Bytes stream = one_frame(100);
  add_frame(stream, 3000);
  deframer.append(stream);
  REQUIRE(deframer.frame());
  deframer.allow_large();  // as the node does while it handles Hello, before it goes on
  deframer.next();
  REQUIRE(deframer.has_frame());
  CHECK(deframer.frame()->body.size() == 3000);
}

TEST_CASE("when every large buffer is lent then the next large frame is refused as overloaded",
          "[wire]") {
  LargeFrames pool(1);
  Deframer first(pool);
  Deframer second(pool);
  Deframer third(pool);
  for (Deframer* deframer : {&first, &second, &third}) deframer->allow_large();
  const Bytes stream = one_frame(10'000);
  const ByteView head = ByteView(stream).first(chunk_max);

  first.append(head);
  CHECK_FALSE(first.has_frame());
  second.append(head);
  REQUIRE(second.has_frame());
  CHECK(second.frame().error() == Cause::overloaded);

  // Small frames need nothing from the pool.
  third.append(one_frame(4088));
  CHECK(third.frame());
  third.next();

  // The borrower gives back when its frame is consumed; what failed has failed for good.
  first.append(ByteView(stream).subspan(chunk_max, chunk_max));
  first.append(ByteView(stream).subspan(2 * chunk_max));
  REQUIRE(first.frame());
  first.next();
  CHECK(second.frame().error() == Cause::overloaded);
  third.append(head);
  CHECK_FALSE(third.has_frame());
}

TEST_CASE("when a connection ends amid a large frame then the buffer is given back", "[wire]") {
  LargeFrames pool(1);
  {
    Deframer deframer(pool);
    deframer.allow_large();
    deframer.append(ByteView(one_frame(10'000)).first(100));
    Deframer moved(std::move(deframer));
    CHECK_FALSE(pool.take());
  }
  CHECK(pool.take());
}

TEST_CASE("when hundreds of small frames come at once then each is delivered in turn", "[wire]") {
  Bytes stream;
  while (stream.size() + limits::frame_header_bytes <= chunk_max) add_frame(stream, 0);
  LargeFrames pool(0);
  Deframer deframer(pool);
  const Collected all = collect(deframer, stream, [] { return chunk_max; });
  CHECK(all.error == Cause::none);
  CHECK(all.aligned);
  CHECK(all.frames.size() == chunk_max / limits::frame_header_bytes);
}

TEST_CASE("when a connection is idle then it holds no memory for bytes, and else little",
          "[wire]") {
  constexpr std::size_t at_rest = limits::connection_buffer_bytes + 16;
  LargeFrames pool(1);
  Deframer deframer(pool);
  deframer.allow_large();
  CHECK(deframer.held_bytes() == 0);

  const Bytes small = one_frame(4000);
  deframer.append(ByteView(small).first(3990));
  CHECK(deframer.held_bytes() <= at_rest);
  Bytes rest(small.begin() + 3990, small.end());
  add_frame(rest, 4050);
  deframer.append(rest);  // two frames wait
  CHECK(deframer.held_bytes() <= 2 * at_rest);
  deframer.next();
  deframer.next();
  CHECK(deframer.held_bytes() == 0);

  Bytes many = one_frame(100);
  add_frame(many, 4000);
  many.resize(many.size() - 50);
  deframer.append(many.size() > chunk_max ? ByteView(many).first(chunk_max) : ByteView(many));
  deframer.next();  // an incomplete frame is left
  CHECK_FALSE(deframer.has_frame());
  CHECK(deframer.held_bytes() <= at_rest);
}

TEST_CASE("when a frame is refused then nothing is held for it any more", "[wire]") {
  LargeFrames pool(1);
  Deframer deframer(pool);
  Bytes broken = one_frame(16);
  broken[4] = 9;
  deframer.append(broken);
  CHECK_FALSE(deframer.frame());
  CHECK(deframer.held_bytes() == 0);
}
