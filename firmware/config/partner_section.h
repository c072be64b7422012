// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/engine/configuration.h"
#include "firmware/config/fields.h"

namespace bivouac::firmware {

/// All [[partner]] sections, and the [[overlay]] sections that name one of them. Sorted by
/// system_id.
std::vector<engine::Partner> read_partners(Fields& root, const std::string& own_system);

/// One MC system ID from a file, canonical; empty after a problem was told.
std::string read_system_id(Fields& fields, std::string_view key);

}  // namespace bivouac::firmware
