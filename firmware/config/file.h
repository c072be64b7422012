// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <expected>
#include <string>

namespace bivouac::firmware {

/// The whole of a file that a person wrote, or in words why it cannot be had.
std::expected<std::string, std::string> read_text_file(const std::string& file,
                                                       std::size_t bytes_max);

}  // namespace bivouac::firmware
