// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/bench/place.h"
#include "tests/bench/report.h"
#include "tests/bench/settings.h"

namespace bivouac::bench {

/// Durable affiliations and de-affiliations of clients that are logged on, over mutual TLS, beside
/// a bare server that echoes as many bytes, and one that also appends and syncs them. Then bytes
/// on the wire and bytes to the disk.
void bench_affiliation(const Place& place, const Settings& settings, Report& report);

}  // namespace bivouac::bench
