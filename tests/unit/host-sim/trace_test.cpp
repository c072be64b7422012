// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "host-sim/trace/transcript.h"
#include "tests/unit/host-sim/trace_world.h"

namespace bivouac::sim {
namespace {

using test_world::TracedWorld;

const Services mcptt_only = Services::of(Service::mcptt);

/// The events of one name, hellos and heartbeats included.
std::vector<TraceEvent> named(const Trace& trace, std::string_view name) {
  std::vector<TraceEvent> found;
  std::ranges::copy_if(trace.events, std::back_inserter(found),
                       [&](const TraceEvent& event) { return event.name == name; });
  return found;
}

/// The lines from this time on.
std::string after(const std::string& transcript, std::string_view time) {
  const std::size_t at = transcript.find("     " + std::string(time));
  return at == std::string::npos ? transcript : transcript.substr(at);
}

}  // namespace

TEST_CASE("when a group is pushed then the transcript tells each step of it") {
  TracedWorld traced({"alpha", "bravo"}, mcptt_only);
  for (const auto& system : traced.world.systems()) {
    traced.world.set_disk(*system, {{2}, {2}});
  }
  traced.world.run_for({2000});
  traced.import({"bravo"});
  traced.world.run_for({1000});
  const std::string expected =
      "     2.000                                 alpha operator > gms      "
      "GroupImportRequest fire-1@alpha.example\n"
      "     2.000                                 alpha gms                 "
      "store group fire-1@alpha.example version 1\n"
      "     2.000                     10.1.2      alpha gms > mcptt         "
      "NotifyGroupConfigurationRequest fire-1@alpha.example\n"
      "     2.000                                 alpha mcptt > gms         "
      "NotifyGroupConfigurationResponse fire-1@alpha.example\n"
      "     2.002                                 alpha gms > operator      "
      "OperationAnswer fire-1@alpha.example done\n"
      "     2.004              2.024  10.2.7.2/1  alpha gms > bravo gms     "
      "GroupConfigurationProvisionRequest fire-1@alpha.example revision 1\n"
      "     2.024                     10.2.7.2/2  bravo gms                 "
      "modify group configuration fire-1@alpha.example\n"
      "     2.024                     10.2.7.2/3  bravo gms                 "
      "store group configuration fire-1@alpha.example revision 1\n"
      "     2.024                     10.2.7.2/4  bravo gms > mcptt         "
      "NotifyGroupConfigurationRequest fire-1@alpha.example\n"
      "     2.024                                 bravo mcptt > gms         "
      "NotifyGroupConfigurationResponse fire-1@alpha.example\n"
      "     2.026              2.046  10.2.7.2/5  bravo gms > alpha gms     "
      "GroupConfigurationProvisionResponse fire-1@alpha.example success\n";
  CHECK(after(transcript(traced.recorder.trace()), "2.000") == expected);
  CHECK(traced.recorder.trace().systems[0].is_primary);
  CHECK_FALSE(traced.recorder.trace().systems[0].is_partner);
  CHECK(traced.recorder.trace().systems[1].is_partner);
}

TEST_CASE("when a group is fetched then each MC service server has its own messages") {
  TracedWorld traced({"alpha", "bravo"});
  traced.world.run_for({2000});
  traced.import({"alpha"});
  traced.world.run_for({1000});
  traced.fetch("bravo", Service::mcvideo);
  traced.world.run_for({1000});
  const Trace& trace = traced.recorder.trace();
  const auto asked = named(trace, "GetGroupConfigurationRequest");
  REQUIRE(asked.size() == 1);
  CHECK(asked[0].clause_step == "10.2.7.3/1");
  CHECK(asked[0].from == Actor{1, Entity::mcvideo_server});
  const auto answered = named(trace, "GetGroupConfigurationResponse");
  REQUIRE(answered.size() == 1);
  CHECK(answered[0].clause_step == "10.2.7.3/6");
  CHECK(answered[0].to == Actor{1, Entity::mcvideo_server});
  std::vector<Actor> notified;
  for (const TraceEvent& event : named(trace, "NotifyGroupConfigurationRequest")) {
    if (event.from.system == 1) notified.push_back(*event.to);
  }
  CHECK(notified == std::vector<Actor>{{1, Entity::mcptt_server},
                                       {1, Entity::mcvideo_server},
                                       {1, Entity::mcdata_server}});
  REQUIRE(named(trace, "GroupConfigurationRequest").size() == 1);
  CHECK(named(trace, "GroupConfigurationRequest")[0].clause_step == "10.2.7.3/2");
  CHECK(named(trace, "GroupConfigurationResponse")[0].clause_step == "10.2.7.3/3");
}

TEST_CASE("when a connection ends within a frame then the message is lost and sent again") {
  TracedWorld traced({"alpha", "bravo"}, mcptt_only);
  traced.world.run_for({2000});
  traced.world.network().cut_after(traced.at("alpha"), traced.at("bravo"), 100);
  traced.import({"bravo"});
  traced.world.run_for({5000});
  const auto sent = named(traced.recorder.trace(), "GroupConfigurationProvisionRequest");
  REQUIRE(sent.size() == 2);
  CHECK(sent[0].fate == TraceEvent::Fate::lost);
  CHECK(sent[0].clause_step == "10.2.7.2/1");
  CHECK(sent[1].fate == TraceEvent::Fate::done);
  CHECK(transcript(traced.recorder.trace()).find("lost ") != std::string::npos);
  CHECK(transcript(traced.recorder.trace())
            .find("alpha > bravo             connection ends within a frame") != std::string::npos);
}

TEST_CASE("when a system crashes before its commit is durable then what it stored is undone") {
  TracedWorld traced({"alpha", "bravo"}, mcptt_only);
  traced.world.run_for({2000});
  System& bravo = traced.at("bravo");
  traced.world.crash_in_commit({bravo.id(), bravo.commits() + 1, false, Down::power_cut, {2000}});
  traced.import({"bravo"});
  traced.world.run_for({40'000});
  std::vector<TraceEvent::Fate> fates;
  for (const TraceEvent& event : named(traced.recorder.trace(), "store group configuration")) {
    fates.push_back(event.fate);
  }
  CHECK(fates == std::vector{TraceEvent::Fate::lost, TraceEvent::Fate::done});
  CHECK(named(traced.recorder.trace(), "power cut").size() == 1);
  CHECK(named(traced.recorder.trace(), "restarted").size() == 1);
}

TEST_CASE("when an operator asks a system that is down then the request is lost") {
  TracedWorld traced({"alpha", "bravo"});
  traced.world.crash(traced.at("alpha"), Down::killed, false);
  traced.push();
  const auto asked = named(traced.recorder.trace(), "GroupPushRequest");
  REQUIRE(asked.size() == 1);
  CHECK(asked[0].fate == TraceEvent::Fate::lost);
}

TEST_CASE("when there is no room for more events then the transcript says how many are left out") {
  TracedWorld traced({"alpha", "bravo"});
  TraceRecorder small(traced.world, 3);
  traced.world.observe(small);
  traced.world.run_for({5000});
  CHECK(small.trace().events.size() == 3);
  REQUIRE(small.trace().left_out > 0);
  CHECK(transcript(small.trace())
            .ends_with("and " + std::to_string(small.trace().left_out) + " events more\n"));
}

TEST_CASE("when two systems begin with the same word then their names tell them apart") {
  TracedWorld traced({"alpha.north", "alpha.south", "bravo"});
  traced.world.run_for({10});
  const auto& systems = traced.recorder.trace().systems;
  REQUIRE(systems.size() == 3);
  CHECK(systems[0].name == "alpha.north.example");
  CHECK(systems[1].name == "alpha.south.example");
  CHECK(systems[2].name == "bravo");
}

}  // namespace bivouac::sim
