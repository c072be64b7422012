// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <absl/container/btree_map.h>
#include <absl/container/btree_set.h>

#include "core/engine/context.h"

namespace bivouac::gms::home {

/// Primary MC system provides group configuration to the partner MC system: the home's half.
/// @clause S0 10.2.7.2 (10.2.7.2)
///
/// Step 1 is sent from outbox records, which live until step 5 says success; a retry has the same
/// exchange id, so it has no second effect, until the lifetime of the exchange is over and a new
/// one takes its place. Only which of them are on the way is in memory.
class GroupConfigurationProvision {
 public:
  /// After Boot: announces the ids of pending pushes.
  void start(engine::Context& context);

  /// What an operator's push began at one partner.
  struct Begun {
    std::string system_id;
    Cause cause = Cause::none;  // refused here; nothing was begun
    ExchangeId exchange;        // Operations::settled tells its outcome
    ExposedRevision revision;
    bool reachable = false;
  };
  /// Push by an operator: to one partner, or to all whom the rules name. Refused: group_unknown,
  /// not_home_here, unknown partner as target_unknown.
  Result<std::vector<Begun>> push(engine::Context& context, std::string_view group_id,
                                  std::string_view to_system);

  /// Something may be sent to this partner: its link is up, an answer came, a push was put.
  void wake(std::string_view system_id) { awake_.insert(std::string(system_id)); }
  bool has_work() const { return !awake_.empty() && has_room(); }
  /// Step 1: sends what may be sent to one partner that is awake.
  void send_some(engine::Context& context);

  /// Step 5; Cause::none is success.
  void on_response(engine::Context& context, std::string_view system_id, ExchangeId id,
                   std::string_view group_id, Cause cause);
  /// No answer came: the same request is sent again.
  void on_timeout(engine::Context& context, ExchangeId id, std::string_view system_id);
  void on_link_down(engine::Context& context, std::string_view system_id);
  /// Refused pushes are tried again.
  void on_push_again(engine::Context& context, IdentityNumber system);

  std::size_t pending(const engine::Context& context, std::string_view system_id) const;

 private:
  struct Flight {
    absl::btree_map<ExchangeId, std::size_t> sent;  // no answer yet; bytes
    absl::btree_set<ExchangeId> refused;            // wait until push_again or the next link
    MonoMs again = MonoMs::never();                 // push_again
    std::size_t bytes = 0;                          // of all that were sent
  };
  struct Pending {
    IdentityNumber system;
    IdentityNumber group;
    ExchangeId id;
  };
  /// All partners together: a change for hundreds of them does not lie in memory hundreds of times.
  bool has_room() const { return bytes_on_the_way_ < limits::staged_send_bytes_max; }
  bool send_one(engine::Context& context, const engine::Partner& partner, IdentityNumber system,
                ExchangeId id, IdentityNumber group);
  void put_off(engine::Context& context, std::string_view system_id, const Pending& pending,
               Cause cause);
  void take_back(engine::Context& context, Flight& flight, ExchangeId id);

  absl::btree_map<std::string, Flight, std::less<>> flights_;
  absl::btree_set<std::string, std::less<>> awake_;
  std::size_t bytes_on_the_way_ = 0;
};

}  // namespace bivouac::gms::home
