// SPDX-License-Identifier: Apache-2.0
// The ten tables of 10.X.2.1 to 10.X.2.6 as a hostile or broken peer might build them: each element
// that must be there, and each that may.
#include <catch2/catch_test_macros.hpp>

#include "tests/unit/wire/message.h"

using namespace bivouac;
using namespace bivouac::test;
namespace fb = bivouac::wire::fb;
using fb::Body;

namespace {

const std::string ben = "sip:ben@bravo.example";
const std::string rescue = "sip:rescue@alpha.example";
const std::string absent = "absent";

const EnvelopeFields from_client{ben, "sip:bravo.example", 7, 99, 0, "BVQ1", "phone"};
const EnvelopeFields to_client{"sip:bravo.example", ben, 7, 99, 0, "BVQ1", "phone"};
const EnvelopeFields between{};

/// What the tables of this family hold, between them.
struct Fields {
  std::string mc_service_id = ben;
  std::vector<std::string> group_ids = {rescue};
  bool with_list = true;
  fb::AffiliationStatus status = fb::AffiliationStatus::affiliated;
  std::uint16_t cause = 0;
  std::string client_id = "phone";
  fb::DeaffiliationScope scope = fb::DeaffiliationScope::this_client;
  fb::Services services = fb::Services::mcptt;
};

using Texts = flatbuffers::Vector<Offset<flatbuffers::String>>;
using Groups = flatbuffers::Vector<Offset<fb::GroupAffiliation>>;

/// The parts, for whichever table takes them.
struct Packed {
  Offset<flatbuffers::String> user;
  Offset<Texts> ids;
  Offset<Groups> groups;
  Offset<flatbuffers::String> client;
};

Packed pack(FlatBufferBuilder& b, const Fields& f) {
  Packed packed;
  if (f.mc_service_id != absent) packed.user = b.CreateString(f.mc_service_id);
  if (f.client_id != absent) packed.client = b.CreateString(f.client_id);
  if (!f.with_list) return packed;
  std::vector<Offset<flatbuffers::String>> ids;
  std::vector<Offset<fb::GroupAffiliation>> groups;
  for (const std::string& id : f.group_ids) {
    ids.push_back(b.CreateString(id));
    groups.push_back(
        fb::CreateGroupAffiliation(b, b.CreateString(id), f.status, f.cause, fb::Services::mcptt));
  }
  packed.ids = b.CreateVector(ids);
  packed.groups = b.CreateVector(groups);
  return packed;
}

/// By the builder of the generated code, which checks nothing; `required` fields are left out as a
/// foreign implementation would.
template <class Builder, class Add>
MakeBody table(const Fields& fields, Add add) {
  return [fields, add](FlatBufferBuilder& b) {
    const Packed packed = pack(b, fields);
    Builder builder(b);
    if (!packed.user.IsNull()) builder.add_mc_service_id(packed.user);
    add(builder, packed);
    return Offset<void>(b.EndTable(builder.start_));
  };
}

template <class Builder>
MakeBody client_asks(const Fields& fields) {
  return table<Builder>(fields, [fields](Builder& builder, const Packed& packed) {
    if (!packed.ids.IsNull()) builder.add_group_ids(packed.ids);
    if constexpr (requires { builder.add_scope(fields.scope); }) builder.add_scope(fields.scope);
  });
}

template <class Builder>
MakeBody system_asks(const Fields& fields) {
  return table<Builder>(fields, [fields](Builder& builder, const Packed& packed) {
    if (!packed.ids.IsNull()) builder.add_group_ids(packed.ids);
    if (!packed.client.IsNull()) builder.add_client_id(packed.client);
    if constexpr (requires { builder.add_scope(fields.scope); }) builder.add_scope(fields.scope);
    if constexpr (requires { builder.add_services(fields.services); })
      builder.add_services(fields.services);
  });
}

template <class Builder>
MakeBody tells(const Fields& fields) {
  return table<Builder>(fields, [fields](Builder& builder, const Packed& packed) {
    if (!packed.groups.IsNull()) builder.add_groups(packed.groups);
    if constexpr (requires { builder.add_client_id(packed.client); }) {
      if (!packed.client.IsNull()) builder.add_client_id(packed.client);
    }
    if constexpr (requires { builder.add_scope(fields.scope); }) builder.add_scope(fields.scope);
  });
}

struct Table {
  Body type;
  MakeBody (*make)(const Fields&);
  const EnvelopeFields* ends;
  bool is_answer = false;
  Fields good = {};

