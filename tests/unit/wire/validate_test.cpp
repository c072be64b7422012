// SPDX-License-Identifier: Apache-2.0
#include "core/wire/validate.h"

#include <functional>
#include <ostream>

#include <catch2/catch_test_macros.hpp>

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

/// A pull, the smallest request, with these fields around it.
Verdict pull(const EnvelopeFields& fields) {
  return judge(message(
      Body::GroupConfigurationRequest,
      [](FlatBufferBuilder& b) {
        return fb::CreateGroupConfigurationRequest(b, b.CreateString(group)).Union();
      },
      fields));
}

struct Provision {
  std::string group_id{group};
  std::uint64_t revision = 1;
  bool given = true;
  bool withdrawn = false;
  std::function<void(GroupConfiguration&)> change = [](GroupConfiguration&) {};
};

Verdict provision(const Provision& p) {
  return judge(message(Body::GroupConfigurationProvisionRequest, [&](FlatBufferBuilder& b) {
    GroupConfiguration c = sample_configuration(3, group);
    p.change(c);
    const auto configuration = p.given ? wire::pack(b, c) : Offset<fb::GroupConfiguration>{};
    return fb::CreateGroupConfigurationProvisionRequest(b, b.CreateString(p.group_id), p.revision,
                                                        configuration, p.withdrawn)
        .Union();
  }));
}

template <class Create>
Verdict response(Body type, Create create) {
  return judge(message(type, [&](FlatBufferBuilder& b) {
    const auto configuration = wire::pack(b, sample_configuration(1, group));
    return create(b, b.CreateString(group), configuration).Union();
  }));
}

Verdict hello(std::uint16_t version, std::string_view system, std::uint64_t incarnation,
              std::uint32_t frame_bytes) {
  return judge(
      message(Body::Hello,
              [&](FlatBufferBuilder& b) {
                return fb::CreateHello(b, version, b.CreateString(system), incarnation, frame_bytes)
                    .Union();
              },
              {.origin = "absent", .target = "absent", .exchange = 0, .origin_incarnation = 0}));
}

using C = GroupConfiguration;

}  // namespace

TEST_CASE("when a request does not say who asks whom then it is refused", "[wire]") {
  CHECK(pull({}) == Verdict{});
  CHECK(pull({.origin = "absent"}) == kept(Cause::field_missing));
  CHECK(pull({.origin = ""}) == kept(Cause::field_missing));
  CHECK(pull({.target = "absent"}) == kept(Cause::field_missing));
  CHECK(pull({.exchange = 0}) == kept(Cause::field_missing));
  CHECK(pull({.origin_incarnation = 0}) == kept(Cause::field_missing));
  CHECK(pull({.origin = "alpha"}) == kept(Cause::identity_malformed));
  CHECK(pull({.target = "sip:BRAVO.example"}) == kept(Cause::identity_malformed));
  CHECK(pull({.target = "sip:\xFF.example"}) == kept(Cause::identity_malformed));
}

TEST_CASE("when a request says that its own answer has arrived then it is refused", "[wire]") {
  CHECK(pull({.exchange = 7, .answered_up_to = 6}) == Verdict{});
  CHECK(pull({.exchange = 7, .answered_up_to = 7}) == answered(Cause::value_out_of_range));
}

TEST_CASE(
    "when a provision is about no group, another group or both things at once then it is "
    "refused",
    "[10.2.7.2][wire]") {
  CHECK(provision({}) == Verdict{});
  CHECK(provision({.given = false, .withdrawn = true}) == Verdict{});
  CHECK(provision({.group_id = ""}) == answered(Cause::field_missing));
  CHECK(provision({.group_id = "fire"}) == answered(Cause::identity_malformed));
  CHECK(provision({.group_id = "sip:fire-2@alpha.example"}) == answered(Cause::value_out_of_range));
  CHECK(provision({.revision = 0}) == answered(Cause::value_out_of_range));
  CHECK(provision({.given = false}) == answered(Cause::field_missing));
  CHECK(provision({.withdrawn = true}) == answered(Cause::value_out_of_range));
}

