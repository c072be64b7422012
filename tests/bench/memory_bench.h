// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/bench/place.h"
#include "tests/bench/report.h"
#include "tests/bench/settings.h"

namespace bivouac::bench {

/// Resident memory per connection, client that is logged on, group of 100 members and affiliation:
/// differences of the proportional set size while these are added.
void bench_memory(const Place& place, const Settings& settings, Report& report);

}  // namespace bivouac::bench
