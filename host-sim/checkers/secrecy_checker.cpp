// SPDX-License-Identifier: Apache-2.0
#include "host-sim/checkers/secrecy_checker.h"

#include <algorithm>

#include "core/base/identity.h"
#include "core/wire/configuration_codec.h"
#include "host-sim/checkers/records.h"
#include "host-sim/world/system.h"
#include "host-sim/world/world.h"

namespace bivouac::sim {
namespace {

/// Longer than any commit of a slow disk, with the one before it.
constexpr DurationMs old_rules_count_for{20'000};

enum class Means : std::uint8_t { push, pull, notification };

const std::vector<std::string>& right_for(const engine::Rights& rights, Means means) {
  switch (means) {
    case Means::push: return rights.receive;
    case Means::pull: return rights.request;
    case Means::notification: break;
  }
  return rights.subscribe;
}

/// What is wrong with showing this to the partner; empty when nothing is.
std::string objection(const engine::Configuration& rules, std::string_view to,
                      const GroupConfiguration& shown, Means means) {
  const engine::Partner* partner = rules.partner(to);
  if (partner == nullptr) return "is no partner";
  if (!matches_any(right_for(partner->rights, means), shown.group_id)) return "lacks the right";
  if ((shown.services.bits & partner->exposure.drop_services.bits) != 0) {
    return "is shown a dropped service";
  }
  if (!partner->exposure.hide_members_of_others) return "";
  for (const GroupMember& member : shown.members) {
    if (!matches_any(partner->users, member.mc_service_id)) {
      return "is shown the hidden member " + member.mc_service_id;
    }
  }
  return "";
}

}  // namespace

void SecrecyChecker::use(const System& system) {
  auto& known = rules_[system.id()];
  const MonoMs now = world().now();
  if (!known.empty()) known.back().until = now + old_rules_count_for;
  while (!known.empty() && known.front().until < now) known.pop_front();
  known.push_back({system.configuration(), MonoMs::never()});
}

void SecrecyChecker::on_started(const System& system) {
  rules_[system.id()].clear();  // what was staged is gone
  use(system);
}

void SecrecyChecker::on_fault(FaultKind kind, const System& a, const System*) {
  if (kind == FaultKind::reloaded && a.is_up()) use(a);
}

void SecrecyChecker::on_sent(const Flight& flight) {
  const auto& envelope = envelope_in(flight);
  const wire::fb::GroupConfiguration* table = nullptr;
  Means means = Means::pull;
  if (const auto told = told_in(envelope)) {
    table = told->configuration;
    means = told->notified ? Means::notification : Means::push;
  } else if (const auto* response = envelope.body_as_GroupConfigurationResponse()) {
    table = response->configuration();
  }
  if (table == nullptr || is_forwarded(flight)) return;
  const GroupConfiguration shown = wire::unpack(*table);
  const std::string to = envelope.target()->str();
  const std::string who = flight.from->id() + " shows " + to + " " + shown.group_id;
  if (shown.home_system != flight.from->id()) return violated(who + ", which is not its own");
  if (!shown.alias.empty()) return violated(who + " with its local alias");
  std::string why = "has no rules";
  for (const Rules& rules : rules_[flight.from->id()]) {
    if (rules.until < world().now()) continue;
    why = objection(rules.configuration, to, shown, means);
    if (why.empty()) return;
  }
  violated(who + ", which " + why);
}

}  // namespace bivouac::sim
