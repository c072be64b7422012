// SPDX-License-Identifier: Apache-2.0
// The order of group commit, one rule a test: a real gateway, ports that write down what they are
// asked, and a disk that is as slow as the test wants.

#include "core/driver/group_commit.h"

#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "core/base/limits.h"
#include "core/wire/operator_message.h"
#include "tests/support/configurations.h"
#include "tests/support/mc_systems.h"

namespace bivouac::test {
namespace {

using driver::GroupCommit;
using Outcome = GroupCommit::Outcome;

/// One gateway, started; its first commit is done.
class Single final : public driver::Transaction, public driver::Outbox, public driver::Alarm {
 public:
  Single()
      : gateway(std::make_shared<const engine::Configuration>(alpha_configuration())),
        commits(gateway, table, *this, *this, *this) {
    event(engine::Boot{{1, 2}, false, 0});
    while (under_way) finish(Outcome::committed);
    released.clear();
  }

  void event(const engine::Event& event) {
    commits.on_event(now, event);
    commits.flush();
  }
  void ask(ConnectionId connection, const Bytes& frame) {
    const Bytes body(frame.begin() + limits::frame_header_bytes, frame.end());
    event(engine::OperatorRequest{connection, body, nullptr});
  }
  void finish(Outcome outcome) {
    under_way.reset();
    commits.on_committed(outcome);
  }
  std::size_t answers_to(ConnectionId connection) const {
    return static_cast<std::size_t>(
        std::ranges::count(released, connection, &engine::Outgoing::connection));
  }

  void commit(Bytes batch) override {
    REQUIRE_FALSE(under_way.has_value());  // one at a time
    REQUIRE_FALSE(batch.empty());
    under_way = std::move(batch);
  }
  void release(const engine::Outgoing& outgoing) override { released.push_back(outgoing); }
  void note(const Note&) override {}
  void arm(MonoMs) override {}
  void stop() override { ++stops; }

