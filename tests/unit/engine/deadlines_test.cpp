// SPDX-License-Identifier: Apache-2.0
#include "core/engine/deadlines.h"

#include <catch2/catch_test_macros.hpp>

using namespace bivouac;
using engine::DeadlineKind;
using engine::Deadlines;

TEST_CASE("when there is no deadline then none is ever due") {
  Deadlines deadlines;
  CHECK(deadlines.next() == MonoMs::never());
  CHECK_FALSE(deadlines.take_due({1'000'000}).has_value());
}

TEST_CASE("when deadlines are due then they come in the order of time, then of their ids") {
  Deadlines deadlines;
  deadlines.set({DeadlineKind::work, 0}, {5});
  deadlines.set({DeadlineKind::dial, 2}, {5});
  deadlines.set({DeadlineKind::dial, 1}, {5});
  deadlines.set({DeadlineKind::exchange, 9}, {4});
  deadlines.set({DeadlineKind::hello, 9}, {6});
  CHECK(deadlines.next() == MonoMs{4});
  CHECK(deadlines.take_due({5}) == engine::DeadlineId{DeadlineKind::exchange, 9});
  CHECK(deadlines.take_due({5}) == engine::DeadlineId{DeadlineKind::dial, 1});
  CHECK(deadlines.take_due({5}) == engine::DeadlineId{DeadlineKind::dial, 2});
  CHECK(deadlines.take_due({5}) == engine::DeadlineId{DeadlineKind::work, 0});
  CHECK_FALSE(deadlines.take_due({5}).has_value());
  CHECK(deadlines.next() == MonoMs{6});
}

TEST_CASE("when a deadline is set again then only the new one counts") {
  Deadlines deadlines;
  deadlines.set({DeadlineKind::silence, 1}, {10});
  deadlines.set({DeadlineKind::silence, 1}, {30});
  CHECK_FALSE(deadlines.take_due({29}).has_value());
  CHECK(deadlines.take_due({30}).has_value());
  CHECK_FALSE(deadlines.take_due({30}).has_value());
}

TEST_CASE("when a deadline is cleared then it is not due, and clearing twice is nothing") {
  Deadlines deadlines;
  deadlines.set({DeadlineKind::silence, 1}, {10});
  deadlines.clear({DeadlineKind::silence, 1});
  deadlines.clear({DeadlineKind::silence, 1});
  CHECK(deadlines.next() == MonoMs::never());
}

TEST_CASE("when work is not wanted then what else is due comes, and the work stays") {
  engine::Deadlines deadlines;
  deadlines.set({DeadlineKind::work, 0}, {10});
  deadlines.set({DeadlineKind::work, 1}, {11});
  CHECK(deadlines.next(engine::Wanted::all_but_work) == MonoMs::never());
  deadlines.set({DeadlineKind::heartbeat, 7}, {20});
  CHECK(deadlines.next(engine::Wanted::all_but_work) == MonoMs{20});
  CHECK_FALSE(deadlines.take_due({19}, engine::Wanted::all_but_work).has_value());
  CHECK(deadlines.take_due({20}, engine::Wanted::all_but_work) ==
        engine::DeadlineId{DeadlineKind::heartbeat, 7});
  CHECK(deadlines.next() == MonoMs{10});
  CHECK(deadlines.take_due({20}) == engine::DeadlineId{DeadlineKind::work, 0});
}
