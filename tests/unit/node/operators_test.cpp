// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch_test_macros.hpp>

#include "tests/support/configurations.h"
#include "tests/support/gateway_bench.h"
#include "tests/support/mc_systems.h"
#include "tests/support/raw_peer.h"

using namespace bivouac;
using namespace bivouac::test;
using engine::Outgoing;
using wire::fb::OutcomeKind;

namespace {

const std::string group_id = "sip:fire-1@alpha.example";

GroupConfiguration group_of_bravo() {
  GroupConfiguration group = sample_configuration(0, group_id);
  group.members = sample_members(1, "bravo.example");
  return group;
}

void request(GatewayBench& bench, std::uint32_t connection, const Bytes& frame) {
  const Bytes body(frame.begin() + limits::frame_header_bytes, frame.end());
  bench.feed(engine::OperatorRequest{{connection}, body, nullptr});
}

std::size_t sent_to(const GatewayBench& bench, std::uint32_t connection) {
  return static_cast<std::size_t>(std::ranges::count_if(bench.out, [&](const Outgoing& out) {
    return out.kind == Outgoing::Kind::send && out.connection.value == connection;
  }));
}

}  // namespace

TEST_CASE("when an operator's request is malformed then its connection is closed") {
  GatewayBench bench(alpha_configuration());
  const Bytes nonsense(64, 0x5A);
  bench.feed(engine::OperatorRequest{{1}, nonsense, nullptr});
  CHECK(bench.count(Outgoing::Kind::close) == 1);
}

TEST_CASE("when an operator watches then every note comes, until it goes") {
  GatewayBench bench(alpha_configuration());
  request(bench, 1, wire::build_watch_request());
  CHECK(sent_to(bench, 1) == 0);
  request(bench, 2, wire::build_group_import_request(group_of_bravo()));
  const std::size_t told = sent_to(bench, 1);
  CHECK(told > 0);
  bench.feed(engine::OperatorGone{{1}});
  request(bench, 2, wire::build_group_remove_request(group_id));
  CHECK(sent_to(bench, 1) == told);
}

TEST_CASE("when a partner does not answer then the operator is told that the push is queued") {
  McSystems world;
  McSystem& alpha = world.add(alpha_configuration());
  alpha.start();
  RawPeer bravo(world, alpha, "sip:bravo.example");
  alpha.import(group_of_bravo());
  CHECK(alpha.push(group_id, "sip:bravo.example") == OutcomeKind::queued);
}

TEST_CASE("when a newer push takes the place of one that is waited for then it is queued") {
  McSystems world;
  McSystem& alpha = world.add(alpha_configuration());
  alpha.start();
  RawPeer bravo(world, alpha, "sip:bravo.example");
  alpha.import(group_of_bravo());
  begin(alpha, wire::build_group_push_request(group_id, "sip:bravo.example"), 900'001);
  begin(alpha, wire::build_group_push_request(group_id, "sip:bravo.example"), 900'002);
  world.settle();
  std::size_t pushes = 0;
  std::uint64_t newest = 0;
  while (const auto* pushed = bravo.next(wire::fb::Body::GroupConfigurationProvisionRequest)) {
    ++pushes;
    CHECK(pushed->exchange() > newest);
    newest = pushed->exchange();
  }
  CHECK(pushes >= 2);
  const auto outbox = alpha.view().scan(store::prefix(store::RecordKind::outbox));
  CHECK(std::distance(outbox.begin(), outbox.end()) == 1);
}

TEST_CASE("when an operator asks while it waits then it is refused, one request at a time") {
  GatewayBench bench(bravo_configuration());
  bench.feed(engine::PeerUp{{7}, "sip:alpha.example", false});
  const Bytes hello = wire::build_hello("sip:alpha.example", {77});
  bench.feed(engine::BytesIn{{7}, hello});
  REQUIRE(bench.gateway.links_up() == 1);
  request(bench, 1, wire::build_group_fetch_request(group_id, {}));
  CHECK(sent_to(bench, 1) == 0);
  request(bench, 1, wire::build_status_request());
  CHECK(sent_to(bench, 1) == 1);
  bench.pass(limits::operation_ms);
  CHECK(sent_to(bench, 1) == 2);
}

TEST_CASE("when our own servers talk then every message is noted with its group and exchange") {
  GatewayBench bench(alpha_configuration());
  GroupConfiguration group = group_of_bravo();
  group.services = Services::of(Service::mcptt);
  request(bench, 2, wire::build_group_import_request(group));
  std::vector<Note> messages;
  std::ranges::copy_if(bench.notes, std::back_inserter(messages),
                       [](const Note& note) { return note.kind == NoteKind::message; });
  REQUIRE(messages.size() == 2);
  CHECK(messages[0].subject == "NotifyGroupConfigurationRequest");
  CHECK(messages[1].subject == "NotifyGroupConfigurationResponse");
  for (const Note& note : messages) {
    CHECK(note.object == group_id);
    CHECK(note.clause_step.empty());
    CHECK(note.number == messages[0].number);
  }
  CHECK(messages[0].number != 0);
}

TEST_CASE("when groups come and go for hours then their identities do not pile up") {
  GatewayBench bench(alpha_configuration());
  GroupConfiguration group = group_of_bravo();
  for (int i = 0; i < 100; ++i) {
    group.group_id = "sip:g" + std::to_string(i) + "@alpha.example";
    group.members = {};
    request(bench, 2, wire::build_group_import_request(group));
    request(bench, 2, wire::build_group_remove_request(group.group_id));
  }
  bench.pass(1'000);
  const auto identities = [&] {
    const auto range = store::View(bench.table).scan(store::prefix(store::RecordKind::identity));
    return std::distance(range.begin(), range.end());
  };
  CHECK(identities() > 100);
  bench.pass(limits::housekeeping_ms);
  CHECK(identities() <= 1);  // the partner's
}
