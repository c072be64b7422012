// SPDX-License-Identifier: Apache-2.0
#include "core/base/nearest.h"

#include <catch2/catch_test_macros.hpp>

using namespace bivouac;

TEST_CASE("the distance of two words is the number of typing mistakes between them") {
  CHECK(edit_distance("", "") == 0);
  CHECK(edit_distance("abc", "") == 3);
  CHECK(edit_distance("partner", "partner") == 0);
  CHECK(edit_distance("partenr", "partner") == 1);
  CHECK(edit_distance("patner", "partner") == 1);
  CHECK(edit_distance("kitten", "sitting") == 3);
}

TEST_CASE("only what is near is offered") {
  constexpr std::string_view words[] = {"addresses", "system_id", "users"};
  CHECK(nearest("adresses", words) == "addresses");
  CHECK(nearest("user", words) == "users");
  CHECK(nearest("colour", words).empty());
  CHECK(nearest("", words).empty());
  CHECK(nearest(std::string(100'000, 'a'), words).empty());
}
