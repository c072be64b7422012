// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

namespace bivouac::sim {

/// Calls it; says which rule of our own (BIVOUAC_ASSERT) broke in it, or nothing. What a broken
/// call leaves in memory is lost, and what it worked on must not be used again.
std::string guarded(const std::function<void()>& call);
/// Whether a violation is what guarded() said.
bool is_broken_rule(const std::string& violation);

}  // namespace bivouac::sim
