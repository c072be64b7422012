// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace bivouac::firmware::cli {

/// The whole program; the value is its exit code.
int app(int argument_count, char** arguments);

}  // namespace bivouac::firmware::cli
