// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch_test_macros.hpp>

#include "core/store/record.h"
#include "tests/unit/engine/context_bench.h"

using namespace bivouac;
using namespace bivouac::test;

namespace {

IdentityNumber intern(ContextBench& bench, const std::string& text) {
  IdentityNumber number;
  bench.step([&](engine::Context& context) {
    number = context.identities.intern(context.effects, text).value_or(IdentityNumber{});
    CHECK(context.identities.text(context.view, number) == text);  // within the step already
  });
  return number;
}

void put_peer(ContextBench& bench, IdentityNumber system) {
  bench.step([&](engine::Context& context) {
    flatbuffers::FlatBufferBuilder builder;
    context.effects.put(store::peer_key(system),
                        store::finish(builder, store::fb::CreatePeer(builder, 1)));
  });
}

/// A new run over the same records.
engine::Identities restarted(ContextBench& bench) {
  engine::Identities identities;
  bench.step([&](engine::Context& context) { identities.start(context.view, context.effects); });
  return identities;
}

}  // namespace

TEST_CASE("when an identity is interned twice then it has one number and one record") {
  ContextBench bench;
  const IdentityNumber number = intern(bench, "sip:g1@alpha.example");
  CHECK(number.is_set());
  CHECK(intern(bench, "sip:g1@alpha.example") == number);
  CHECK(intern(bench, "sip:g2@alpha.example") != number);
  CHECK(bench.table.size() == 2);
  CHECK_FALSE(bench.identities.find("sip:g3@alpha.example").is_set());
}

TEST_CASE("when a node starts then identities that no record names are erased, others stay") {
  ContextBench bench;
  const IdentityNumber used = intern(bench, "sip:alpha.example");
  intern(bench, "sip:unused.example");
  put_peer(bench, used);
  engine::Identities again = restarted(bench);
  CHECK(again.find("sip:alpha.example") == used);
  CHECK_FALSE(again.find("sip:unused.example").is_set());
  CHECK(bench.table.size() == 2);
}

TEST_CASE("when very many identities are unused then a start erases some, and the next one more") {
  ContextBench bench;
  for (int i = 0; i < 300; ++i) intern(bench, "sip:g" + std::to_string(i) + "@alpha.example");
  restarted(bench);
  CHECK(bench.table.size() == 200);
  restarted(bench);
  CHECK(bench.table.size() == 100);
}

TEST_CASE(
    "when a salvaged store lost the text of a number in use then nobody else gets the number") {
  ContextBench bench;
  const IdentityNumber lost = intern(bench, "sip:lost.example");
  put_peer(bench, lost);
  bench.step([&](engine::Context& context) { context.effects.erase(store::identity_key(lost)); });
  bench.identities = restarted(bench);
  CHECK(intern(bench, "sip:other.example") != lost);
}

TEST_CASE("when a node runs on then identities that no record names are given up in slices") {
  ContextBench bench;
  const IdentityNumber used = intern(bench, "sip:used.example");
  put_peer(bench, used);
  for (int i = 0; i < 300; ++i) intern(bench, "sip:g" + std::to_string(i) + "@alpha.example");
  const IdentityNumber told = intern(bench, "sip:told.example");
  const IdentityNumber group = intern(bench, "sip:z@alpha.example");
  bench.step([&](engine::Context& context) {
    flatbuffers::FlatBufferBuilder builder;
    context.effects.put(store::exposure_key(group, told),
                        store::finish(builder, store::fb::CreateExposure(builder, 1)));
  });
  bool left = true;
  for (int slice = 0; slice < 10 && left; ++slice) {
    bench.step([&](engine::Context& context) {
      left = context.identities.reclaim_some(context.view, context.effects);
      CHECK(context.effects.mutations().size() <= 64);
    });
  }
  CHECK_FALSE(left);
  CHECK(bench.identities.size() == 3);
  CHECK(bench.table.size() == 5);
  CHECK(bench.identities.find("sip:used.example") == used);
  CHECK(bench.identities.find("sip:told.example") == told);
  CHECK_FALSE(bench.identities.find("sip:g7@alpha.example").is_set());
  const IdentityNumber anew = intern(bench, "sip:g7@alpha.example");
  CHECK(anew.value > group.value);  // numbers are not given twice in a run
}
