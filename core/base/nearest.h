// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace bivouac {

/// Number of single-character changes (insert, drop, replace, swap neighbours) between two words.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate that was probably meant; empty when none is near.
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

/// " (did you mean X?)", or nothing when no candidate is near.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace bivouac
