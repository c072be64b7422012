// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/group_configuration.h"
#include "firmware/config/fields.h"

namespace bivouac::firmware {

/// { corners = [[latitude, longitude], ...] }, or an arc:
/// { centre = [latitude, longitude], inner_radius = ..., uncertainty_radius = ..., offset_angle =
/// ...,
///   included_angle = ... }
void read_area(Fields& fields, std::string_view key, std::optional<Area>& out);

/// The same as an inline table.
std::string write_area(const Area& area);

}  // namespace bivouac::firmware
