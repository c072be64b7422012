// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>

#include "core/base/cause.h"

namespace bivouac {

/// A value, or the Cause for which it was refused.
template <class T>
using Result = std::expected<T, Cause>;

inline std::unexpected<Cause> refuse(Cause cause) { return std::unexpected<Cause>(cause); }

}  // namespace bivouac
