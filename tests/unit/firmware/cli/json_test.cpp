// SPDX-License-Identifier: Apache-2.0
#include "firmware/cli/json.h"

#include <catch2/catch_test_macros.hpp>

using bivouac::firmware::cli::Json;

TEST_CASE("objects, arrays and values come out in the order of the calls") {
  Json json;
  json.begin_object().text("name", "alpha").number("count", 3).boolean("up", true);
  json.key("list").begin_array().number(1).text("two").end_array();
  json.key("days").signed_number(-3);
  json.key("none").begin_object().end_object();
  json.key("empty").begin_array().end_array().end_object();
  CHECK(json.take() ==
        "{\n"
        "  \"name\": \"alpha\",\n"
        "  \"count\": 3,\n"
        "  \"up\": true,\n"
        "  \"list\": [\n"
        "    1,\n"
        "    \"two\"\n"
        "  ],\n"
        "  \"days\": -3,\n"
        "  \"none\": {},\n"
        "  \"empty\": []\n"
        "}\n");
}

TEST_CASE("quotes, backslashes and control characters are escaped, other bytes are kept") {
  Json json;
  json.text("a\"b\\c\n\x01ü");
  CHECK(json.take() == "\"a\\\"b\\\\c\\n\\u0001ü\"\n");
}
