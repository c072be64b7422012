// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "core/base/result.h"
#include "core/engine/context.h"

// Groups that have their home here: an operator defines, replaces and removes them. Every change
// raises the group's version, is told to the MC service servers here and compared with what each
// partner was told. First precondition of 10.2.7.2 and 10.2.7.3.

namespace bivouac::gms::home::group_definition {

/// Defines the group, or replaces its definition; the version that it has now. An equal definition
/// changes nothing. Refused: what validate() refuses, home_mismatch, group_limit, storage_full.
Result<GroupVersion> import(engine::Context& context, GroupConfiguration configuration);

/// Partners that were told of the group are sent a tombstone (P6). Refused: group_unknown,
/// not_home_here.
Result<GroupVersion> remove(engine::Context& context, std::string_view group_id);

}  // namespace bivouac::gms::home::group_definition
