// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <string>

#include "host-sim/checkers/checker.h"

namespace bivouac::sim {

/// Acknowledged means durable: when an operator or a partner is told that something was done, the
/// store holds it, and every later start finds it.
class DurabilityChecker final : public Checker {
 public:
  using Checker::Checker;
  std::string_view name() const override { return "durability"; }
  void on_started(const System& system) override;
  void on_request(const System& system, RequestId id, ByteView frame) override;
  void on_answer(const System& system, RequestId id, ByteView frame) override;
  void on_arrived(const Flight& flight) override;
  void on_sent(const Flight& flight) override;
  void on_fault(FaultKind kind, const System& a, const System* b) override;

 private:
  struct Change {  // asked for by an operator
    std::string group_id;
    bool removes = false;
    std::uint64_t number = 0;  // in the order of requests
  };
  struct Kept {  // acknowledged to an operator
    std::uint64_t version = 0;
    bool removed = false;
  };
  struct Provision {
    std::string group_id;
    std::uint64_t revision = 0;
    std::uint64_t incarnation = 0;
    bool withdrawn = false;
  };
  using GroupAt = std::pair<std::string, std::string>;  // system, group
  void check_kept(const System& system, const std::string& group_id, const Kept& kept,
                  const char* when);

  std::map<RequestId, Change> changes_;
  std::map<GroupAt, std::uint64_t> newest_change_;
  std::map<GroupAt, Kept> kept_;
  std::map<std::tuple<std::string, std::string, std::uint64_t, std::uint64_t>, Provision>
      provisions_;  // receiver, origin, incarnation, exchange
  std::map<std::pair<GroupAt, std::uint64_t>, std::uint64_t> tombstones_;  // incarnation: revision
  std::set<std::string> damaged_;  // a salvaged store may keep an answer and lose its group
  std::uint64_t requests_ = 0;
};

}  // namespace bivouac::sim
