// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

// The subcommands of bivouac-sim. Each answers the exit status of the program: 0 all held, 1
// something did not, 2 the command line made no sense.

namespace bivouac::sim {

using Arguments = std::span<const std::string_view>;

inline constexpr int exit_held = 0;
inline constexpr int exit_failed = 1;
inline constexpr int exit_usage = 2;

/// Scenarios from files.
int run_command(Arguments arguments);
/// One seed of the soak, with its transcript.
int seed_command(Arguments arguments);
/// Seed after seed until the time is over; a failure is explained and shrunk.
int soak_command(Arguments arguments);
/// Every order of events of a small scenario.
int explore_command(Arguments arguments);
int version_command(Arguments arguments);

}  // namespace bivouac::sim
