// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/base/planted.h"

namespace bivouac::sim {

struct PlantedBug {
  std::string_view name;
  Planted bug;
};

/// What a build with known bugs can be told to have.
std::span<const PlantedBug> planted_bugs();

/// From now on the core has this bug. What is wrong: no such bug, or a build without any.
std::string plant(std::string_view name);

}  // namespace bivouac::sim