TEST_CASE("when a provided configuration is bad then the request is refused and the link kept",
          "[10.2.7.2][wire]") {
  const auto changed = [](std::function<void(C&)> change) {
    return provision({.change = std::move(change)});
  };
  CHECK(changed([](C& c) { c.alias = "Local"; }) == answered(Cause::value_out_of_range));
  CHECK(changed([](C& c) { c.home_system = "sip:x@y"; }) == answered(Cause::identity_malformed));
  CHECK(changed([](C& c) { c.display_name = "\xC3("; }) == answered(Cause::text_malformed));
  CHECK(changed([](C& c) { c.members[1].mc_service_id = "sip:\xC3(@alpha.example"; }) ==
        answered(Cause::identity_malformed));
  CHECK(changed([](C& c) { c.members[1].mc_service_id = "sip:User0002@ALPHA.example"; }) ==
        answered(Cause::identity_malformed));
  CHECK(changed([](C& c) { std::swap(c.members[0], c.members[2]); }) ==
        answered(Cause::members_unsorted));
  CHECK(changed([](C& c) { c.members[2] = c.members[1]; }) == answered(Cause::member_duplicate));
  CHECK(changed([](C& c) { c.members = sample_members(2001); }) ==
        answered(Cause::too_many_members));
  CHECK(changed([](C& c) { c.members = sample_members(4000); }) ==
        answered(Cause::too_many_members));
  CHECK(changed([](C& c) { c.members = sample_members(9000); }) ==
        closed(Cause::envelope_malformed));
}

TEST_CASE("when shared strings make a small frame of a large configuration then it is refused",
          "[wire]") {
  const auto verdict =
      judge(message(Body::GroupConfigurationProvisionRequest, [](FlatBufferBuilder& b) {
        const auto shared = b.CreateString("sip:" + std::string(140, 'v') + "@alpha.example");
        std::vector<Offset<fb::GroupMember>> members;
        for (const GroupMember& member : sample_members(2000)) {
          members.push_back(
              fb::CreateGroupMember(b, b.CreateString(member.mc_service_id), shared, shared));
        }
        const auto list = b.CreateVector(members);
        const auto id = b.CreateString(group);
        const auto home = b.CreateString("sip:alpha.example");
        fb::GroupConfigurationBuilder configuration(b);
        configuration.add_group_id(id);
        configuration.add_home_system(home);
        configuration.add_services(fb::Services::mcptt);
        configuration.add_members(list);
        return fb::CreateGroupConfigurationProvisionRequest(b, id, 1, configuration.Finish())
            .Union();
      }));
  CHECK(verdict == answered(Cause::too_many_members));
}

TEST_CASE("when flags are unknown then the request is refused, as a flag may forbid something",
          "[wire]") {
  const auto with = [](fb::GroupFlags group_flags, fb::MemberFlags member_flags,
                       fb::ParticipantType type) {
    return judge(message(Body::NotifyGroupConfigurationRequest, [&](FlatBufferBuilder& b) {
      const auto member =
          fb::CreateGroupMember(b, b.CreateString(sample_user(1)), 0, 0, 1, type, member_flags);
      const auto members = b.CreateVector(&member, 1);
      const auto id = b.CreateString(group);
      const auto home = b.CreateString("sip:alpha.example");
      fb::GroupConfigurationBuilder configuration(b);
      configuration.add_group_id(id);
      configuration.add_home_system(home);
      configuration.add_services(fb::Services::mcptt);
      configuration.add_flags(group_flags);
      configuration.add_members(members);
      const auto packed = configuration.Finish();
      return fb::CreateNotifyGroupConfigurationRequest(b, id, fb::Services::mcptt, packed).Union();
    }));
  };
  constexpr auto none = fb::MemberFlags::NONE;
  constexpr auto unspecified = fb::ParticipantType::unspecified;
  CHECK(with(fb::GroupFlags::ANY, fb::MemberFlags::ANY, fb::ParticipantType::MAX) == Verdict{});
  CHECK(with(static_cast<fb::GroupFlags>(1U << 16U), none, unspecified) ==
        answered(Cause::value_out_of_range));
  CHECK(with(fb::GroupFlags::NONE, static_cast<fb::MemberFlags>(16), unspecified) ==
        answered(Cause::value_out_of_range));
  CHECK(with(fb::GroupFlags::NONE, none, static_cast<fb::ParticipantType>(5)) ==
        answered(Cause::value_out_of_range));
}

