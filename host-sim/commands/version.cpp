// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "core/wire/frame.h"
#include "host-sim/commands/commands.h"

namespace bivouac::sim {

int version_command(Arguments) {
  std::printf("bivouac-sim " BIVOUAC_VERSION ", frame version %d\n", wire::frame_version);
  return exit_held;
}

}  // namespace bivouac::sim
