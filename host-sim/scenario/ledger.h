// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "core/client/mc_service_client.h"
#include "host-sim/world/observer.h"
#include "host-sim/world/system.h"

namespace bivouac::sim {

/// Counts what expectations ask about.
class Ledger final : public Observer {
 public:
  std::uint64_t steps(const System& system, std::string_view step) const;
  /// Notes of one kind.
  std::uint64_t notes(const System& system, std::string_view kind) const;
  std::uint64_t refusals(const System& system, std::string_view cause) const;
  /// How often the group was stored or replaced.
  std::uint64_t stored(const System& system, std::string_view group_id) const;
  /// Arrived, by message name.
  std::uint64_t messages(const System& from, const System& to, std::string_view name) const;
  /// Arrived, without those that keep a link alive.
  std::uint64_t bytes(const System& from, const System& to) const;
  bool is_link_up(const System& system, std::string_view other) const;
  /// The last answer of a client's own request to get the group; null when there was none.
  const client::Report* got(const System& client, const std::string& group_id) const;
  /// Whether the client's user was told this cause, of whatever it was.
  bool was_told(const System& client, std::string_view cause) const;
  /// What became of each group of the client's last request to affiliate or to leave, in the order
  /// of the answer; empty while there is none.
  const std::vector<GroupAffiliation>& answer(const System& client) const;
  void forget_answer(const System& client) { answers_.erase(client.number()); }
  void count_anew() {
    counts_.clear();
    got_.clear();
    told_.clear();
  }

  void on_down(const System& system, Down how) override;
  void on_arrived(const Flight& flight) override;
  void on_note(const System& system, const Note& note) override;
  void on_report(const System& client, const client::Report& report) override;

 private:
  enum class What : std::uint8_t { step, note, refusal, stored, message, bytes };
  using Key = std::tuple<What, std::uint32_t, std::uint32_t, std::string>;  // system, other, name
  std::uint64_t count(const Key& key) const;

  std::map<Key, std::uint64_t> counts_;
  std::set<std::pair<std::uint32_t, std::string>> links_;
  std::map<std::pair<std::uint32_t, std::string>, client::Report> got_;  // by client and group
  std::set<std::pair<std::uint32_t, std::string>> told_;
  std::map<std::uint32_t, std::vector<GroupAffiliation>> answers_;  // by client
};

}  // namespace bivouac::sim
