// SPDX-License-Identifier: Apache-2.0
// 10.2.7.2 under bad luck: what the partner must learn is not lost, and one refused push does not
// stop the others.

#include <catch2/catch_test_macros.hpp>

#include "tests/support/configurations.h"
#include "tests/support/raw_peer.h"

using namespace bivouac;
using namespace bivouac::test;
using wire::fb::Body;
using wire::fb::OutcomeKind;

namespace {

const std::string group_id = "sip:fire-1@alpha.example";

GroupConfiguration group_of_bravo(std::string_view id = group_id, std::string_view title = "1") {
  GroupConfiguration group = sample_configuration(0, id);
  group.display_name = title;
  group.members = sample_members(1, "bravo.example");
  return group;
}

struct Bench {
  McSystems world;
  McSystem& alpha = world.add(alpha_configuration());
  Bench() {
    alpha.start();
    world.settle();
  }
};

}  // namespace

TEST_CASE("when a pull raises the revision while a push is open then the push is a new exchange") {
  Bench bench;
  auto bravo = std::make_unique<RawPeer>(bench.world, bench.alpha, "sip:bravo.example");
  begin(bench.alpha, wire::build_group_import_request(group_of_bravo()));
  bench.world.settle();
  const auto* pushed = bravo->next(Body::GroupConfigurationProvisionRequest);
  REQUIRE(pushed != nullptr);
  const std::uint64_t first = pushed->exchange();

  // The change and the pull come before the change is compared with what the partner was told.
  bench.alpha.hold_commits = true;
  begin(bench.alpha, wire::build_group_import_request(group_of_bravo(group_id, "2")));
  bravo->send(wire::build_group_configuration_request(bravo->ask(1), group_id, {}, {1}));
  bench.alpha.hold_commits = false;
  bench.world.settle();
  bravo.reset();  // the answer is lost with its link

  RawPeer again(bench.world, bench.alpha, "sip:bravo.example");
  const auto* retried = again.next(Body::GroupConfigurationProvisionRequest);
  REQUIRE(retried != nullptr);
  CHECK(retried->exchange() != first);
  const auto* body = retried->body_as_GroupConfigurationProvisionRequest();
  CHECK(body->configuration()->display_name()->string_view() == "2");
  CHECK(body->exposed_revision() == 2);
}