  Verdict verdict(const Fields& fields) const { return judge(message(type, make(fields), *ends)); }
  /// An update has no answer either (F8).
  Verdict refused(Cause cause) const {
    return is_answer || is_update() ? kept(cause) : answered(cause);
  }
  bool is_update() const { return std::string_view(fb::EnumNameBody(type)).contains("Update"); }
  bool bears_groups() const { return is_answer || is_update(); }
};

Fields left() {
  Fields fields;
  fields.status = fb::AffiliationStatus::deaffiliated;
  return fields;
}

/// With their twins between systems.
const Table tables[] = {
    {Body::ClientGroupAffiliationRequest, client_asks<fb::ClientGroupAffiliationRequestBuilder>,
     &from_client},
    {Body::GroupAffiliationRequest, system_asks<fb::GroupAffiliationRequestBuilder>, &between},
    {Body::ClientGroupAffiliationResponse, tells<fb::ClientGroupAffiliationResponseBuilder>,
     &to_client, true},
    {Body::GroupAffiliationResponse, tells<fb::GroupAffiliationResponseBuilder>, &between, true},
    {Body::GroupAffiliationStatusUpdate, tells<fb::GroupAffiliationStatusUpdateBuilder>, &between},
    {Body::ClientGroupDeaffiliationRequest, client_asks<fb::ClientGroupDeaffiliationRequestBuilder>,
     &from_client},
    {Body::GroupDeaffiliationRequest, system_asks<fb::GroupDeaffiliationRequestBuilder>, &between},
    {Body::ClientGroupDeaffiliationResponse, tells<fb::ClientGroupDeaffiliationResponseBuilder>,
     &to_client, true, left()},
    {Body::GroupDeaffiliationResponse, tells<fb::GroupDeaffiliationResponseBuilder>, &between, true,
     left()},
    {Body::GroupDeaffiliationStatusUpdate, tells<fb::GroupDeaffiliationStatusUpdateBuilder>,
     &between, false, left()},
};

/// The good message, changed in one place.
template <class Change>
Verdict changed(const Table& table, Change change) {
  Fields fields = table.good;
  change(fields);
  return table.verdict(fields);
}

}  // namespace

TEST_CASE("when a table of affiliation has all its elements then it is accepted",
          "[wire][10.X.2.1][10.X.2.1a][10.X.2.2][10.X.2.2a][10.X.2.3]"
          "[10.X.2.4][10.X.2.4a][10.X.2.5][10.X.2.5a][10.X.2.6]") {
  for (const Table& table : tables) {
    CAPTURE(fb::EnumNameBody(table.type));
    CHECK(table.verdict(table.good) == Verdict{});
  }
}

TEST_CASE("when a table of affiliation lacks an element then it is refused",
          "[wire][10.X.2.1][10.X.2.1a][10.X.2.2][10.X.2.2a][10.X.2.3]"
          "[10.X.2.4][10.X.2.4a][10.X.2.5][10.X.2.5a][10.X.2.6]") {
  for (const Table& table : tables) {
    CAPTURE(fb::EnumNameBody(table.type));
    CHECK(changed(table, [](Fields& f) { f.mc_service_id = absent; }) ==
          closed(Cause::envelope_malformed));
    CHECK(changed(table, [](Fields& f) { f.mc_service_id = ""; }) ==
          table.refused(Cause::field_missing));
    CHECK(changed(table, [](Fields& f) { f.with_list = false; }) ==
          closed(Cause::envelope_malformed));
    CHECK(changed(table, [](Fields& f) { f.group_ids.clear(); }) ==
          table.refused(Cause::field_missing));
  }
}

TEST_CASE("when a list of affiliation is too long then it is refused", "[wire]") {
  for (const Table& table : tables) {
    CAPTURE(fb::EnumNameBody(table.type));
    CHECK(changed(table, [](Fields& f) {
            f.group_ids.assign(limits::affiliation_groups_max, rescue);
          }) == Verdict{});  // that one is named twice is no fault of the message
    CHECK(changed(table, [](Fields& f) {
            f.group_ids.assign(limits::affiliation_groups_max + 1, rescue);
          }) == table.refused(Cause::too_many_elements));
  }
}

