// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <absl/container/btree_map.h>
#include <absl/container/btree_set.h>

#include "core/engine/context.h"
#include "core/engine/event.h"
#include "core/gms/group_management_server.h"
#include "core/mcs/affiliations.h"
#include "core/node/clients.h"
#include "core/node/links.h"
#include "core/node/presence.h"
#include "core/wire/schema/operator_generated.h"

namespace bivouac::node {

/// Operator's requests: they enter by the same door as every other event and are answered when what
/// they caused is known, or after a while with what is still pending.
class Operators {
 public:
  struct Servers {
    gms::GroupManagementServer& gms;
    const Links& links;
    const Presence& presence;
    const Clients& clients;
    const mcs::Affiliations& affiliations;
  };

  void on_request(engine::Context& context, Servers servers, const engine::OperatorRequest& event);
  void on_gone(engine::Context& context, ConnectionId connection);
  /// A request that an operator waits for was answered.
  void settled(engine::Context& context, ExchangeId id, Cause cause, ExposedRevision revision);
  /// What is not answered by now is told as queued.
  void on_deadline(engine::Context& context, ConnectionId connection);
  /// Sends this step's notes to those who watch.
  void watch(engine::Context& context) const;

 private:
  struct AtPartner {
    std::string system_id;
    ExchangeId exchange;
    wire::fb::OutcomeKind outcome = wire::fb::OutcomeKind::queued;
    Cause cause = Cause::none;
    ExposedRevision revision;
  };
  struct Operation {
    std::string group_id;
    ExchangeId fetch;  // of our MC service server
    std::vector<AtPartner> partners;
    std::size_t waiting = 0;
  };

  void push(engine::Context& context, Servers servers, ConnectionId connection,
            const wire::fb::GroupPushRequest& request);
  void on_subscription_request(engine::Context& context, Servers servers, ConnectionId connection,
                               const wire::fb::OperatorMessage& request);
  void await_home(engine::Context& context, ConnectionId connection, const std::string& group_id,
                  const Result<gms::partner::GroupInformationSubscribe::Begun>& begun);
  void fetch(engine::Context& context, ConnectionId connection,
             const wire::fb::GroupFetchRequest& request);
  void answer(engine::Context& context, ConnectionId connection, const Operation& operation);
  void wait(engine::Context& context, ConnectionId connection, Operation operation);

  absl::btree_map<ConnectionId, Operation> waiting_;
  absl::btree_set<ConnectionId> watching_;
};

}  // namespace bivouac::node
