// SPDX-License-Identifier: Apache-2.0
#include "host-sim/soak/planting.h"

#include <algorithm>
#include <vector>

#include "core/base/nearest.h"
#include "host-sim/scenario/words.h"

namespace bivouac::sim {

std::span<const PlantedBug> planted_bugs() {
  static constexpr PlantedBug all[] = {
      {"message_before_commit", Planted::message_before_commit},
      {"outbox_entry_lost", Planted::outbox_entry_lost},
      {"older_version_accepted", Planted::older_version_accepted},
      {"retried_request_repeated", Planted::retried_request_repeated},
      {"overlay_sent_upstream", Planted::overlay_sent_upstream},
      {"incarnation_ignored", Planted::incarnation_ignored},
      {"subscription_forgotten", Planted::subscription_forgotten},
      {"acknowledged_before_commit", Planted::acknowledged_before_commit},
      {"policy_change_not_told", Planted::policy_change_not_told},
      {"envelope_leaked", Planted::envelope_leaked},
      {"affiliation_not_stored", Planted::affiliation_not_stored},
      {"pending_not_counted", Planted::pending_not_counted},
      {"disabled_group_kept", Planted::disabled_group_kept},
      {"deaffiliation_not_done", Planted::deaffiliation_not_done},
      {"deaffiliating_forgotten", Planted::deaffiliating_forgotten},
      {"log_off_without_leaving", Planted::log_off_without_leaving},
      {"status_update_forgotten", Planted::status_update_forgotten},
      {"difference_ignored", Planted::difference_ignored},
      {"pending_confirmed", Planted::pending_confirmed},
      {"pending_lost_at_restart", Planted::pending_lost_at_restart},
  };
  return all;
}

std::string plant(std::string_view name) {
  const auto bugs = planted_bugs();
  const auto found = std::ranges::find(bugs, name, &PlantedBug::name);
  if (found == bugs.end()) {
    std::vector<std::string_view> names;
    for (const PlantedBug& bug : bugs) names.push_back(bug.name);
    return "no such bug: '" + std::string(name) + "'" + did_you_mean(name, names);
  }
#ifdef BIVOUAC_PLANTED_BUGS
  planted_bug = found->bug;
  return {};
#else
  return "this build has no planted bugs: ./dev soak makes one that has";
#endif
}

}  // namespace bivouac::sim
