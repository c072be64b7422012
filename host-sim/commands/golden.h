// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

namespace bivouac::sim {

std::optional<std::string> read_file(const std::string& path);
bool write_file(const std::string& path, const std::string& text);

/// Of a scenario file: tests/scenarios/x.scn has tests/scenarios/x.txt and host-sim/figures/x.svg.
std::string golden_transcript_path(const std::string& scenario_path);
std::string figure_path(const std::string& scenario_path);

/// Where a file first differs from what it should hold; empty when it does not.
std::string difference(const std::string& path, const std::string& text);

}  // namespace bivouac::sim
