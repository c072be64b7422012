// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "core/base/service.h"
#include "core/engine/context.h"
#include "core/store/records_generated.h"

// The MC service server's side of group configuration: it asks its group management server and is
// notified by it; what it learns is its policy cache.
// @clause S0 10.2.7.3 (10.2.7.3)
//
// Steps 1 and 6, and the receiving end of 10.2.7.2 step 4. One record per MC service and group.

namespace bivouac::mcs::group_configuration {

/// Step 1; Operations::settled tells the outcome of the returned request. With `refresh` the
/// group's home is asked although a configuration is stored. Refused: service_unknown.
Result<ExchangeId> request(engine::Context& context, std::string_view group_id, Service service,
                           bool refresh);

/// Step 6 as the answer to step 1; why there is no policy now, none when there is.
Cause on_response(engine::Context& context, const wire::fb::Envelope& envelope);
void on_timeout(engine::Context& context, ExchangeId id);

/// 10.2.7.2 step 4, 10.2.7.3 step 6.
void on_notify(engine::Context& context, const wire::fb::Envelope& envelope);

/// Policies of MC services that are no longer here, or `doubted`, some at a time; true when some
/// are left.
bool forget_some(engine::Context& context, Services doubted);

/// The policy that one MC service server holds; null when there is none, or when our rules refuse
/// it (engine::judge_stored). Dies with the step.
const wire::fb::GroupConfiguration* view_policy(const engine::Context& context, Service service,
                                                IdentityNumber group);
/// The MC services whose MC service server holds the group's policy.
Services services_that_hold(const engine::Context& context, std::string_view group_id);

}  // namespace bivouac::mcs::group_configuration
