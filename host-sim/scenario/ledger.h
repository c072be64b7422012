// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <string>
#include <tuple>

#include "host-sim/world/observer.h"

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
  void count_anew() { counts_.clear(); }

  void on_down(const System& system, Down how) override;
  void on_arrived(const Flight& flight) override;
  void on_note(const System& system, const Note& note) override;

 private:
  enum class What : std::uint8_t { step, note, refusal, stored, message, bytes };
  using Key = std::tuple<What, std::uint32_t, std::uint32_t, std::string>;  // system, other, name
  std::uint64_t count(const Key& key) const;

  std::map<Key, std::uint64_t> counts_;
  std::set<std::pair<std::uint32_t, std::string>> links_;
};

}  // namespace bivouac::sim
