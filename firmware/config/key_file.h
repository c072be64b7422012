// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/key_envelope.h"
#include "firmware/config/problem.h"

// Key material of one group as a file: what `bivouac group keys import` reads.
// firmware/config/example_keys.toml is one. No message says anything of what is in an envelope.

namespace bivouac::firmware {

struct KeyResult {
  std::vector<KeyEnvelope> envelopes;  // in their order; to be used only when ok
  std::vector<Problem> problems;
  bool ok = false;
};

/// Files that it names are relative to its folder.
KeyResult parse_keys(std::string_view text, const std::string& file);
KeyResult read_keys(const std::string& file);

}  // namespace bivouac::firmware
