// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <set>
#include <tuple>

#include <catch2/catch_test_macros.hpp>

#include "tests/support/affiliation_bench.h"
#include "tests/support/gateway_bench.h"

using namespace bivouac;
using namespace bivouac::test;

namespace {

namespace fb = wire::fb;
using wire::AffiliationQuestion;

constexpr const char* alpha_id = "sip:alpha.example";
constexpr const char* bravo_id = "sip:bravo.example";

const fb::OperatorMessage& message_in(const Bytes& frame) {
  return *fb::GetOperatorMessage(frame.data() + limits::frame_header_bytes);
}

/// What an operator is told: the affiliations, or why not.
struct Told {
  Bytes frame;
  Told(McSystem& system, const AffiliationQuestion& question)
      : frame(system.ask(wire::build_affiliation_list_request(question))) {}

  Cause cause() const {
    const auto* operation = message_in(frame).body_as_OperationAnswer();
    return operation == nullptr ? Cause::none : static_cast<Cause>(operation->cause());
  }
  const fb::AffiliationListAnswer& answer() const {
    REQUIRE(message_in(frame).body_as_AffiliationListAnswer() != nullptr);
    return *message_in(frame).body_as_AffiliationListAnswer();
  }
  std::vector<std::string> lines() const {
    std::vector<std::string> all;
    for (const auto* one : *answer().affiliations())
      all.push_back(one->mc_service_id()->str() + ' ' + one->client_id()->str() + ' ' +
                    one->group_id()->str() + ' ' +
                    std::string(name(static_cast<AffiliationStatus>(one->status()))));
    return all;
  }
};

using Lines = std::vector<std::string>;

engine::Configuration alpha_that_lets_affiliate() {
  engine::Configuration a = alpha_configuration();
  a.partners[0].rights.affiliate = {"sip:*@alpha.example"};
  return a;
}

/// Ben, of bravo, is a member of a group of alpha's and of one of bravo's.
struct TwoSystems : UserBench {
  TwoSystems() : UserBench(alpha_that_lets_affiliate()) {
    UserProfile profile = sample_profile(ben, group_id);
    profile.groups.push_back({fire, bravo_id});
    profile.affiliations_max = 3;
    bravo.import_user(profile);
    GroupConfiguration ours = own_group(fire, {ben});
    ours.mandatory_area = Area{{{1, 1}, {1, 9}, {9, 9}}, {}, 0, 0, 0, 0};
    bravo.import(ours);
    world.pass(DurationMs{100});
  }
};

struct Phone : TestClient {
  explicit Phone(TwoSystems& bench) : TestClient(bench.world, bench.bravo, ben) {
    log_on();
    bench.world.pass(DurationMs{100});
    reports();
  }
};

std::map<std::string, std::uint64_t> counts(
    const flatbuffers::Vector<flatbuffers::Offset<fb::NamedCount>>* list) {
  std::map<std::string, std::uint64_t> all;
  for (const auto* one : *list) {
    if (one->count() != 0) all[one->name()->str()] = one->count();
  }
  return all;
}

}  // namespace

TEST_CASE("when a user is affiliated here and at a partner then both operators see whose it is") {
  TwoSystems bench;
  Phone phone(bench);
  phone.affiliate({group_id, fire});
  bench.world.pass(DurationMs{100});

  const Told ours(bench.bravo, {});
  CHECK(std::set<std::string>{ours.lines()[0], ours.lines()[1]} ==
        std::set<std::string>{ben + " phone " + fire + " affiliated",
                              ben + " phone " + group_id + " affiliated"});
  for (const auto* one : *ours.answer().affiliations()) {
    const bool own = one->group_id()->str() == fire;
    CHECK(one->user_here());
    CHECK(one->user_home()->str() == bravo_id);
    CHECK(one->group_here() == own);
    CHECK(one->group_home()->str() == (own ? bravo_id : alpha_id));
    CHECK(one->sources() == by_user.bits);
    CHECK(one->changed_by()->str() == ben);
    CHECK(one->changed_wall_ms() >= 1'760'000'000'000U);
    CHECK(one->services() != fb::Services::NONE);
    CHECK(one->mandatory_area() == own);
    CHECK_FALSE(one->permitted_area());
  }
  const Told hosted(bench.alpha, {});
  REQUIRE(hosted.lines() == Lines{ben + " phone " + group_id + " affiliated"});
  const auto* one = hosted.answer().affiliations()->Get(0);
  CHECK_FALSE(one->user_here());
  CHECK(one->user_home()->str() == bravo_id);
  CHECK(one->group_here());
}

