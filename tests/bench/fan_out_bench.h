// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/bench/place.h"
#include "tests/bench/report.h"
#include "tests/bench/settings.h"

namespace bivouac::bench {

/// A group changes: every client that has subscribed to it is notified and acknowledges. Beside a
/// bare server that sends as many bytes to as many connections.
void bench_fan_out(const Place& place, const Settings& settings, Report& report);

}  // namespace bivouac::bench
