// SPDX-License-Identifier: Apache-2.0
#include "core/engine/housekeeping.h"

#include <catch2/catch_test_macros.hpp>

#include "core/store/record.h"
#include "tests/unit/engine/context_bench.h"

using namespace bivouac;
using namespace bivouac::test;

namespace {

bool intern(ContextBench& bench, std::size_t number) {
  bool done = false;
  bench.step([&](engine::Context& context) {
    const std::string text = "sip:g" + std::to_string(number) + "@alpha.example";
    done = context.identities.intern(context.effects, text).has_value();
  });
  return done;
}

void clean(ContextBench& bench, engine::Housekeeping& housekeeping) {
  bool left = true;
  for (int slice = 0; slice < 5'000 && left; ++slice) {
    bench.step([&](engine::Context& context) { left = housekeeping.go_on(context); });
  }
  CHECK_FALSE(left);
}

}  // namespace

TEST_CASE("when an hour has passed then what nobody needs is given up, and not before") {
  ContextBench bench;
  engine::Housekeeping housekeeping;
  bench.step([&](engine::Context& context) { housekeeping.start(context); });
  intern(bench, 1);
  bench.step([&](engine::Context& context) {
    flatbuffers::FlatBufferBuilder builder;
    const auto frame = builder.CreateVector(Bytes{1, 2, 3});
    context.effects.put(store::answer_key({9}, {4}),
                        store::finish(builder, store::fb::CreateAnswer(builder, 7, frame, 1, 0)));
  });
  bench.now.mono.ms += limits::housekeeping_ms - 1;
  clean(bench, housekeeping);
  CHECK(bench.table.size() == 2);
  bench.now.mono.ms += 1;
  CHECK(bench.deadlines.next() == bench.now.mono);
  clean(bench, housekeeping);
  CHECK(bench.table.size() == 0);
  CHECK(bench.deadlines.next() == bench.now.mono + DurationMs{limits::housekeeping_ms});
}

TEST_CASE("when more distinct groups come and go than there are places then none is refused") {
  ContextBench bench;
  engine::Housekeeping housekeeping;
  bench.step([&](engine::Context& context) { housekeeping.start(context); });
  for (std::size_t i = 0; i < limits::identities_max + 5'000; ++i) {
    if (!intern(bench, i)) {
      FAIL("refused after " << i);
    }
    bench.now.mono.ms += 10;
    if (i % 1'000 == 0) clean(bench, housekeeping);
  }
  CHECK(bench.identities.size() < limits::identities_max);
}
