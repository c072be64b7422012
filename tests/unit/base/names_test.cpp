// SPDX-License-Identifier: Apache-2.0
#include <set>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "core/base/cause.h"
#include "core/base/note.h"
#include "core/base/service.h"
#include "core/base/time.h"

using namespace bivouac;

TEST_CASE("when causes are named then every name belongs to one cause", "[cause]") {
  std::set<std::string_view> names;
  std::size_t named = 0;
  for (std::uint32_t number = 0; number <= 0xFFFF; ++number) {
    const std::string_view spelling = name(static_cast<Cause>(number));
    if (spelling == "unnamed") continue;
    ++named;
    names.insert(spelling);
  }
  CHECK(named == names.size());
  CHECK(named >= 45);  // fewer: a cause lost its name
  CHECK_FALSE(names.contains(""));
}

TEST_CASE("when a cause travels then its number is the one that peers know", "[cause]") {
  CHECK(static_cast<int>(Cause::none) == 0);
  CHECK(static_cast<int>(Cause::frame_too_long) == 1);
  CHECK(static_cast<int>(Cause::message_unknown) == 20);
  CHECK(static_cast<int>(Cause::hello_repeated) == 40);
  CHECK(static_cast<int>(Cause::not_authorised) == 60);
  CHECK(static_cast<int>(Cause::service_unknown) == 75);
  CHECK(name(static_cast<Cause>(7)) == "unnamed");
  CHECK(name(Cause::storage_full) == "storage_full");
}

TEST_CASE("when notes and services are named then no two share a name", "[cause]") {
  std::set<std::string_view> kinds;
  for (int kind = 0; kind <= static_cast<int>(NoteKind::deaffiliating); ++kind) {
    CHECK(kinds.insert(name(static_cast<NoteKind>(kind))).second);
  }
  CHECK_FALSE(kinds.contains("unnamed"));
  CHECK(name(Service::mcptt) == "mcptt");
  CHECK(name(Service::mcvideo) == "mcvideo");
  CHECK(name(Service::mcdata) == "mcdata");
}

TEST_CASE("when services are combined then the set has what both have", "[service]") {
  const Services two = Services::of(Service::mcptt) | Services::of(Service::mcdata);
  CHECK(two.has(Service::mcptt));
  CHECK_FALSE(two.has(Service::mcvideo));
  CHECK((two & Services::of(Service::mcvideo)).empty());
  Services all;
  for (const Service service : all_services) all = all | Services::of(service);
  CHECK(all == Services::all());
}

TEST_CASE("when a duration is added to never then it stays never", "[time]") {
  CHECK(MonoMs::never() + DurationMs{1} == MonoMs::never());
  CHECK(MonoMs{5} + DurationMs{7} == MonoMs{12});
  CHECK(MonoMs{12} - MonoMs{5} == DurationMs{7});
  CHECK(MonoMs{5} < MonoMs::never());
}
