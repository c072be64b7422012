// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>

#include "core/engine/configuration.h"
#include "tests/support/configurations.h"

// What the input of fuzz_step is made into.

namespace bivouac::test {

inline const std::string own_id = "sip:bravo.example";
/// A home that may do everything, a partner that may do nothing, a stranger.
inline const std::string systems[] = {"sip:alpha.example", "sip:charlie.example",
                                      "sip:mallory.example"};

/// Behind alpha, in some configurations.
inline const std::string far_id = "sip:delta.example";
/// Ours, once an operator has said so.
inline const std::string user_id = "sip:ben@bravo.example";

/// The bytes of the input, one after the other; zeros behind its end.
class Script {
 public:
  Script(const std::uint8_t* data, std::size_t size) : rest_(data, size) {}
  bool ended() const { return rest_.empty(); }
  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const std::uint8_t first = rest_.front();
    rest_ = rest_.subspan(1);
    return first;
  }
  std::uint8_t below(std::uint8_t bound) { return static_cast<std::uint8_t>(byte() % bound); }
  ByteView take(std::size_t count) {
    const ByteView taken = rest_.first(std::min(count, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }

 private:
  ByteView rest_;
};

inline engine::Configuration configuration(std::uint8_t variant) {
  engine::Configuration c;
  c.system_id = own_id;
  engine::Partner alpha;
  alpha.system_id = systems[0];
  alpha.addresses = {"127.0.0.1:1"};
  alpha.users = {"sip:*@alpha.example"};
  alpha.groups = {"sip:*@alpha.example"};
  alpha.rights = {{"*"}, {"*"}, {"*"}, {}};
  if ((variant & 128U) == 0) alpha.rights.affiliate = {"*"};
  if ((variant & 1U) != 0) {
    engine::OverlayPolicy overlay;
    overlay.groups = "*";
    overlay.alias = "ours";
    overlay.drop_services = Services::of(Service::mcptt);
    alpha.overlays = {overlay};
  }
  alpha.exposure.hide_members_of_others = (variant & 2U) != 0;
  if ((variant & 4U) != 0) alpha.rights = {};
  if ((variant & 32U) != 0) {
    alpha.rights.subscribe = {"*"};
    alpha.subscribe_to = {"*"};
  }
  engine::Partner charlie;
  charlie.system_id = systems[1];
  charlie.users = {"sip:*@charlie.example"};
  charlie.groups = {"sip:*@charlie.example"};
  if ((variant & 64U) != 0) {  // alpha leads to delta, and may reach charlie through us
    engine::Partner delta;
    delta.system_id = far_id;
    delta.via = alpha.system_id;
    delta.users = {"sip:*@delta.example"};
    delta.groups = {"sip:*@delta.example"};
    delta.rights = {{"*"}, {"*"}, {"*"}, {"*"}};
    alpha.speaks_for = {far_id};
    alpha.rights.forward = {charlie.system_id};
    c.partners.push_back(delta);
  }
  if ((variant & 8U) == 0) c.partners.push_back(alpha);
  if ((variant & 16U) == 0) c.partners.push_back(charlie);
  return c;
}

inline std::string group_name(std::uint8_t number) {
  const char* domain = (number & 4U) != 0 ? "bravo" : "alpha";
  return "sip:g" + std::to_string(number & 3U) + "@" + domain + ".example";
}

inline GroupConfiguration group(Script& script, std::string_view home) {
  GroupConfiguration g = sample_configuration(0, group_name(script.byte()), home);
  const std::uint8_t shape = script.byte();
  g.display_name = std::to_string(shape);
  g.services.bits = static_cast<std::uint8_t>(1 + (shape & 7U) % 7);
  g.members = sample_members((shape >> 3U) & 3U, "alpha.example");
  if ((shape & 32U) != 0) g.members.push_back(sample_members(1, "charlie.example")[0]);
  if ((shape & 128U) != 0) {
    g.members.push_back(sample_members(1, "bravo.example")[0]);
    g.members.back().mc_service_id = user_id;
  }
  if ((shape & 64U) != 0) g.members = sample_members(200, "alpha.example");
  sort_members(g);
  return g;
}

}  // namespace bivouac::test