TEST_CASE("when an answer contradicts itself then it is refused, never taken for success",
          "[wire]") {
  const auto answer = [](fb::Result result, std::uint16_t cause) {
    return response(Body::GroupConfigurationProvisionResponse, [&](auto& b, auto id, auto) {
      return fb::CreateGroupConfigurationProvisionResponse(b, id, result, cause);
    });
  };
  CHECK(answer(success, 0) == Verdict{});
  CHECK(answer(failure, 61) == Verdict{});
  CHECK(answer(failure, 60'000) == Verdict{});  // a cause of later versions
  CHECK(answer(static_cast<fb::Result>(2), 61) == Verdict{});
  CHECK(answer(success, 61) == kept(Cause::value_out_of_range));
  CHECK(answer(failure, 0) == kept(Cause::value_out_of_range));
  CHECK(answer(static_cast<fb::Result>(2), 0) == kept(Cause::value_out_of_range));

  CHECK(wire::outcome(success, 0) == Cause::none);
  CHECK(wire::outcome(failure, 61) == Cause::group_unknown);
  CHECK(wire::outcome(static_cast<fb::Result>(2), 61) == Cause::group_unknown);
  CHECK(wire::outcome(static_cast<fb::Result>(2), 0) != Cause::none);
  CHECK(wire::outcome(success, 61) == Cause::group_unknown);
  CHECK(wire::outcome(failure, 0) != Cause::none);
}

TEST_CASE("when a pull is answered then success has a revision and failure shows nothing",
          "[10.2.7.3][wire]") {
  const auto answer = [](fb::Result result, std::uint16_t cause, std::uint64_t revision,
                         bool given) {
    return response(Body::GroupConfigurationResponse, [&](auto& b, auto id, auto configuration) {
      if (!given) configuration = {};
      return fb::CreateGroupConfigurationResponse(b, id, result, cause, revision, configuration);
    });
  };
  CHECK(answer(success, 0, 5, true) == Verdict{});
  CHECK(answer(success, 0, 5, false) == Verdict{});
  CHECK(answer(failure, 60, 0, false) == Verdict{});
  CHECK(answer(success, 0, 0, true) == kept(Cause::value_out_of_range));
  CHECK(answer(failure, 60, 0, true) == kept(Cause::value_out_of_range));
}

TEST_CASE("when an MC service server is answered then success has a configuration",
          "[10.2.7.3][wire]") {
  const auto answer = [](fb::Result result, std::uint16_t cause, bool given) {
    return response(Body::GetGroupConfigurationResponse, [&](auto& b, auto id, auto configuration) {
      if (!given) configuration = {};
      return fb::CreateGetGroupConfigurationResponse(b, id, result, cause, configuration);
    });
  };
  CHECK(answer(success, 0, true) == Verdict{});
  CHECK(answer(failure, 65, false) == Verdict{});
  CHECK(answer(success, 0, false) == kept(Cause::field_missing));
  CHECK(answer(failure, 65, true) == kept(Cause::value_out_of_range));
}

TEST_CASE("when a notification does not name exactly one MC service then it is refused",
          "[10.2.7.2][wire]") {
  const auto notify = [](int services, bool given, bool withdrawn) {
    return response(Body::NotifyGroupConfigurationRequest,
                    [&](auto& b, auto id, auto configuration) {
                      if (!given) configuration = {};
                      return fb::CreateNotifyGroupConfigurationRequest(
                          b, id, static_cast<fb::Services>(services), configuration, withdrawn);
                    });
  };
  CHECK(notify(1, true, false) == Verdict{});
  CHECK(notify(4, false, true) == Verdict{});
  CHECK(notify(0, true, false) == answered(Cause::field_missing));
  CHECK(notify(3, true, false) == answered(Cause::value_out_of_range));
  CHECK(notify(8, true, false) == answered(Cause::value_out_of_range));
  CHECK(notify(1, true, true) == answered(Cause::value_out_of_range));
  CHECK(notify(1, false, false) == answered(Cause::field_missing));
}

TEST_CASE("when services that nobody knows are asked for then the request is refused", "[wire]") {
  const auto ask = [](int services) {
    return response(Body::GetGroupConfigurationRequest, [&](auto& b, auto id, auto) {
      return fb::CreateGetGroupConfigurationRequest(b, id, static_cast<fb::Services>(services));
    });
  };
  CHECK(ask(0) == Verdict{});
  CHECK(ask(7) == Verdict{});
  CHECK(ask(8) == answered(Cause::value_out_of_range));
}

TEST_CASE("when Hello lacks something then it is refused", "[wire]") {
  CHECK(hello(1, "sip:alpha.example", 5, 1024) == Verdict{});
  CHECK(hello(2, "sip:alpha.example", 5, 4'000'000'000U) == Verdict{});
  CHECK(hello(0, "sip:alpha.example", 5, 1024) == kept(Cause::value_out_of_range));
  CHECK(hello(1, "", 5, 1024) == kept(Cause::field_missing));
  CHECK(hello(1, "sip:a@alpha.example", 5, 1024) == kept(Cause::identity_malformed));
  CHECK(hello(1, "sip:alpha.example", 0, 1024) == kept(Cause::value_out_of_range));
  CHECK(hello(1, "sip:alpha.example", 5, 1023) == kept(Cause::value_out_of_range));
}

TEST_CASE("when a refusal has no cause then it is refused itself", "[wire]") {
  const auto refusal = [](std::uint16_t cause) {
    return judge(message(
        Body::Refusal, [&](FlatBufferBuilder& b) { return fb::CreateRefusal(b, cause).Union(); }));
  };
  CHECK(refusal(20) == Verdict{});
  CHECK(refusal(0) == kept(Cause::value_out_of_range));
}
