// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/gms/home/delivery.h"

// Primary MC system provides group configuration to the partner MC system: the home's half.
// @clause S0 10.2.7.2 (10.2.7.2)
//
// Step 1 is what an outbox record of a partner that did not subscribe leads to, step 5 its answer;
// when they go, in which order and how often is in delivery.cpp.

namespace bivouac::gms::home::group_configuration_provision {

/// Step 1.
Bytes build(const wire::Address& address, std::string_view group_id, ExposedRevision revision,
            const Bytes* encoded);

/// What waited to be provided since the partner still had the right to receive it is not sent any
/// more; what it has, by a pull, it keeps.
bool may_send(const engine::Partner& partner, std::string_view group_id, bool withdrawn);

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
Result<std::vector<Begun>> push(engine::Context& context, Delivery& delivery,
                                std::string_view group_id, std::string_view to_system);

}  // namespace bivouac::gms::home::group_configuration_provision
