// SPDX-License-Identifier: Apache-2.0
// Subscriptions by the hundred, in the simulator: what one change costs a home with hundreds of
// subscribers, and what an outage costs a gateway with hundreds of groups.
#include <cstdio>

#include <catch2/catch_test_macros.hpp>

#include "core/store/record.h"
#include "core/wire/configuration_codec.h"
#include "core/wire/operator_message.h"
#include "host-sim/checkers/records.h"
#include "host-sim/world/world.h"
#include "tests/support/configurations.h"

namespace bivouac::sim {
namespace {

constexpr std::size_t gateways = 1'000;
const std::string alpha_id = "sip:alpha.example";
const std::string group_id = "sip:fire-1@alpha.example";

std::string gateway_id(std::size_t index) {
  return "sip:g" + std::to_string(1'000 + index) + ".example";
}

engine::Partner partner_of(const std::string& id) {
  const std::string domain = id.substr(4);
  engine::Partner partner;
  partner.system_id = id;
  partner.users = partner.groups = {"sip:*@" + domain};
  partner.rights.request = partner.rights.subscribe = {"*"};
  return partner;
}

engine::Configuration home_of(std::size_t partners) {
  engine::Configuration home;
  home.system_id = alpha_id;
  home.services = Services::of(Service::mcptt);
  for (std::size_t i = 0; i < partners; ++i) home.partners.push_back(partner_of(gateway_id(i)));
  return home;
}

engine::Configuration gateway(std::size_t index) {
  engine::Configuration result;
  result.system_id = gateway_id(index);
  result.services = Services::of(Service::mcptt);
  engine::Partner alpha = partner_of(alpha_id);
  alpha.addresses = {"127.0.0.1:1"};
  alpha.subscribe_to = {"*"};
  result.partners = {alpha};
  return result;
}

GroupConfiguration group_of(std::size_t members, std::string_view id, std::string title) {
  GroupConfiguration group = test::sample_configuration(members, id);
  group.display_name = std::move(title);
  return group;
}

std::size_t count(const System& system, store::RecordKind kind) {
  const auto records = system.view().scan(store::prefix(kind));
  return static_cast<std::size_t>(std::distance(records.begin(), records.end()));
}

/// Every byte of every frame that arrives, and how many pushes of configurations are among them.
class Meter final : public Observer {
 public:
  void on_arrived(const Flight& flight) override {
    bytes += flight.frame->size();
    const auto told = told_in(envelope_in(flight));
    if (told && told->configuration != nullptr) ++notifications;
  }
  std::size_t bytes = 0;
  std::size_t notifications = 0;
};

}  // namespace

TEST_CASE(
    "when a group with hundreds of subscribers changes then each is notified, and others served",
    "[10.2.7.5]") {
  World world(7);
  System& alpha = world.add(home_of(gateways));
  for (std::size_t i = 0; i < gateways; ++i) world.add(gateway(i));
  for (const auto& system : world.systems()) world.start(*system);
  world.run_for({5'000});
  REQUIRE(alpha.gateway().links_up() == gateways);
  world.request(alpha, wire::build_group_import_request(group_of(100, group_id, "first")));
  world.run_for({100});
  for (std::size_t i = 0; i < gateways; ++i) {
    world.request(world.at(gateway_id(i)), wire::build_group_subscribe_request(group_id, 0));
  }
  world.run_for({5'000});
  REQUIRE(count(alpha, store::RecordKind::subscription) == gateways);

  world.request(alpha, wire::build_group_import_request(group_of(100, group_id, "second")));
  world.run_for({10});
  const RequestId other = world.request(alpha, wire::build_group_list_request());
  world.run_until_answered(other, {1'000});
  CHECK(world.answer(other) != nullptr);  // while the change is on its way
  CHECK(count(alpha, store::RecordKind::outbox) > 0);
  world.run_for({5'000});
  CHECK(count(alpha, store::RecordKind::outbox) == 0);
  CHECK(count(alpha, store::RecordKind::fan_out) == 0);
  std::size_t told = 0;
  for (std::size_t i = 0; i < gateways; ++i) {
    const auto stored = find_group(world.at(gateway_id(i)).view(), group_id);
    told += stored && stored->original.display_name == "second" ? 1U : 0U;
  }
  CHECK(told == gateways);

  std::size_t record_bytes = 0;
  for (const auto& [key, value] : alpha.view().scan(store::prefix(store::RecordKind::subscription)))
    record_bytes += sizeof(key) + value.size();
  std::size_t exposure_bytes = 0;
  for (const auto& [key, value] : alpha.view().scan(store::prefix(store::RecordKind::exposure)))
    exposure_bytes += sizeof(key) + value.size();
  std::printf("a subscription: record %zu bytes, its exposure %zu bytes\n", record_bytes / gateways,
              exposure_bytes / gateways);
}

TEST_CASE("when 10 of 256 groups changed in an outage then the link carries little more than them",
          "[10.2.7.4][10.2.7.5]") {
  constexpr std::size_t groups = 256;
  constexpr std::size_t changed = 10;
  World world(9);
  Meter meter;
  world.observe(meter);
  System& alpha = world.add(home_of(1));
  System& bravo = world.add(gateway(0));
  world.start(alpha);
  world.start(bravo);
  world.run_for({3'000});
  const auto id_of = [](std::size_t i) {
    return "sip:g" + std::to_string(100 + i) + "@alpha.example";
  };
  for (std::size_t i = 0; i < groups; ++i) {
    world.request(alpha, wire::build_group_import_request(group_of(100, id_of(i), "before")));
    world.run_for({100});
    world.request(bravo, wire::build_group_fetch_request(id_of(i), {}));
    world.run_for({300});
  }
  REQUIRE(count(alpha, store::RecordKind::subscription) == groups);
  world.network().cut(alpha, bravo);
  std::size_t configuration_bytes = 0;
  for (std::size_t i = 0; i < changed; ++i) {
    const auto group = group_of(100, id_of(i * 25), "changed");
    configuration_bytes += wire::encode(group).size();
    world.request(alpha, wire::build_group_import_request(group));
    world.run_for({1'000});
  }
  meter.bytes = 0;
  meter.notifications = 0;
  world.network().heal(alpha, bravo);
  world.run_for({40'000});
  for (std::size_t i = 0; i < changed; ++i) {
    const auto stored = find_group(bravo.view(), id_of(i * 25));
    REQUIRE(stored.has_value());
    CHECK(stored->original.display_name == "changed");
  }
  CHECK(meter.notifications == changed);
  std::printf("an outage: %zu bytes on the link for %zu bytes of changed configurations\n",
              meter.bytes, configuration_bytes);
  CHECK(meter.bytes <= 2 * configuration_bytes);
}

}  // namespace bivouac::sim
