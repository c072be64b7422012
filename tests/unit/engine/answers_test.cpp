// SPDX-License-Identifier: Apache-2.0
#include "core/engine/answers.h"

#include <catch2/catch_test_macros.hpp>

#include "core/store/record.h"
#include "tests/support/wire_frames.h"
#include "tests/unit/engine/context_bench.h"

using namespace bivouac;
using namespace bivouac::test;

namespace {

/// A request of alpha to bravo.
class Request {
 public:
  explicit Request(std::uint64_t exchange, std::uint64_t answered_up_to = 0,
                   std::uint64_t incarnation = 7)
      : frame_(wire::build_group_configuration_request({"sip:alpha.example",
                                                        "sip:bravo.example",
                                                        {exchange},
                                                        {incarnation},
                                                        {answered_up_to},
                                                        1'000},
                                                       "sip:g@alpha.example", {}, {})) {}
  const wire::fb::Envelope& envelope() const {
    return *wire::fb::GetEnvelope(frame_.frame().body.data());
  }

 private:
  WholeFrame frame_;
};

void keep(ContextBench& bench, const Request& request, const Bytes& answer) {
  bench.step([&](engine::Context& context) {
    const auto origin = context.identities.intern(context.effects, "sip:alpha.example");
    engine::store_answer(context, *origin, request.envelope(), answer);
  });
}

std::optional<Bytes> stored(ContextBench& bench, const Request& request) {
  std::optional<Bytes> answer;
  bench.step([&](engine::Context& context) {
    answer = engine::stored_answer(context, request.envelope());
  });
  return answer;
}

bool has_room(ContextBench& bench, const Request& request) {
  bool room = false;
  bench.step([&](engine::Context& context) {
    room = engine::may_store_answer(context, request.envelope());
  });
  return room;
}

std::size_t kept(const ContextBench& bench) {
  const auto range = store::View(bench.table).scan(store::prefix(store::RecordKind::answer));
  return static_cast<std::size_t>(std::distance(range.begin(), range.end()));
}

}  // namespace

TEST_CASE("when a request comes again then it gets the stored answer, whole") {
  ContextBench bench;
  CHECK_FALSE(stored(bench, Request(3)).has_value());
  keep(bench, Request(3), {1, 2, 3});
  CHECK(stored(bench, Request(3)) == Bytes{1, 2, 3});
  CHECK_FALSE(stored(bench, Request(4)).has_value());
}

TEST_CASE("when the origin has a new store then the same number is another request") {
  ContextBench bench;
  keep(bench, Request(3), {1});
  CHECK_FALSE(stored(bench, Request(3, 0, 9)).has_value());
}

TEST_CASE("when the origin says what it has then those answers are forgotten, a few at a time") {
  ContextBench bench;
  for (std::uint64_t i = 1; i <= 20; ++i) keep(bench, Request(i), {1});
  REQUIRE(kept(bench) == 20);
  keep(bench, Request(21, 20), {1});
  CHECK(kept(bench) == 13);
  keep(bench, Request(22, 20), {1});
  keep(bench, Request(23, 20), {1});
  CHECK(kept(bench) == 3);
  CHECK(stored(bench, Request(21)).has_value());
}

TEST_CASE("when the window of an origin is full then it has no room until it says what it has") {
  ContextBench bench;
  for (std::uint64_t i = 1; i <= limits::exchanges_per_peer_max; ++i) {
    REQUIRE(has_room(bench, Request(i)));
    keep(bench, Request(i), {1});
  }
  CHECK_FALSE(has_room(bench, Request(1'000)));
  CHECK(has_room(bench, Request(1'000, 1)));
  CHECK(has_room(bench, Request(1'000, 0, 9)));  // a new store wants none of them
}

TEST_CASE("when no retry can come any more then the answer gives up its place") {
  ContextBench bench;
  keep(bench, Request(1), {1});
  bench.now.mono.ms += limits::answer_kept_ms;
  for (std::uint64_t i = 2; i <= limits::exchanges_per_peer_max; ++i) {
    keep(bench, Request(i), {1});
  }
  CHECK_FALSE(has_room(bench, Request(1'000)));
  CHECK(stored(bench, Request(1)).has_value());
  bench.now.mono.ms += 1;
  CHECK(has_room(bench, Request(1'000)));
  keep(bench, Request(1'000), {1});
  CHECK_FALSE(stored(bench, Request(1)).has_value());
  CHECK(stored(bench, Request(2)).has_value());
}

TEST_CASE("when a node starts again then its answers are kept for their whole time once more") {
  ContextBench bench;
  keep(bench, Request(1), {1});
  const auto outlived = [&](std::uint32_t boots, MonoMs started) {
    const auto range = store::View(bench.table).scan(store::prefix(store::RecordKind::answer));
    bool result = false;
    bench.step([&](engine::Context& context) {
      context.boots = boots;
      context.started = started;
      result = is_outlived(context, store::get<store::fb::Answer>(range.begin()->second));
    });
    return result;
  };
  bench.now.mono.ms += limits::answer_kept_ms + 1;
  CHECK(outlived(1, {}));
  CHECK_FALSE(outlived(2, bench.now.mono));
  CHECK_FALSE(outlived(2, {bench.now.mono.ms - limits::answer_kept_ms}));
  CHECK(outlived(2, {bench.now.mono.ms - limits::answer_kept_ms - 1}));
}
