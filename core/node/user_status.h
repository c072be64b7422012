// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "core/engine/context.h"

// Answers to an operator's questions about users.

namespace bivouac::node {

Bytes build_user_list(const engine::Context& context);
/// An OperationAnswer when the user is not known.
Bytes build_user_show(const engine::Context& context, std::string_view mc_service_id);

}  // namespace bivouac::node
