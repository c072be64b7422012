// SPDX-License-Identifier: Apache-2.0
#include "firmware/cli/words.h"

#include <string>

#include <catch2/catch_test_macros.hpp>

using namespace bivouac;
using namespace bivouac::firmware::cli;

TEST_CASE("every cause has words of its own and says what to do") {
  const std::string_view unknown = explain(static_cast<Cause>(9999)).words;
  for (std::uint16_t number = 1; number < 200; ++number) {
    const auto cause = static_cast<Cause>(number);
    if (name(cause).starts_with("cause_") || name(cause).empty()) continue;
    if (name(cause) == name(static_cast<Cause>(9999))) continue;
    INFO(number << ' ' << name(cause));
    CHECK(explain(cause).words != unknown);
    CHECK_FALSE(explain(cause).hint.empty());
    CHECK(cause_named(name(cause)) == cause);
  }
}

TEST_CASE("handshake failures are explained by their name in a status") {
  for (const char* failure :
       {"no_certificate", "unknown_ca", "expired", "not_yet_valid", "wrong_san", "wrong_eku",
        "revoked", "crl_missing", "protocol_version", "timed_out", "rate_limited", "too_many",
        "peer_closed", "other"}) {
    INFO(failure);
    CHECK_FALSE(explain_handshake(failure).words.empty());
    CHECK_FALSE(explain_handshake(failure).hint.empty());
  }
  CHECK(explain_handshake("unheard_of").words.empty());
}

TEST_CASE("numbers are told in the unit that a person would choose") {
  CHECK(bytes_in_words(0) == "0 B");
  CHECK(bytes_in_words(1023) == "1023 B");
  CHECK(bytes_in_words(1536) == "1.5 KiB");
  CHECK(bytes_in_words(20ULL << 30) == "20 GiB");
  CHECK(span_in_words(400) == "0.4 s");
  CHECK(span_in_words(119'000) == "119 s");
  CHECK(span_in_words(180'000) == "3 min");
  CHECK(span_in_words(7'200'000) == "2 h");
  CHECK(span_in_words(2ULL * 86'400'000) == "2 days");
  CHECK(microseconds_in_words(1'234) == "1.2 ms");
  CHECK(wall_in_words(0) == "1970-01-01 00:00:00 UTC");
  CHECK(wall_in_words(4'102'444'800'000) == "2100-01-01 00:00:00 UTC");
  CHECK(days_in_words(1) == "1 day left");
  CHECK(days_in_words(-3) == "expired 3 days ago");
  CHECK(services_in_words(Services::all()) == "mcptt, mcvideo, mcdata");
  CHECK(services_in_words({}) == "none");
}
