// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/engine/random.h"
#include "host-sim/soak/swarm.h"

namespace bivouac::sim {

inline constexpr std::int64_t start_ms = 100;
/// One seed in so many has proxies. They are drawn apart: what other seeds draw stays.
inline constexpr std::uint64_t proxies_every = 4;

/// Draws the declarations and the work of one scenario.
class Drawer {
 public:
  explicit Drawer(std::uint64_t seed)
      : random_(seed),
        proxies_(~seed),
        users_random_(~seed + 5),
        keys_random_(~seed + 7),
        affiliations_(~seed + 11),
        outages_(~seed + 13),
        stays_(~seed + 17),
        has_proxies_(seed % proxies_every == 3),
        subscriptions_(~seed ^ 1U) {}
  Drawn draw(std::uint64_t seed);

 private:
  bool one_in(std::int64_t count) { return random_.below(count) == 0; }
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + random_.below(high - low + 1);
  }
  template <class List>
  const auto& any(const List& list) {
    return list[static_cast<std::size_t>(random_.below(static_cast<std::int64_t>(list.size())))];
  }
  Statement& declare(Verb verb, const std::string& system, const std::string& other = {});
  Statement& work(std::int64_t at_ms, Verb verb, const std::string& system);

  void draw_systems();
  void draw_link(const std::string& dialling, const std::string& dialled, bool both);
  void draw_rules(const std::string& system, const std::string& other);
  void draw_groups();
  void draw_users();
  void draw_wish(std::int64_t at_ms);
  void draw_request(std::int64_t at_ms);
  void draw_reload(std::int64_t at_ms);
  std::string some_members();
  std::string some_services();
  std::vector<Setting> some_group_settings();
  std::vector<Setting> some_policy_settings();
  std::vector<Setting> some_overlay_settings();

  void draw_subscriptions(std::int64_t active_ms);
  void draw_keys();
  void draw_key_work(std::int64_t at_ms);
  Setting some_right_to_subscribe();
  void draw_halls();
  void draw_affiliations(std::int64_t active_ms);
  void draw_affiliation_wish(std::int64_t at_ms);
  std::int64_t draw_long_outage(std::int64_t from_ms);
  void draw_affiliation_rule(std::int64_t at_ms);
  std::string some_groups(std::int64_t count_max);
  std::vector<Setting> some_hall_settings();
  std::vector<Setting> some_profile_settings();

  engine::Random random_;
  engine::Random proxies_;
  engine::Random users_random_;  // of its own: what else is drawn does not hang on it
  engine::Random keys_random_;   // and of these
  engine::Random affiliations_;  // and of these
  engine::Random outages_;       // and of these
  engine::Random stays_;         // and who has to stay in a group
  bool has_proxies_;
  engine::Random subscriptions_;  // apart: what else a seed draws does not depend on them
  Drawn drawn_;
  std::vector<std::string> systems_;
  std::vector<std::pair<std::string, std::string>> links_;   // partners, maybe through proxies
  std::vector<std::string> boxes_;                           // systems, and proxies between them
  std::vector<std::pair<std::string, std::string>> lines_;   // with a link of their own
  std::vector<std::pair<std::string, std::string>> groups_;  // name, home
  std::vector<std::pair<std::string, std::string>> users_;   // name, system
  std::vector<std::string> clients_;
  std::vector<std::pair<std::string, std::string>> halls_;  // groups that change seldom, and homes
};

}  // namespace bivouac::sim