TEST_CASE("when an identity of affiliation is malformed then it is refused", "[wire]") {
  for (const Table& table : tables) {
    CAPTURE(fb::EnumNameBody(table.type));
    for (const std::string bad : {"ben", "sip:ben@BRAVO.example", "sip:b en@bravo.example"}) {
      CHECK(changed(table, [&](Fields& f) { f.mc_service_id = bad; }) ==
            table.refused(Cause::identity_malformed));
      CHECK(changed(table, [&](Fields& f) { f.group_ids.push_back(bad); }) ==
            table.refused(Cause::identity_malformed));
    }
    CHECK(changed(table, [](Fields& f) { f.group_ids.emplace_back(); }) ==
          table.refused(Cause::field_missing));
  }
}

TEST_CASE("when a status of affiliation is unknown, or of another table, then it is refused",
          "[wire]") {
  for (const Table& table : tables) {
    if (!table.bears_groups()) continue;
    CAPTURE(fb::EnumNameBody(table.type));
    const bool leaves = table.good.status == fb::AffiliationStatus::deaffiliated;
    for (const auto status :
         {static_cast<fb::AffiliationStatus>(6), static_cast<fb::AffiliationStatus>(255),
          leaves ? fb::AffiliationStatus::affiliated : fb::AffiliationStatus::deaffiliated}) {
      CHECK(changed(table, [&](Fields& f) { f.status = status; }) ==
            table.refused(Cause::value_out_of_range));
    }
    // A refusal says why.
    CHECK(changed(table, [](Fields& f) { f.status = fb::AffiliationStatus::rejected; }) ==
          table.refused(Cause::value_out_of_range));
    CHECK((changed(table, [](Fields& f) {
             f.status = fb::AffiliationStatus::rejected;
             f.cause = 60'000;
           }) == Verdict{}) == table.is_answer);
  }
}

TEST_CASE("when a scope or service of affiliation is unknown then it is refused",
          "[wire][10.X.2.1a][10.X.2.4][10.X.2.4a][10.X.2.5][10.X.2.5a]") {
  for (const Table& table : tables) {
    CAPTURE(fb::EnumNameBody(table.type));
    if (table.good.status == fb::AffiliationStatus::deaffiliated ||
        table.type == Body::ClientGroupDeaffiliationRequest ||
        table.type == Body::GroupDeaffiliationRequest) {
      const bool has_scope = table.type != Body::GroupDeaffiliationStatusUpdate;
      CHECK((changed(table, [](Fields& f) { f.scope = static_cast<fb::DeaffiliationScope>(2); }) ==
             table.refused(Cause::value_out_of_range)) == has_scope);
    }
    if (table.type != Body::GroupAffiliationRequest) continue;
    CHECK(changed(table, [](Fields& f) { f.services = fb::Services::NONE; }) ==
          table.refused(Cause::field_missing));
    CHECK(changed(table, [](Fields& f) { f.services = static_cast<fb::Services>(64); }) ==
          table.refused(Cause::value_out_of_range));
  }
}

TEST_CASE("when a client id and a scope contradict each other then it is refused",
          "[wire][10.X.2.4a][10.X.2.5a]") {
  for (const Table& table : tables) {
    if (table.ends != &between || table.is_update()) continue;
    CAPTURE(fb::EnumNameBody(table.type));
    const bool leaves = table.type == Body::GroupDeaffiliationRequest ||
                        table.type == Body::GroupDeaffiliationResponse;
    const Verdict contradiction = leaves ? table.refused(Cause::value_out_of_range) : Verdict{};
    CHECK(changed(table, [](Fields& f) { f.client_id = absent; }) == contradiction);
    CHECK(changed(table, [](Fields& f) { f.scope = fb::DeaffiliationScope::all_clients; }) ==
          contradiction);
    CHECK(changed(table, [](Fields& f) {
            f.client_id = absent;
            f.scope = fb::DeaffiliationScope::all_clients;
          }) == Verdict{});
    CHECK(changed(table, [](Fields& f) {
            f.client_id = std::string(limits::client_id_bytes_max + 1, 'c');
          }) == table.refused(Cause::value_out_of_range));
    CHECK(changed(table, [](Fields& f) { f.client_id = "ph\xFF"; }) ==
          table.refused(Cause::text_malformed));
  }
}

TEST_CASE("when a client's message of affiliation names no client then it is refused", "[wire]") {
  for (const Table& table : tables) {
    if (table.ends == &between) continue;
    CAPTURE(fb::EnumNameBody(table.type));
    EnvelopeFields nameless = *table.ends;
    nameless.client_id = absent;
    CHECK(judge(message(table.type, table.make(table.good), nameless)).cause ==
          Cause::field_missing);
    CHECK(judge(message(table.type, table.make(table.good), between)).cause ==
          Cause::identity_malformed);
  }
}
