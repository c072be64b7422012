// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "host-sim/ladder/ladder_svg.h"
#include "host-sim/ladder/ladder_text.h"
#include "tests/unit/host-sim/trace_world.h"

namespace bivouac::sim {
namespace {

using test_world::TracedWorld;

const Services mcptt_only = Services::of(Service::mcptt);

std::size_t count(const std::string& text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++found;
  }
  return found;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string svg_of(const Trace& trace) { return ladder_svg(trace, {"A title", false, 150}); }
std::string text_of(const Trace& trace) { return ladder_text(trace, {"A title", false, 150}); }

/// What is wrong with it as XML; empty when every tag is closed in its turn.
std::string fault_in_xml(const std::string& xml) {
  std::vector<std::string> open;
  std::size_t at = 0;
  while ((at = xml.find('<', at)) != std::string::npos) {
    const std::size_t end = xml.find('>', at);
    if (end == std::string::npos) return "a tag does not end";
    const std::string tag = xml.substr(at + 1, end - at - 1);
    if (has(tag, "<")) return "a tag within a tag: " + tag;
    if (count(tag, "\"") % 2 != 0) return "a quote is open: " + tag;
    const std::string name = tag.substr(0, tag.find_first_of(" /", 1));
    if (tag.starts_with("/")) {
      if (open.empty() || "/" + open.back() != tag) return "nothing that " + tag + " closes";
      open.pop_back();
    } else if (!tag.ends_with("/")) {
      open.push_back(name);
    }
    at = end;
  }
  for (at = xml.find('&'); at != std::string::npos; at = xml.find('&', at + 1)) {
    const std::string entity = xml.substr(at, xml.find(';', at) - at + 1);
    const std::vector<std::string> known{"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
    if (std::ranges::find(known, entity) == known.end()) return "an unknown entity: " + entity;
  }
  return open.empty() ? "" : open.back() + " is not closed";
}

std::size_t longest_line(const std::string& text) {
  std::size_t longest = 0;
  std::size_t columns = 0;
  for (const char byte : text) {
    const bool begins = (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
    if (byte == '\n') {
      longest = std::max(longest, std::exchange(columns, 0));
    } else if (begins) {
      ++columns;
    }
  }
  return longest;
}

std::size_t messages_that_arrived(const Trace& trace) {
  return static_cast<std::size_t>(std::ranges::count_if(trace.events, [](const TraceEvent& event) {
    return event.kind == TraceEvent::Kind::message && !event.keeps_link &&
           event.fate == TraceEvent::Fate::done;
  }));
}

}  // namespace

TEST_CASE("when a group is pushed then the diagram has the actors and steps of the figure") {
  TracedWorld traced({"alpha", "bravo"}, mcptt_only);
  traced.world.run_for({2000});
  traced.import({"bravo"});
  traced.world.run_for({1000});
  const Trace& trace = traced.recorder.trace();
  const std::string svg = svg_of(trace);
  CHECK(fault_in_xml(svg) == "");
  REQUIRE(messages_that_arrived(trace) == 8);
  CHECK(count(svg, "marker-end=") == 8);
  CHECK(count(svg, "url(#head-between)") == 2);
  CHECK(count(svg, "(primary)") == 2);  // the group management server and the MC service server
  CHECK(count(svg, "(partner)") == 2);
  CHECK(count(svg, "Administrator") == 1);
  CHECK(has(svg, ">Clause 10.2.7.2; MC service group fire-1@alpha.example<"));
  for (const std::string_view step :
       {">1. Group", ">2. Modify group configuration<", ">3. Store group configuration<",
        ">4. Notify", ">5. Group"}) {
    CHECK(count(svg, step) == 1);
  }
  for (const std::string_view never : {"<script", "href", "Hello", "Heartbeat", "MCVideo"}) {
    CHECK_FALSE(has(svg, never));
  }
  const std::string text = text_of(trace);
  CHECK(has(text, "[3. Store group configuration: revision 1]"));
  CHECK(count(text, "5. Group configuration provision response") == 1);
  CHECK(longest_line(text) <= 120);
}

TEST_CASE("when a message is lost and the link is cut then both are drawn") {
  TracedWorld traced({"alpha", "bravo"}, mcptt_only);
  traced.world.run_for({2000});
  System& alpha = traced.at("alpha");
  System& bravo = traced.at("bravo");
  traced.world.network().cut_after(alpha, bravo, 100);
  traced.import({"bravo"});
  traced.world.run_for({5000});
  const std::string before = svg_of(traced.recorder.trace());
  CHECK(count(before, "class=\"cross\"") == 4);  // two lines, here and in the legend
  CHECK(has(before, ">Connection ends within a frame<"));
  CHECK_FALSE(has(before, "class=\"hatch\""));
  CHECK(has(text_of(traced.recorder.trace()), "revision 1, lost"));
  traced.world.network().cut(alpha, bravo);
  traced.world.run_for({20'000});
  traced.world.network().heal(alpha, bravo);
  traced.world.run_for({20'000});
  const std::string after = svg_of(traced.recorder.trace());
  CHECK(fault_in_xml(after) == "");
  CHECK(count(after, "class=\"hatch\"") == 2);  // here and in the legend
  CHECK(has(after, ">Link cut<"));
  CHECK(has(after, ">Link healed<"));
  CHECK(has(after, ">+ 20.000 s<"));  // the pause is not drawn to scale
  CHECK(has(text_of(traced.recorder.trace()), "~ Link cut ~"));
}

TEST_CASE("when a partner crashes then its lifelines are dotted and its step is undone") {
  TracedWorld traced({"alpha", "bravo"}, mcptt_only);
  traced.world.run_for({2000});
  System& bravo = traced.at("bravo");
  traced.world.crash_in_commit({bravo.id(), bravo.commits() + 1, false, Down::power_cut, {2000}});
  traced.import({"bravo"});
  traced.world.run_for({40'000});
  const std::string svg = svg_of(traced.recorder.trace());
  CHECK(fault_in_xml(svg) == "");
  CHECK(has(svg, ">bravo: power cut<"));
  CHECK(has(svg, ">bravo: restarted<"));
  CHECK(count(svg, "class=\"dead\"") == 3);    // two lifelines, and the legend
  CHECK(count(svg, "class=\"undone\"") == 3);  // modify, store, and the legend
  CHECK(has(text_of(traced.recorder.trace()), "( bravo: power cut )"));
}

TEST_CASE("when there are many actors then MC service servers share a lifeline") {
  TracedWorld traced({"alpha", "bravo", "charlie", "delta"});
  traced.world.run_for({2000});
  traced.import({"bravo", "charlie"});
  traced.world.run_for({1000});
  const std::string svg = svg_of(traced.recorder.trace());
  CHECK(fault_in_xml(svg) == "");
  CHECK(count(svg, ">server(s)<") == 3);
  CHECK(count(svg, "\u00d73<") == 6);  // a notification and its answer, in each system
  CHECK_FALSE(has(svg, "delta"));      // takes no part
  CHECK(longest_line(text_of(traced.recorder.trace())) <= 120);
}

TEST_CASE("when a group is fetched by one server of many then the diagram says which") {
  TracedWorld traced({"alpha", "bravo"});
  traced.world.run_for({2000});
  traced.import({"alpha"});
  traced.world.run_for({1000});
  traced.fetch("bravo", Service::mcvideo);
  traced.world.run_for({1000});
  const std::string text = text_of(traced.recorder.trace());
  CHECK(has(text, "1. Get group configuration request"));
  CHECK(has(text, " MCVideo "));
  CHECK(count(svg_of(traced.recorder.trace()), ">MCVideo<") == 3);  // asked, asks, is answered
}

TEST_CASE("when a trace is long then the diagram says what it leaves out") {
  TracedWorld traced({"alpha", "bravo"}, mcptt_only);
  traced.world.run_for({2000});
  traced.import({"bravo"});
  traced.world.run_for({1000});
  const std::string svg = ladder_svg(traced.recorder.trace(), {"", false, 5});
  CHECK(has(svg, ">The first 5 of 11 events are shown.<"));
  CHECK(fault_in_xml(svg) == "");
}

TEST_CASE("when a title has signs of XML then they are escaped") {
  TracedWorld traced({"alpha", "bravo"});
  const std::string svg = ladder_svg(traced.recorder.trace(), {"<a> & \"b\"\n", false, 150});
  CHECK(has(svg, "&lt;a&gt; &amp; &quot;b&quot; <"));
  CHECK(fault_in_xml(svg) == "");
}

}  // namespace bivouac::sim
