// SPDX-License-Identifier: Apache-2.0
#include <map>

#include <catch2/catch_test_macros.hpp>

#include "core/wire/operator_message.h"
#include "tests/support/gateway_bench.h"
#include "tests/support/mc_systems.h"

using namespace bivouac;
using namespace bivouac::test;

TEST_CASE("when the runtime closed for a full queue then the status counts it among the refusals") {
  GatewayBench bench(alpha_configuration());
  const Bytes frame = wire::build_status_request();
  const Bytes body(frame.begin() + limits::frame_header_bytes, frame.end());
  engine::Telemetry telemetry;
  telemetry.full_queues = 3;
  bench.feed(engine::OperatorRequest{{1}, body, &telemetry});
  REQUIRE(bench.count(engine::Outgoing::Kind::send) == 1);
  const Bytes& answer = *bench.out.back().frame;
  const auto* message = wire::fb::GetOperatorMessage(answer.data() + limits::frame_header_bytes);
  std::map<std::string, std::uint64_t> refusals;
  for (const auto* one : *message->body_as_StatusAnswer()->refusals())
    refusals[one->name()->str()] = one->count();
  CHECK(refusals == std::map<std::string, std::uint64_t>{{"queue_full", 3}});
}
