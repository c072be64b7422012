// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "core/engine/context.h"

namespace bivouac::node {

/// What key material a group has: for whom, which, how long, never the bytes. An OperationAnswer
/// when the group is not known.
Bytes build_group_keys_list(engine::Context& context, std::string_view group_id);

}  // namespace bivouac::node
