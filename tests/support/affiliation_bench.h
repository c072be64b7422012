// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/store/record.h"
#include "tests/support/user_bench.h"

namespace bivouac::test {

inline const std::string fire = "sip:fire@bravo.example";
inline const std::string rescue = "sip:rescue@bravo.example";
inline const std::string medics = "sip:medics@bravo.example";

/// Bravo with three groups of its own, of which ben and bea are members.
struct AffiliationBench {
  McSystems world;
  McSystem& bravo;
  const std::string bea = "sip:bea@bravo.example";

  explicit AffiliationBench(engine::Configuration b = alone()) : bravo(world.add(std::move(b))) {
    bravo.start();
    world.pass(DurationMs{2000});
    for (const std::string& user : {ben, bea}) bravo.import_user(profile(user));
    for (const std::string& group : {fire, rescue, medics})
      bravo.import(own_group(group, {ben, bea}));
    world.pass(DurationMs{100});
  }

  static engine::Configuration alone() {
    engine::Configuration b = bravo_configuration();
    b.partners[0].addresses.clear();  // nobody dials
    return b;
  }
  static UserProfile profile(const std::string& user, std::uint32_t affiliations_max = 4) {
    UserProfile made = bare_profile(user);
    made.affiliations_max = affiliations_max;
    made.groups = {
        {fire, "sip:bravo.example"}, {medics, "sip:bravo.example"}, {rescue, "sip:bravo.example"}};
    return made;
  }

  std::size_t stored(store::RecordKind kind) const {
    const auto records = bravo.view().scan(store::prefix(kind));
    return static_cast<std::size_t>(std::distance(records.begin(), records.end()));
  }
  /// At the MC service server, one for each client; at the group management server, one for each
  /// user.
  std::size_t affiliations() const { return stored(store::RecordKind::affiliation); }
  std::size_t told() const { return stored(store::RecordKind::affiliated); }
};

/// What became of each group, in the order of the reports: its status, or else its cause.
struct Outcome {
  std::string group_id;
  AffiliationStatus status = AffiliationStatus::rejected;
  Cause cause = Cause::none;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

inline std::vector<Outcome> outcomes(TestClient& client) {
  std::vector<Outcome> all;
  for (const auto& report : client.reports()) {
    if (report.kind == client::Report::Kind::affiliation ||
        report.kind == client::Report::Kind::deaffiliated)
      all.push_back({report.group_id, report.status, report.cause});
  }
  return all;
}

}  // namespace bivouac::test