TEST_CASE("when an operator asks for a user, a group or what is pending then only that is told") {
  TwoSystems bench;
  bench.world.cut(alpha_id, bravo_id);
  bench.world.pass(DurationMs{100});
  Phone phone(bench);
  phone.affiliate({group_id, fire});
  bench.world.pass(DurationMs{100});

  const Told pending(bench.bravo, {.pending = true});
  CHECK(pending.lines() == Lines{ben + " phone " + group_id + " affiliating"});
  CHECK(Told(bench.bravo, {.group_id = fire}).lines() ==
        Lines{ben + " phone " + fire + " affiliated"});
  CHECK(Told(bench.bravo, {.group_id = fire, .pending = true}).lines().empty());
  const Told user(bench.bravo, {.mc_service_id = ben});
  CHECK(user.lines().size() == 2);
  CHECK(user.answer().user_here());
  CHECK(user.answer().affiliations_max() == 3);
  CHECK(user.answer().next_user() == 0);

  SECTION("whom a partner claims is known, and so is its group, without a record") {
    const Told other(bench.bravo, {.mc_service_id = "sip:ada@alpha.example"});
    CHECK(other.lines().empty());
    CHECK_FALSE(other.answer().user_here());
    CHECK(other.answer().user_home()->str() == alpha_id);
    CHECK(Told(bench.bravo, {.group_id = "sip:sea@alpha.example"}).lines().empty());
  }
  SECTION("nobody, and no group, are refused by name") {
    CHECK(Told(bench.bravo, {.mc_service_id = "sip:no@bravo.example"}).cause() ==
          Cause::user_unknown);
    CHECK(Told(bench.bravo, {.group_id = "sip:no@bravo.example"}).cause() == Cause::group_unknown);
  }
}

TEST_CASE("when there are more affiliations than an answer holds then it says where to go on") {
  GatewayBench before(bravo_configuration());
  flatbuffers::FlatBufferBuilder builder;
  const auto put = [&](const store::Key& key, auto offset) {
    before.table.apply({key, store::finish(builder, offset), false});
    builder.Clear();
  };
  constexpr std::uint32_t users = 700;
  for (std::uint32_t number = 1; number <= users + 1; ++number) {
    const std::string text =
        number > users ? fire : "sip:u" + std::to_string(number) + "@bravo.example";
    put(store::identity_key({1000 + number}),
        store::fb::CreateIdentity(builder, builder.CreateString(text)));
  }
  const IdentityNumber group{1000 + users + 1};
  for (std::uint32_t number = 1; number <= users; ++number) {
    put(store::affiliation_key({1000 + number}, group, {1001}),
        store::fb::CreateAffiliation(builder, 1, 1, 7, 1000 + number, 5));
  }
  GatewayBench bench(bravo_configuration(), before);
  AffiliationQuestion question;
  std::set<std::string> seen;
  std::size_t pages = 0;
  do {
    const Bytes frame = wire::build_affiliation_list_request(question);
    const Bytes body(frame.begin() + limits::frame_header_bytes, frame.end());
    bench.feed(engine::OperatorRequest{{1}, body, nullptr});
    const auto* answer = message_in(*bench.out.back().frame).body_as_AffiliationListAnswer();
    REQUIRE(answer != nullptr);
    CHECK(answer->affiliations()->size() <= wire::affiliations_page_max);
    for (const auto* one : *answer->affiliations())
      CHECK(seen.insert(one->mc_service_id()->str()).second);
    question.after_user = answer->next_user();
    question.after_group = answer->next_group();
    question.after_client = answer->next_client();
    ++pages;
  } while (question.after_user != 0);
  CHECK(seen.size() == users);
  CHECK(pages == users / wire::affiliations_page_max + 1);
}

TEST_CASE("when affiliations stand, wait and were refused then the status counts each") {
  TwoSystems bench;
  Phone phone(bench);
  phone.affiliate({group_id, fire, "sip:none@bravo.example"});
  bench.world.pass(DurationMs{100});
  const auto status = [](McSystem& system) { return system.ask(wire::build_status_request()); };
  using Counts = std::map<std::string, std::uint64_t>;

  Bytes frame = status(bench.bravo);
  const auto* ours = message_in(frame).body_as_StatusAnswer();
  CHECK(counts(ours->affiliations()) == Counts{{"affiliated", 2}});
  CHECK(counts(ours->affiliation_refusals()) == Counts{{"not_in_profile", 1}});
  CHECK(counts(ours->refusals())["not_in_profile"] == 1);
  CHECK(ours->users_hosted() == 0);
  Bytes hosting = status(bench.alpha);
  CHECK(counts(message_in(hosting).body_as_StatusAnswer()->affiliations()) ==
        Counts{{"affiliated", 1}});
  CHECK(message_in(hosting).body_as_StatusAnswer()->users_hosted() == 1);

  bench.world.cut(alpha_id, bravo_id);
  bench.world.pass(DurationMs{100});
  phone.deaffiliate({group_id});
  bench.world.pass(DurationMs{100});
  frame = status(bench.bravo);
  CHECK(counts(message_in(frame).body_as_StatusAnswer()->affiliations()) ==
        Counts{{"affiliated", 1}, {"deaffiliating", 1}});
  bench.bravo.crash();
  bench.bravo.start();
  frame = status(bench.bravo);
  CHECK(counts(message_in(frame).body_as_StatusAnswer()->affiliations()) ==
        Counts{{"affiliated", 1}, {"deaffiliating", 1}});
  bench.world.heal(alpha_id, bravo_id);
  bench.world.pass(DurationMs{60'000});
  frame = status(bench.bravo);
  CHECK(counts(message_in(frame).body_as_StatusAnswer()->affiliations()) ==
        Counts{{"affiliated", 1}});
  hosting = status(bench.alpha);
  CHECK(message_in(hosting).body_as_StatusAnswer()->users_hosted() == 0);
}
