// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/wire/operator_message.h"
#include "host-sim/trace/trace_recorder.h"
#include "host-sim/world/world.h"
#include "tests/support/configurations.h"

// A small world whose trace is recorded: systems that are all each other's partners.

namespace bivouac::sim::test_world {

struct TracedWorld {
  explicit TracedWorld(const std::vector<std::string>& names, Services services = Services::all(),
                       std::uint64_t seed = 1)
      : world(seed), recorder(world) {
    world.observe(recorder);
    for (std::size_t i = 0; i < names.size(); ++i) world.add(configuration(names, i, services));
    for (const auto& system : world.systems()) world.start(*system);
  }

  static std::string id(std::string_view name) { return "sip:" + std::string(name) + ".example"; }
  static std::string anyone_of(std::string_view name) {
    return "sip:*@" + std::string(name) + ".example";
  }

  static engine::Configuration configuration(const std::vector<std::string>& names,
                                             std::size_t self, Services services) {
    engine::Configuration result;
    result.system_id = id(names[self]);
    result.services = services;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (i == self) continue;
      engine::Partner partner;
      partner.system_id = id(names[i]);
      if (self > i) partner.addresses = {"127.0.0.1:1"};
      partner.users = partner.groups = {anyone_of(names[i])};
      partner.rights = {{anyone_of(names[i])}, {"*"}, {"*"}, {}};
      result.partners.push_back(std::move(partner));
    }
    return result;
  }

  System& at(std::string_view name) { return world.at(id(name)); }

  /// A group of alpha with members of these systems.
  void import(const std::vector<std::string>& members_of) {
    GroupConfiguration group = test::sample_configuration(0);
    for (const std::string& name : members_of) {
      const auto more = test::sample_members(2, name + ".example");
      group.members.insert(group.members.end(), more.begin(), more.end());
    }
    test::sort_members(group);
    ask("alpha", wire::build_group_import_request(group));
  }
  void push() { ask("alpha", wire::build_group_push_request(group_id, "")); }
  void fetch(std::string_view system, Service service) {
    ask(system, wire::build_group_fetch_request(group_id, Services::of(service)));
  }
  void ask(std::string_view system, const Bytes& frame) { world.request(at(system), frame); }

  static constexpr std::string_view group_id = "sip:fire-1@alpha.example";
  World world;
  TraceRecorder recorder;
};

}  // namespace bivouac::sim::test_world
