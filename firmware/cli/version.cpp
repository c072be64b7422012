// SPDX-License-Identifier: Apache-2.0
#include "core/wire/frame.h"
#include "firmware/cli/verbs.h"

namespace bivouac::firmware::cli {

int version() {
  print("bivouac " BIVOUAC_VERSION ", frame version " + std::to_string(wire::frame_version) + '\n');
  return exit_good;
}

}  // namespace bivouac::firmware::cli
