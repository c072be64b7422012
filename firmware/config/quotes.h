// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace bivouac::firmware {

/// A text in quotes, spelt as both TOML and JSON spell it.
std::string in_quotes(std::string_view text);

}  // namespace bivouac::firmware