  Now now{{1000}, {1'760'000'000'000}};
  store::Table table;
  std::optional<Bytes> under_way;
  std::vector<engine::Outgoing> released;
  int stops = 0;
  node::Gateway gateway;
  GroupCommit commits;
};

const ConnectionId first{100};
const ConnectionId second{101};
const ConnectionId third{102};

Bytes import_frame(std::string_view group_id, std::size_t members = 3) {
  return wire::build_group_import_request(sample_configuration(members, group_id));
}

}  // namespace

TEST_CASE("when a change is being made durable then its answer waits for it") {
  Single single;
  single.ask(first, import_frame("sip:fire-1@alpha.example"));
  CHECK(single.under_way.has_value());
  CHECK(single.answers_to(first) == 0);
  single.finish(Outcome::committed);
  CHECK(single.answers_to(first) == 1);
}

TEST_CASE("when nothing is being made durable then a read is answered at once") {
  Single single;
  single.ask(first, wire::build_status_request());
  CHECK_FALSE(single.under_way.has_value());
  CHECK(single.answers_to(first) == 1);
}

TEST_CASE(
    "when a read follows a change that is not durable then its answer waits for that change") {
  Single single;
  single.ask(first, import_frame("sip:fire-1@alpha.example"));
  single.ask(second, wire::build_group_show_request("sip:fire-1@alpha.example"));
  CHECK(single.answers_to(second) == 0);
  single.finish(Outcome::committed);
  CHECK(single.answers_to(second) == 1);
}

TEST_CASE("when changes come while one is made durable then they share the next commit") {
  Single single;
  single.ask(first, import_frame("sip:fire-1@alpha.example"));
  single.ask(second, import_frame("sip:fire-2@alpha.example"));
  single.ask(third, import_frame("sip:fire-3@alpha.example"));
  single.finish(Outcome::committed);
  CHECK(single.answers_to(first) == 1);
  CHECK(single.answers_to(second) == 0);
  REQUIRE(single.under_way.has_value());
  single.finish(Outcome::committed);
  CHECK(single.answers_to(second) == 1);
  CHECK(single.answers_to(third) == 1);
}

TEST_CASE("when a read follows a change that is only staged then it waits for the later commit") {
  Single single;
  single.ask(first, import_frame("sip:fire-1@alpha.example"));
  single.ask(second, import_frame("sip:fire-2@alpha.example"));
  single.ask(third, wire::build_group_show_request("sip:fire-2@alpha.example"));
  single.finish(Outcome::committed);
  CHECK(single.answers_to(third) == 0);
  single.finish(Outcome::committed);
  CHECK(single.answers_to(third) == 1);
}

TEST_CASE("when a commit fails then nothing staged ever leaves and the process is ended") {
  Single single;
  single.ask(first, import_frame("sip:fire-1@alpha.example"));
  single.ask(second, import_frame("sip:fire-2@alpha.example"));
  single.ask(third, wire::build_status_request());
  single.finish(Outcome::failed);
  CHECK(single.stops == 1);
  CHECK(single.released.empty());
  single.ask(third, wire::build_status_request());
  single.now.mono.ms += 60'000;
  single.event(engine::Tick{});
  single.commits.flush();
  CHECK(single.released.empty());
  CHECK_FALSE(single.under_way.has_value());
}

TEST_CASE("when too much waits for the disk then no more input is taken until it is durable") {
  Single single;
  single.ask(first, import_frame("sip:fire-1@alpha.example", 1'500));
  single.finish(Outcome::committed);
  single.ask(first, import_frame("sip:fire-2@alpha.example"));
  REQUIRE(single.under_way.has_value());
  CHECK(single.commits.may_accept());
  for (int i = 0; i < 200 && single.commits.may_accept(); ++i) {
    single.ask(second, wire::build_group_show_request("sip:fire-1@alpha.example"));
  }
  CHECK_FALSE(single.commits.may_accept());
  CHECK_FALSE(single.commits.is_idle());
  while (single.under_way) single.finish(Outcome::committed);
  CHECK(single.commits.may_accept());
  CHECK(single.commits.is_idle());
}

TEST_CASE("when the disk is slow then heartbeats go on and the link stays up") {
  McSystems world;
  McSystem& alpha = world.add(alpha_configuration());
  McSystem& bravo = world.add(bravo_configuration());
  alpha.start();
  bravo.start();
  world.pass(DurationMs{2'000});
  REQUIRE(bravo.gateway().links_up() == 1);
  alpha.hold_commits = true;
  const Bytes frame = import_frame("sip:fire-1@alpha.example");
  const Bytes body(frame.begin() + limits::frame_header_bytes, frame.end());
  alpha.event(engine::OperatorRequest{first, body, nullptr});
  REQUIRE(alpha.commit_under_way());
  world.pass(DurationMs{4 * limits::peer_dead_ms});
  CHECK(alpha.gateway().links_up() == 1);
  CHECK(bravo.gateway().links_up() == 1);
  CHECK(alpha.commit_under_way());
}

TEST_CASE("when a reload touches everything behind a slow disk then its work waits for the disk") {
  engine::Configuration b = bravo_configuration();
  McSystems world;
  McSystem& alpha = world.add(alpha_configuration());
  McSystem& bravo = world.add(b);
  alpha.start();
  bravo.start();
  world.pass(DurationMs{2'000});
  constexpr std::size_t groups = 40;
  const auto name = [](std::size_t i) {
    return "sip:fire-" + std::to_string(i) + "@alpha.example";
  };
  for (std::size_t i = 0; i < groups; ++i) {
    alpha.import(sample_configuration(1'500, name(i)));
    REQUIRE(alpha.push(name(i), "sip:bravo.example") == wire::fb::OutcomeKind::done);
  }
  bravo.hold_commits = true;
  const std::size_t batches = bravo.durable.size();
  engine::OverlayPolicy overlay;
  overlay.groups = "*";
  overlay.group_priority = 77;
  b.partners[0].overlays = {overlay};
  bravo.reload(b);
  world.pass(DurationMs{4 * limits::peer_dead_ms});
  CHECK(bravo.gateway().links_up() == 1);  // heartbeats go on
  CHECK(alpha.gateway().links_up() == 1);

  bravo.hold_commits = false;
  world.pass(DurationMs{1'000});
  std::size_t largest = 0;
  std::size_t all = 0;
  for (std::size_t i = batches; i < bravo.durable.size(); ++i) {
    largest = std::max(largest, bravo.durable[i].size());
    all += bravo.durable[i].size();
  }
  CHECK(largest < 6 * limits::batch_bytes_max);
  CHECK(all > 8 * limits::batch_bytes_max);  // it would have been one batch
  for (std::size_t i = 0; i < groups; ++i) {
    REQUIRE(bravo.effective(name(i))->group_priority == 77);
  }
}

}  // namespace bivouac::test
