// SPDX-License-Identifier: Apache-2.0
// Goal: what was answered is durable, and a crash at any port call of group commit delays but never
// undoes or forgets a provided group configuration.
// Method: a push, a change and a pull between two gateways are repeated with the power of one cut
// at each port call in turn, with the batch that was under way lost, and kept.

#include <catch2/catch_test_macros.hpp>

#include "core/store/record.h"
#include "core/wire/configuration_codec.h"
#include "core/wire/inbound.h"
#include "core/wire/operator_message.h"
#include "tests/support/configurations.h"
#include "tests/support/mc_systems.h"
#include "tests/support/wire_frames.h"
#include "tests/unit/driver/crash_world.h"

namespace bivouac::test {
namespace {

const std::string group_id = "sip:fire-1@alpha.example";

GroupConfiguration shared_group(std::uint8_t priority) {
  GroupConfiguration group = sample_configuration(2, group_id);
  for (const GroupMember& member : sample_members(2, "bravo.example"))
    group.members.push_back(member);
  sort_members(group);
  group.group_priority = priority;
  return group;
}

std::optional<GroupConfiguration> stored(const store::Table& table) {
  for (const auto& [key, value] :
       store::View(table).scan(store::prefix(store::RecordKind::group))) {
    const auto* bytes = store::get<store::fb::Group>(value).configuration();
    const Bytes copy(bytes->begin(), bytes->end());
    auto configuration = wire::decode(copy);
    if (configuration && configuration->group_id == group_id) return *configuration;
  }
  return std::nullopt;
}

/// What has been promised by what left; looked up in what is durable at that very moment.
struct Judge {
  std::uint64_t answers = 0;
  std::uint8_t priority_asked = 0;     // by the operator, last
  std::uint8_t priority_provided = 0;  // in the last provision that left

  void see(CrashNode& node, CrashWorld& world, const Bytes& bytes) {
    const WholeFrame whole(bytes);
    const auto message = wire::verify(whole.frame());
    if (!message) return;  // an operator's answer
    const wire::fb::Envelope& envelope = *message->envelope;
    if (const auto* request = envelope.body_as_GroupConfigurationProvisionRequest()) {
      REQUIRE(stored(world.a().recovered()).has_value());
      if (request->configuration() != nullptr)
        priority_provided = request->configuration()->group_priority();
    }
    if (const auto* response = envelope.body_as_GroupConfigurationProvisionResponse()) {
      if (response->result() != wire::fb::Result::success) return;
      ++answers;
      const auto durable = stored(node.recovered());
      REQUIRE(durable.has_value());
      CHECK(durable->group_priority >= priority_provided);
    }
  }
};

void import(CrashWorld& world, Judge& judge, std::uint8_t priority) {
  judge.priority_asked = priority;
  world.ask(world.a(), wire::build_group_import_request(shared_group(priority)));
  // The answer has left: the change must be there whatever comes.
  const auto durable = stored(world.a().recovered());
  REQUIRE(durable.has_value());
  CHECK(durable->group_priority == priority);
}

void run_script(CrashWorld& world) {
  Judge judge;
  world.on_leaving = [&](CrashNode& node, ConnectionId, const Bytes& bytes) {
    judge.see(node, world, bytes);
  };
  world.a().start();
  world.b().start();
  world.pass({2'000});
  import(world, judge, 1);
  world.pass({3'000});
  import(world, judge, 2);
  world.pass({3'000});
  world.ask(world.b(), wire::build_group_fetch_request(group_id, Services::of(Service::mcptt)));
  world.pass({120'000});
  CHECK(judge.answers >= 2);
  CHECK(stored(world.a().recovered()) == shared_group(2));
  CHECK(stored(world.b().recovered()) == shared_group(2));
  world.on_leaving = nullptr;
}

}  // namespace

TEST_CASE("when a gateway loses power at any port call then nothing that was answered is lost") {
  CrashWorld whole(alpha_configuration(), bravo_configuration());
  run_script(whole);
  const std::uint64_t calls = whole.port_calls;
  REQUIRE(calls > 30);
  for (std::uint64_t crash = 1; crash <= calls; ++crash) {
    for (const bool batch_survives : {false, true}) {
      INFO("power cut at port call " << crash << " of " << calls << ", batch "
                                     << (batch_survives ? "kept" : "lost"));
      CrashWorld world(alpha_configuration(), bravo_configuration());
      world.crash_at = crash;
      world.batch_survives = batch_survives;
      run_script(world);
      CHECK(world.has_crashed);
    }
  }
}

}  // namespace bivouac::test
