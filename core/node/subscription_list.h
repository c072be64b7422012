// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/context.h"
#include "core/gms/partner/group_information_subscribe.h"
#include "core/wire/schema/operator_generated.h"

namespace bivouac::node {

/// Who subscribed to our groups, and to which groups of partners we did; one page.
Bytes build_subscription_list(const engine::Context& context,
                              const gms::partner::GroupInformationSubscribe& subscribe,
                              const wire::fb::SubscriptionListRequest& request);

}  // namespace bivouac::node
