// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/bench/place.h"
#include "tests/bench/report.h"
#include "tests/bench/settings.h"

namespace bivouac::bench {

/// What a request costs while the store fills. Then, from the start of the process to the first
/// reply over mutual TLS: with next to nothing stored, with as many affiliations as there may be,
/// and of the bare server.
void bench_start(const Place& place, const Settings& settings, Report& report);

}  // namespace bivouac::bench
