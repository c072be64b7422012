// SPDX-License-Identifier: Apache-2.0
// The messages of 10.2.7.4 and 10.2.7.5 as a hostile or broken peer might build them.
#include <catch2/catch_test_macros.hpp>

#include "core/wire/build.h"
#include "tests/support/configurations.h"
#include "tests/unit/wire/message.h"

using namespace bivouac;
using namespace bivouac::test;
namespace fb = bivouac::wire::fb;
using fb::Body;

namespace {

constexpr std::string_view group = "sip:fire-1@alpha.example";
constexpr auto success = fb::Result::success;
constexpr auto failure = fb::Result::failure;

struct Subscribe {
  std::string group_id{group};
  std::uint64_t known = 0;
  std::uint64_t incarnation = 0;
  std::vector<std::string> further = {};
};

Verdict subscribe(const Subscribe& s) {
  return judge(message(Body::GroupInformationSubscribeRequest, [&](FlatBufferBuilder& b) {
    std::vector<Offset<fb::GroupSubscription>> list;
    for (const std::string& id : s.further)
      list.push_back(fb::CreateGroupSubscription(b, b.CreateString(id), 1));
    const auto further = b.CreateVector(list);
    return fb::CreateGroupInformationSubscribeRequest(b, b.CreateString(s.group_id), 60, s.known,
                                                      s.incarnation, 0, further)
        .Union();
  }));
}

Verdict subscribed(fb::Result result, std::uint16_t cause, fb::Result further_result,
                   std::uint16_t further_cause, std::string_view further_id) {
  return judge(message(Body::GroupInformationSubscribeResponse, [&](FlatBufferBuilder& b) {
    const auto one = fb::CreateGroupSubscriptionOutcome(b, b.CreateString(further_id),
                                                        further_result, further_cause, 3);
    const auto further = b.CreateVector(&one, 1);
    return fb::CreateGroupInformationSubscribeResponse(b, b.CreateString(group), result, cause, 60,
                                                       3, further)
        .Union();
  }));
}

Verdict notify(std::uint64_t revision, bool given, bool withdrawn, bool with_alias = false,
               std::string_view of = group) {
  return judge(message(Body::GroupInformationNotifyRequest, [&](FlatBufferBuilder& b) {
    GroupConfiguration c = sample_configuration(2, of);
    if (with_alias) c.alias = "ours";
    const auto configuration = given ? wire::pack(b, c) : Offset<fb::GroupConfiguration>{};
    return fb::CreateGroupInformationNotifyRequest(b, b.CreateString(group), revision,
                                                   configuration, withdrawn)
        .Union();
  }));
}

}  // namespace

TEST_CASE("when a subscription names its groups well then it is accepted", "[wire]") {
  CHECK(subscribe({}) == Verdict{});
  CHECK(subscribe({.known = 3, .incarnation = 9}) == Verdict{});
  CHECK(subscribe({.further = {"sip:fire-2@alpha.example", "sip:fire-3@alpha.example"}}) ==
        Verdict{});
}

TEST_CASE("when a subscription is not as agreed then it is refused", "[wire]") {
  CHECK(subscribe({.group_id = ""}) == answered(Cause::field_missing));
  CHECK(subscribe({.group_id = "fire"}) == answered(Cause::identity_malformed));
  CHECK(subscribe({.known = 3}) == answered(Cause::value_out_of_range));  // of which store?
  CHECK(subscribe({.further = {""}}) == answered(Cause::field_missing));
  CHECK(subscribe({.further = {"SIP:x@alpha.example"}}) == answered(Cause::identity_malformed));
  CHECK(subscribe({.further = {std::string(group)}}) == answered(Cause::value_out_of_range));
  CHECK(subscribe({.further = {"sip:a@alpha.example"}}) == answered(Cause::value_out_of_range));
  CHECK(subscribe({.further = {"sip:fire-2@alpha.example", "sip:fire-2@alpha.example"}}) ==
        answered(Cause::value_out_of_range));
  std::vector<std::string> many;
  for (std::size_t i = 0; i < limits::subscribe_groups_max - 1; ++i)
    many.push_back("sip:g" + std::to_string(1'000 + i) + "@alpha.example");
  CHECK(subscribe({.group_id = "sip:a@alpha.example", .further = many}) == Verdict{});
  many.emplace_back("sip:z@alpha.example");
  CHECK(subscribe({.group_id = "sip:a@alpha.example", .further = many}) ==
        answered(Cause::too_many_elements));
}

TEST_CASE("when the answer to a subscription contradicts itself then it is refused", "[wire]") {
  const std::string_view next = "sip:fire-2@alpha.example";
  CHECK(subscribed(success, 0, success, 0, next) == Verdict{});
  CHECK(subscribed(success, 0, failure, 60, next) == Verdict{});
  CHECK(subscribed(failure, 60, success, 0, next) == Verdict{});
  CHECK(subscribed(success, 60, success, 0, next) == kept(Cause::value_out_of_range));
  CHECK(subscribed(failure, 0, success, 0, next) == kept(Cause::value_out_of_range));
  CHECK(subscribed(success, 0, failure, 0, next) == kept(Cause::value_out_of_range));
  CHECK(subscribed(success, 0, success, 0, group) == kept(Cause::value_out_of_range));
}

TEST_CASE("when a notification brings and withdraws, or neither, then it is refused", "[wire]") {
  CHECK(notify(1, true, false) == Verdict{});
  CHECK(notify(1, false, true) == Verdict{});
  CHECK(notify(0, true, false) == answered(Cause::value_out_of_range));
  CHECK(notify(1, true, true) == answered(Cause::value_out_of_range));
  CHECK(notify(1, false, false) == answered(Cause::field_missing));
  CHECK(notify(1, true, false, true) == answered(Cause::value_out_of_range));
  CHECK(notify(1, true, false, false, "sip:fire-2@alpha.example") ==
        answered(Cause::value_out_of_range));
}