TEST_CASE("when a partner was removed and comes back then its revisions go on") {
  Bench bench;
  McSystem& bravo = bench.world.add(bravo_configuration());
  bravo.start();
  bench.world.pass(DurationMs{2'000});
  for (const char* title : {"1", "2", "3"}) {
    bench.alpha.import(group_of_bravo(group_id, title));
    bench.world.pass(DurationMs{100});
  }
  REQUIRE(bravo.effective(group_id)->display_name == "3");
  engine::Configuration alone = alpha_configuration();
  alone.partners.clear();
  bench.alpha.reload(alone);
  bench.world.pass(DurationMs{1'000});
  CHECK(bench.alpha.view().scan(store::prefix(store::RecordKind::exposure)).empty());
  bench.alpha.import(group_of_bravo(group_id, "4"));
  bench.alpha.reload(alpha_configuration());
  bench.world.pass(DurationMs{40'000});
  CHECK(bravo.effective(group_id)->display_name == "4");
  CHECK(bench.alpha.refusals(Cause::revision_stale) == 0);
}

TEST_CASE("when a removed partner had a tombstone to come then nothing of it is left") {
  Bench bench;
  auto bravo = std::make_unique<RawPeer>(bench.world, bench.alpha, "sip:bravo.example");
  bench.alpha.import(group_of_bravo());
  bench.alpha.remove(group_id);
  bench.world.settle();
  engine::Configuration alone = alpha_configuration();
  alone.partners.clear();
  bench.alpha.reload(alone);
  bench.world.pass(DurationMs{1'000});
  CHECK(bench.alpha.view().scan(store::prefix(store::RecordKind::exposure)).empty());
  CHECK(bench.alpha.view().scan(store::prefix(store::RecordKind::outbox)).empty());
}

TEST_CASE("when one push stays refused then the window of answers does not fill behind it") {
  engine::Configuration b = bravo_configuration();
  b.partners[0].rights.provide = {"sip:fire-*"};
  McSystems world;
  McSystem& alpha = world.add(alpha_configuration());
  McSystem& bravo = world.add(b);
  alpha.start();
  bravo.start();
  world.pass(DurationMs{2'000});
  alpha.import(group_of_bravo("sip:police-1@alpha.example"));
  for (std::size_t i = 0; i < limits::exchanges_per_peer_max + 20; ++i) {
    alpha.import(group_of_bravo(group_id, "change " + std::to_string(i)));
  }
  world.pass(DurationMs{1'000});
  CHECK(bravo.refusals(Cause::overloaded) == 0);
  CHECK(bravo.effective(group_id)->display_name ==
        "change " + std::to_string(limits::exchanges_per_peer_max + 19));
}

TEST_CASE("when pushes are refused one after another then the first is tried again in its time") {
  Bench bench;
  RawPeer bravo(bench.world, bench.alpha, "sip:bravo.example");
  const auto refuse_next = [&](Cause cause) {
    const auto* pushed = bravo.next(Body::GroupConfigurationProvisionRequest);
    REQUIRE(pushed != nullptr);
    const auto* body = pushed->body_as_GroupConfigurationProvisionRequest();
    bravo.send(wire::build_group_configuration_provision_response(
        bravo.answer(pushed->exchange(), {pushed->origin_incarnation()}),
        body->group_id()->string_view(), cause));
  };
  bench.alpha.import(group_of_bravo());
  refuse_next(Cause::storage_full);
  bench.world.pass(DurationMs{5'000});
  bravo.send(wire::build_heartbeat(0, 0));
  bench.alpha.import(group_of_bravo("sip:fire-2@alpha.example"));
  refuse_next(Cause::not_authorised);
  bench.world.pass(DurationMs{limits::push_again_passing_ms - 4'000});
  CHECK(bravo.count(Body::GroupConfigurationProvisionRequest) == 2);
}

TEST_CASE("when the outbox of a salvaged store refers to nothing then the node still starts") {
  Bench bench;
  std::vector<store::Mutation> lost;
  for (int i = 0; i < 400; ++i) {
    bench.alpha.import(group_of_bravo("sip:g" + std::to_string(i) + "@alpha.example"));
  }
  bench.world.pass(DurationMs{1'000});
  store::Batch batch;
  for (const auto& [key, value] :
       bench.alpha.view().scan(store::prefix(store::RecordKind::exposure)))
    batch.add({key, {}, true});
  bench.alpha.crash();
  bench.alpha.durable.push_back(batch.take());
  bench.alpha.start();
  bench.world.pass(DurationMs{1'000});
  RawPeer bravo(bench.world, bench.alpha, "sip:bravo.example");
  CHECK(bravo.is_open());
  CHECK(bench.alpha.gateway().links_up() == 1);
}

TEST_CASE("when more partners are removed than one slice takes then all of them are forgotten") {
  engine::Configuration many;
  many.system_id = "sip:alpha.example";
  for (int i = 0; i < 40; ++i) {
    engine::Partner partner;
    partner.system_id = "sip:p" + std::to_string(10 + i) + ".example";
    partner.users = {"sip:*@bravo.example"};
    partner.rights.receive = {"*"};
    many.partners.push_back(partner);
  }
  McSystems world;
  McSystem& alpha = world.add(many);
  alpha.start();
  alpha.import(group_of_bravo());
  world.pass(DurationMs{1'000});
  many.partners.clear();
  alpha.reload(many);
  world.pass(DurationMs{1'000});
  CHECK(alpha.view().scan(store::prefix(store::RecordKind::exposure)).empty());
  CHECK(alpha.view().scan(store::prefix(store::RecordKind::outbox)).empty());
}

TEST_CASE("when a partner lost the right to ask as well then what it pulled is withdrawn") {
  engine::Configuration a = alpha_configuration();
  a.partners[0].rights.receive.clear();
  McSystems world;
  McSystem& alpha = world.add(a);
  McSystem& bravo = world.add(bravo_configuration());
  alpha.start();
  bravo.start();
  world.pass(DurationMs{2'000});
  alpha.import(sample_configuration(2, group_id));
  REQUIRE(bravo.fetch(group_id) == OutcomeKind::done);
  alpha.reload(a);
  world.pass(DurationMs{1'000});
  REQUIRE(bravo.effective(group_id).has_value());
  a.partners[0].rights.request.clear();
  alpha.reload(a);
  world.pass(DurationMs{1'000});
  CHECK_FALSE(bravo.effective(group_id).has_value());
}

TEST_CASE("when a push was not answered for a lifetime then it is sent on as a new exchange") {
  Bench bench;
  RawPeer bravo(bench.world, bench.alpha, "sip:bravo.example");
  bench.alpha.import(group_of_bravo());
  const auto* pushed = bravo.next(Body::GroupConfigurationProvisionRequest);
  REQUIRE(pushed != nullptr);
  const std::uint64_t first = pushed->exchange();
  const MonoMs begun = bench.world.now.mono;
  std::size_t tries = 1;
  while (pushed == nullptr || pushed->exchange() == first) {
    REQUIRE(bench.world.now.mono < begun + DurationMs{2 * limits::exchange_lifetime_ms});
    bench.world.pass(DurationMs{limits::exchange_ms});
    bravo.send(wire::build_heartbeat(0, 0));  // it is alive, and does not answer
    pushed = bravo.next(Body::GroupConfigurationProvisionRequest);
    tries += pushed == nullptr ? 0U : 1U;
  }
  CHECK(tries == limits::exchange_lifetime_ms / limits::exchange_ms + 1);
  CHECK(pushed->answered_up_to() >= first);
  CHECK(pushed->body_as_GroupConfigurationProvisionRequest()->exposed_revision() == 1);
  const auto outbox = bench.alpha.view().scan(store::prefix(store::RecordKind::outbox));
  CHECK(std::distance(outbox.begin(), outbox.end()) == 1);

  bravo.send(wire::build_group_configuration_provision_response(
      bravo.answer(pushed->exchange(), {pushed->origin_incarnation()}), group_id, Cause::none));
  CHECK(bench.alpha.view().scan(store::prefix(store::RecordKind::outbox)).empty());
}
