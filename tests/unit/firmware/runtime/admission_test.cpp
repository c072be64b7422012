// SPDX-License-Identifier: Apache-2.0
#include "firmware/runtime/admission.h"

#include <catch2/catch_test_macros.hpp>

using namespace bivouac;
using namespace bivouac::firmware;
using Verdict = Admission::Verdict;

TEST_CASE("strangers come in a burst, then at the steady rate") {
  AdmissionLimits limits;
  limits.connections_burst = 3;
  limits.connections_per_s = 2;
  Admission admission(limits);
  for (int i = 0; i < 3; ++i) CHECK(admission.enter({1000}, "192.0.2.1") == Verdict::admitted);
  CHECK(admission.enter({1000}, "192.0.2.1") == Verdict::rate_limited);
  CHECK(admission.enter({1400}, "192.0.2.1") == Verdict::rate_limited);
  CHECK(admission.enter({1500}, "192.0.2.1") == Verdict::admitted);
  CHECK(admission.enter({1500}, "192.0.2.1") == Verdict::rate_limited);
}

TEST_CASE("one source cannot take all places, and a place is free again when it is left") {
  AdmissionLimits limits;
  limits.waiting_per_source_max = 2;
  Admission admission(limits);
  CHECK(admission.enter({0}, "192.0.2.1") == Verdict::admitted);
  CHECK(admission.enter({0}, "192.0.2.1") == Verdict::admitted);
  CHECK(admission.enter({0}, "192.0.2.1") == Verdict::source_full);
  CHECK(admission.enter({0}, "192.0.2.2") == Verdict::admitted);
  CHECK(admission.waiting() == 3);
  admission.leave("192.0.2.1");
  CHECK(admission.enter({0}, "192.0.2.1") == Verdict::admitted);
}

TEST_CASE("a source is an IPv4 address or the first half of an IPv6 address") {
  CHECK(source_of("192.0.2.7") == "192.0.2.7");
  CHECK(source_of("::ffff:192.0.2.7") == "192.0.2.7");
  CHECK(source_of("2001:db8:1:2:3:4:5:6") == source_of("2001:db8:1:2:9:9:9:9"));
  CHECK(source_of("2001:db8:1:2:3:4:5:6") != source_of("2001:db8:1:3:3:4:5:6"));
  CHECK(source_of("2001:db8::1") == source_of("2001:db8::2"));
}
