// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include <absl/container/btree_map.h>

#include "core/base/affiliation.h"
#include "core/engine/context.h"

namespace bivouac::mcs::asking {

/// A client's request that partners have a say in: it is answered when all of them have answered,
/// or after a deadline with what is known by then (F5, F21).
struct Waiting {
  engine::ClientAddress client;
  ExchangeId exchange;
  Incarnation incarnation;
  std::string mc_service_id;
  std::vector<GroupAffiliation> groups;  // in the order of the request, as far as they are known
  absl::btree_map<std::string, std::size_t> awaited;  // answers, for each group
  bool leaves = false;                                // de-affiliation
  DeaffiliationScope scope = DeaffiliationScope::this_client;

  /// Whether it is about affiliations of this client.
  bool concerns(const engine::ClientAddress& other) const {
    return scope == DeaffiliationScope::all_clients ? client.mc_service_id == other.mc_service_id
                                                    : client == other;
  }
};

/// The clients whose requests wait for partners, in memory: with its session a request is gone, and
/// the client hears of its affiliations anew.
class WaitingClients {
 public:
  /// Answers at once when nothing is awaited, or the client waits for enough already.
  void answer_when_settled(engine::Context& context, Waiting waiting);
  /// The client wants the opposite of the group now, to leave it or not to: what it asked before is
  /// answered as superseded, and does not wait for a partner's word on it.
  void supersede(engine::Context& context, const engine::ClientAddress& client,
                 const std::string& group_id, bool leaves);
  /// By our own rules the user is not affiliated to the group any more: whoever of the user's
  /// clients still waits for an answer is not told otherwise.
  void ended(engine::Context& context, std::string_view mc_service_id,
             const GroupAffiliation& group);

  /// Who had waited for an answer about a group.
  struct Heard {
    bool any = false;
    bool another_client = false;
  };
  /// A partner's answer to a de-affiliation, or to an affiliation.
  Heard settle(engine::Context& context, const engine::ClientAddress& client, bool left,
               const GroupAffiliation& group);
  /// No answer about such groups is to be waited for.
  void give_up(engine::Context& context, Cause cause,
               const std::function<bool(const std::string&)>& about);
  void on_deadline(engine::Context& context, std::uint64_t number);
  void on_client_gone(engine::Context& context, const engine::ClientAddress& client);

 private:
  bool waits_too_much(const engine::ClientAddress& client) const;
  void answer(engine::Context& context, std::uint64_t number);

  absl::btree_map<std::uint64_t, Waiting> waiting_;
  std::uint64_t next_ = 1;
};

}  // namespace bivouac::mcs::asking
