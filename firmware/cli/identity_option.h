// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "core/base/identity.h"

namespace bivouac::firmware::cli {

/// An identity on the command line, which becomes its canonical spelling.
inline CLI::Validator identity() {
  return CLI::Validator(
      [](std::string& text) {
        Result<std::string> canonical = canonical_identity(text);
        if (!canonical) return "expected an identity such as sip:fire@alpha.example, got " + text;
        text = std::move(*canonical);
        return std::string();
      },
      "ID");
}

/// The same for an MC system.
inline CLI::Validator system_id() {
  return CLI::Validator(
      [](std::string& text) {
        Result<std::string> canonical = canonical_system(text);
        if (!canonical) return "expected an MC system ID such as sip:alpha.example, got " + text;
        text = std::move(*canonical);
        return std::string();
      },
      "SYSTEM");
}

}  // namespace bivouac::firmware::cli
