// SPDX-License-Identifier: Apache-2.0
// The seeds of the fuzz targets are golden frames as well: bytes that this version wrote, and that
// every later one must accept. `unit_wire "[golden-write]"`, in the root of the project, writes new
// ones; never overwrite what a release has written.
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "core/wire/affiliation_codec.h"
#include "core/wire/build.h"
#include "core/wire/build_affiliation.h"
#include "core/wire/configuration_codec.h"
#include "core/wire/inbound.h"
#include "core/wire/operator_message.h"
#include "tests/support/configurations.h"
#include "tests/support/key_envelopes.h"
#include "tests/support/wire_frames.h"

using namespace bivouac;
using namespace bivouac::wire;
using bivouac::test::WholeFrame;

namespace {

const std::filesystem::path corpora = "tests/fuzz/corpora";
using Files = std::map<std::string, Bytes>;

Files link_frames() {
  const GroupConfiguration full = test::full_configuration();
  const std::string_view group = full.group_id;
  GroupConfiguration effective = full;
  effective.alias = "Local name";
  const std::vector<KeyEnvelope> keys{test::envelope_for("sip:ben@bravo.example"),
                                      test::envelope_for("sip:bob@bravo.example", 2, 1'700'000)};
  const Address ask{"sip:alpha.example", "sip:bravo.example", {7}, {99}, {6}, 9'000};
  const Address answer{"sip:bravo.example", "sip:alpha.example", {7}, {99}, {}, 0};
  Address ask_presence = ask;
  ask_presence.frame_bytes_max = limits::frame_bytes_max;
  Address answer_presence = answer;
  answer_presence.frame_bytes_max = limits::frame_bytes_max;
  answer_presence.answerer_incarnation = {41};
  return {
      {"hello", build_hello("sip:alpha.example", {99})},
      {"heartbeat", build_heartbeat(1'000, 900)},
      {"refusal", build_refusal(answer, Cause::target_unknown)},
      {"provision", build_group_configuration_provision_request(ask, group, {3}, &full)},
      {"tombstone", build_group_configuration_provision_request(ask, group, {4}, nullptr)},
      {"provided", build_group_configuration_provision_response(answer, group, Cause::none)},
      {"pull", build_group_configuration_request(ask, group, Services::all(), {2})},
      {"pulled", build_group_configuration_response(answer, group, Cause::none, {3}, &full)},
      {"pull_refused",
       build_group_configuration_response(answer, group, Cause::not_authorised, {}, nullptr)},
      {"get", build_get_group_configuration_request(ask, group, {}, true)},
      {"got", build_get_group_configuration_response(answer, group, Cause::none, &effective,
                                                     1'700'000'000'000)},
      {"notify", build_notify_group_configuration_request(ask, group, Service::mcdata, &effective)},
      {"presence", build_presence_request(ask_presence, 3)},
      {"present", build_presence_response(answer_presence, 4)},
      {"notified", build_notify_group_configuration_response(answer, group, Cause::none)},
      {"subscribe",
       build_group_information_subscribe_request(
           ask, {{"sip:a@alpha.example", {2}}, {"sip:b@alpha.example", {}}}, {3'600, 500, {99}})},
      {"subscribed", build_group_information_subscribe_response(
                         answer, 3'600,
                         {{"sip:a@alpha.example", Cause::none, {3}},
                          {"sip:b@alpha.example", Cause::not_authorised, {}}})},
      {"information_notify", build_group_information_notify_request(ask, group, {5}, &full)},
      {"information_tombstone", build_group_information_notify_request(ask, group, {6}, nullptr)},
      {"information_keys", build_group_information_notify_request(ask, group, {7}, &full, &keys)},
      {"information_notified",
       build_group_information_notify_response(answer, group, Cause::not_subscribed)},
  };
}

const std::string ben = "sip:ben@bravo.example";
const std::vector<std::string> asked_groups{"sip:fire-2@alpha.example", "sip:fire-1@alpha.example"};

GroupAffiliation became(AffiliationStatus status, std::size_t which = 0,
                        Cause cause = Cause::none) {
  const bool holds = status == AffiliationStatus::affiliated;
  return {asked_groups[which], status, cause, holds ? Services::all() : Services{}, {}};
}

const std::vector<GroupAffiliation> affiliated{
    became(AffiliationStatus::affiliated),
    became(AffiliationStatus::rejected, 1, Cause::affiliation_limit)};
const std::vector<GroupAffiliation> deaffiliated{became(AffiliationStatus::deaffiliated),
                                                 became(AffiliationStatus::not_affiliated, 1)};
const std::vector<GroupAffiliation> updated{became(AffiliationStatus::affiliated)};
const std::vector<GroupAffiliation> ended{
    became(AffiliationStatus::deaffiliated, 0, Cause::not_a_member)};

/// The ten tables of 10.X.2.1 to 10.X.2.6, those between systems with a client and without.
Files affiliation_frames() {
  const Address from{ben, "sip:bravo.example", {7}, {99}, {6}, 9'000, "phone"};
  const Address to{"sip:bravo.example", ben, {7}, {99}, {}, 0, "phone"};
  const Address ask{"sip:bravo.example", "sip:alpha.example", {7}, {99}, {6}, 9'000};
  const Address answer{"sip:alpha.example", "sip:bravo.example", {7}, {99}, {}, 0};
  const Address told{"sip:bravo.example", "sip:bravo.example", {8}, {99}, {}, 0};
  const AffiliatedClient phone{ben, "phone"};
  const AffiliatedClient all{ben};
  return {
      {"client_affiliate", build_client_group_affiliation_request(from, ben, asked_groups)},
      {"client_affiliated", build_client_group_affiliation_response(to, ben, affiliated)},
      {"client_deaffiliate", build_client_group_deaffiliation_request(
                                 from, ben, asked_groups, DeaffiliationScope::all_clients)},
      {"client_deaffiliated", build_client_group_deaffiliation_response(
                                  to, ben, deaffiliated, DeaffiliationScope::all_clients)},
      {"affiliate", build_group_affiliation_request(ask, phone, asked_groups, Services::all())},
      {"affiliate_user",
       build_group_affiliation_request(ask, all, asked_groups, Services::of(Service::mcptt))},
      {"affiliated", build_group_affiliation_response(answer, phone, affiliated)},
      {"deaffiliate", build_group_deaffiliation_request(ask, phone, asked_groups, EndedBy::user)},
      {"deaffiliate_user",
       build_group_deaffiliation_request(ask, all, asked_groups, EndedBy::user)},
      {"deaffiliate_by_system",
       build_group_deaffiliation_request(ask, phone, asked_groups, EndedBy::mc_system)},
      {"deaffiliated", build_group_deaffiliation_response(answer, phone, deaffiliated)},
      {"affiliation_update", build_group_affiliation_status_update(told, ben, updated)},
      {"deaffiliation_update", build_group_deaffiliation_status_update(told, ben, ended)},
  };
}

/// What a client is told of affiliations without having asked, or because it subscribed.
Files affiliation_news() {
  const Address from{ben, "sip:bravo.example", {7}, {99}, {6}, 9'000, "phone"};
  const Address to{"sip:bravo.example", ben, {7}, {99}, {}, 9'000, "phone"};
  std::vector<GroupAffiliation> all{became(AffiliationStatus::affiliating, 1, Cause::unreachable),
                                    became(AffiliationStatus::affiliated)};
  for (GroupAffiliation& one : all) one.client_id = "phone";
  return {
      {"client_ended", build_client_group_deaffiliation_notification(to, ben, ended)},
      {"status_subscribe", build_subscribe_affiliation_status_request(from, ben, false)},
      {"status_unsubscribe", build_subscribe_affiliation_status_request(from, ben, true)},
      {"status_subscribed", build_subscribe_affiliation_status_response(to, ben, Cause::none, all)},
      {"status_refused",
       build_subscribe_affiliation_status_response(to, ben, Cause::not_authorised, {})},
      {"status_notify", build_client_notify_affiliation_status_request(to, ben, all)},
      {"status_none", build_client_notify_affiliation_status_request(to, ben, {})},
      {"status_ended",
       build_client_notify_affiliation_status_request(to, ben, Cause::not_authorised)},
      {"status_notified", build_client_notify_affiliation_status_response(from, ben, Cause::none)},
  };
}

/// Two systems compare their affiliations (F7).
Files exchange_frames() {
  const Address ask{"sip:bravo.example", "sip:alpha.example", {7}, {99}, {6}, 9'000};
  const Address answer{"sip:alpha.example", "sip:bravo.example", {7}, {99}, {}, 0};
  const std::string bea = "sip:bea@bravo.example";
  const std::vector<AffiliatedUser> compared{{bea, 0x1234'5678'9abc'def0}, {ben, 1}};
  std::vector<GroupAffiliation> held{became(AffiliationStatus::affiliated, 1)};
  held[0].client_id = "phone";
  const std::vector<HostedUser> differ{{bea, {}}, {ben, held}};
  return {
      {"exchange", build_group_affiliation_exchange_request(ask, compared, {}, ben)},
      {"exchange_of_nobody", build_group_affiliation_exchange_request(ask, {}, bea, {})},
      {"exchanged", build_group_affiliation_exchange_response(answer, differ, ben)},
      {"exchange_wanted", build_group_affiliation_exchange_notification(answer)},
  };
}

Files envelope_frames() {
  Files all = link_frames();
  all.merge(exchange_frames());
  all.merge(affiliation_frames());
  all.merge(affiliation_news());
  return all;
}

Bytes status_answer() {
  flatbuffers::FlatBufferBuilder b;
  const auto count = fb::CreateNamedCount(b, b.CreateString("silent"), 3);
  const auto counts = b.CreateVector(&count, 1);
  const auto link = fb::CreateLinkStatus(b, b.CreateString("sip:bravo.example"), true, 5,
                                         b.CreateString("192.0.2.1:5061"));
  const auto links = b.CreateVector(&link, 1);
  const auto loss = b.CreateString("group sip:fire-1@alpha.example");
  const auto losses = b.CreateVector(&loss, 1);
  fb::StatusAnswerBuilder status(b);
  status.add_links(links);
  status.add_refusals(counts);
  status.add_handshake_failures(counts);
  status.add_store_losses(losses);
  return finish_operator_frame(b, status.Finish());
}

Bytes show_answer() {
  flatbuffers::FlatBufferBuilder b;
  const auto summary = fb::CreateGroupSummary(b, b.CreateString("sip:fire-1@alpha.example"));
  const auto original = pack(b, test::sample_configuration(2));
  const auto effective = pack(b, test::full_configuration());
  const auto exposure = fb::CreateExposureState(b, b.CreateString("sip:bravo.example"), 2, 1, true);
  const auto exposures = b.CreateVector(&exposure, 1);
  return finish_operator_frame(
      b, fb::CreateGroupShowAnswer(b, summary, original, effective, exposures));
}

Bytes subscriptions_answer() {
  flatbuffers::FlatBufferBuilder b;
  const auto group = b.CreateString("sip:fire-1@alpha.example");
  const auto system = b.CreateString("sip:bravo.example");
  const auto notified = fb::CreateSubscriptionState(b, group, system, true, 3'000, 0, 4, 3, true);
  const auto subscribed =
      fb::CreateSubscribedState(b, group, system, fb::SubscriptionWish::wanted, true, 3'000);
  const auto notified_list = b.CreateVector(&notified, 1);
  const auto subscribed_list = b.CreateVector(&subscribed, 1);
  return finish_operator_frame(
      b, fb::CreateSubscriptionListAnswer(b, notified_list, subscribed_list, 7, 8));
}

Bytes keys_answer() {
  flatbuffers::FlatBufferBuilder b;
  const auto group = b.CreateString("sip:fire-1@alpha.example");
  const auto recipient = b.CreateString("sip:ben@bravo.example");
  const auto one = fb::CreateKeySummary(b, recipient, 7, 1'700'000, 32);
  const auto list = b.CreateVector(&one, 1);
  return finish_operator_frame(b, fb::CreateGroupKeysListAnswer(b, group, list, true));
}

Bytes affiliations_answer() {
  flatbuffers::FlatBufferBuilder b;
  const auto user = b.CreateString(ben);
  const auto home = b.CreateString("sip:bravo.example");
  const auto client = b.CreateString("phone");
  const auto group = b.CreateString("sip:fire-1@alpha.example");
  const auto group_home = b.CreateString("sip:alpha.example");
  const auto one = fb::CreateAffiliationState(
      b, user, home, client, group, group_home, fb::AffiliationStatus::affiliating,
      static_cast<std::uint16_t>(Cause::unreachable), by_user.bits, fb::Services::NONE, user,
      1'700'000'000'000, true, false, true, false);
  const auto list = b.CreateVector(&one, 1);
  return finish_operator_frame(b, fb::CreateAffiliationListAnswer(b, list, 3, 4, 5, home, 8, true));
}

Files operator_frames() {
  const std::string_view group = "sip:fire-1@alpha.example";
  return {
      {"status", build_status_request()},
      {"watch", build_watch_request()},
      {"list", build_group_list_request()},
      {"show", build_group_show_request(group)},
      {"import", build_group_import_request(test::full_configuration())},
      {"remove", build_group_remove_request(group)},
      {"push", build_group_push_request(group, "sip:bravo.example")},
      {"fetch", build_group_fetch_request(group, Services::of(Service::mcptt))},
      {"keys_import", build_group_keys_import_request(
                          group, std::vector{test::envelope_for("sip:ben@bravo.example")})},
      {"keys_list", build_group_keys_list_request(group)},
      {"keys_remove", build_group_keys_remove_request(group, {7})},
      {"keys_answer", keys_answer()},
      {"operation", build_operation_answer(fb::OutcomeKind::done, Cause::none, group, {2})},
      {"status_answer", status_answer()},
      {"show_answer", show_answer()},
      {"subscribe", build_group_subscribe_request(group, 7'200)},
      {"unsubscribe", build_group_unsubscribe_request(group)},
      {"subscriptions", build_subscription_list_request(3, 4)},
      {"subscriptions_answer", subscriptions_answer()},
      {"affiliations", build_affiliation_list_request({ben, std::string(group), true, 3, 4, 5})},
      {"affiliations_answer", affiliations_answer()},
  };
}

/// What the target of a folder reads: bodies without headers; for the deframer whole streams behind
/// its five bytes of settings.
Files seeds_of(const std::string& target) {
  Files files;
  if (target == "fuzz_deframer") {
    Bytes all = {3, 0, 1, 7, 255};
    for (const auto& [name, frame] : envelope_frames())
      all.insert(all.end(), frame.begin(), frame.end());
    files["stream"] = all;
    return files;
  }
  files = target == "fuzz_envelope" ? envelope_frames() : operator_frames();
  for (auto& [name, bytes] : files) {
    bytes.erase(bytes.begin(), bytes.begin() + limits::frame_header_bytes);
  }
  return files;
}

Bytes read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace

TEST_CASE("when an earlier version wrote a frame then this one accepts it", "[wire]") {
  for (const auto& [name, unused] : envelope_frames()) {
    CAPTURE(name);
    const Bytes body = read(corpora / "fuzz_envelope" / ("golden_" + name));
    REQUIRE_FALSE(body.empty());
    CHECK(verify(WholeFrame::around(body).frame()).has_value());
  }
  for (const auto& [name, unused] : operator_frames()) {
    CAPTURE(name);
    const Bytes body = read(corpora / "fuzz_operator" / ("golden_" + name));
    REQUIRE_FALSE(body.empty());
    CHECK(verify_operator(WholeFrame::around(body).frame()).has_value());
  }
}

TEST_CASE("when an earlier version wrote a configuration then nothing of it is lost", "[wire]") {
  const Bytes body = read(corpora / "fuzz_envelope" / "golden_pulled");
  REQUIRE_FALSE(body.empty());
  const WholeFrame whole = WholeFrame::around(body);
  const auto inbound = verify(whole.frame());
  REQUIRE(inbound);
  const auto* response = inbound->envelope->body_as_GroupConfigurationResponse();
  REQUIRE(response != nullptr);
  CHECK(unpack(*response->configuration()) == test::full_configuration());
}

TEST_CASE("when an earlier version wrote affiliations then nothing of them is lost",
          "[wire][10.X.2.2a]") {
  const Bytes body = read(corpora / "fuzz_envelope" / "golden_affiliated");
  REQUIRE_FALSE(body.empty());
  const WholeFrame whole = WholeFrame::around(body);
  const auto inbound = verify(whole.frame());
  REQUIRE(inbound);
  const auto* response = inbound->envelope->body_as_GroupAffiliationResponse();
  REQUIRE(response != nullptr);
  CHECK(response->mc_service_id()->string_view() == ben);
  CHECK(response->client_id()->string_view() == "phone");
  CHECK(unpack(response->groups()) == affiliated);
}

TEST_CASE("when golden frames are asked for then they are written", "[.][golden-write]") {
  for (const std::string target : {"fuzz_deframer", "fuzz_envelope", "fuzz_operator"}) {
    std::filesystem::create_directories(corpora / target);
    for (const auto& [name, bytes] : seeds_of(target)) {
      std::ofstream out(corpora / target / ("golden_" + name), std::ios::binary);
      out.write(reinterpret_cast<const char*>(bytes.data()),
                static_cast<std::streamsize>(bytes.size()));
    }
  }
}
