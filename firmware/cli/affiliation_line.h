// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "core/base/affiliation.h"

namespace bivouac::firmware::cli {

/// One affiliation in words, or for a program.
std::string affiliation_line(const GroupAffiliation& one, std::string_view event, bool json);

}  // namespace bivouac::firmware::cli
