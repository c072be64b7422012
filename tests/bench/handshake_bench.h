// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/bench/place.h"
#include "tests/bench/report.h"
#include "tests/bench/settings.h"

namespace bivouac::bench {

/// Full handshakes, at a rate that the gateway admits, beside a bare server; and what clients that
/// are connected notice of a storm of others who want to be.
void bench_handshake(const Place& place, const Settings& settings, Report& report);

}  // namespace bivouac::bench
