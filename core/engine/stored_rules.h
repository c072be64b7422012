// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/engine/event.h"
#include "core/store/table.h"

namespace bivouac::engine {

/// Judges the profiles and policies of a table as a start finds it, once for the whole run: what is
/// put later was valid when it was built. One that our rules refuse loses its contents, in memory
/// only: for whoever reads it there is none, the disk keeps it for a program that takes it, and the
/// next put replaces it.
std::vector<RefusedRecord> judge_stored(store::Table& table);

}  // namespace bivouac::engine
