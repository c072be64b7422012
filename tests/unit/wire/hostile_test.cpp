// SPDX-License-Identifier: Apache-2.0
// Frames that a hostile or broken peer could send: each is refused with its cause, and the
// connection closed or kept as core/wire/FORMAT.md says.
#include <array>
#include <ostream>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "core/wire/build.h"
#include "core/wire/operator_message.h"
#include "core/wire/structure.h"
#include "tests/support/configurations.h"
#include "tests/unit/wire/message.h"

using namespace bivouac;
using namespace bivouac::test;
namespace fb = bivouac::wire::fb;

namespace {

constexpr std::string_view group = "sip:fire-1@alpha.example";

Bytes full_provision() {
  const GroupConfiguration configuration = full_configuration();
  return wire::build_group_configuration_provision_request(
      {"sip:alpha.example", "sip:bravo.example", {7}, {99}, {}, 1'000}, configuration.group_id, {1},
      &configuration);
}

/// A provision whose member list refers `references` times to one and the same table.
WholeFrame bomb(std::size_t references) {
  return message(fb::Body::GroupConfigurationProvisionRequest, [&](FlatBufferBuilder& b) {
    const auto member = fb::CreateGroupMember(b, b.CreateString("sip:user0001@alpha.example"));
    const auto members = b.CreateVector(std::vector<Offset<fb::GroupMember>>(references, member));
    const auto id = b.CreateString(group);
    const auto home = b.CreateString("sip:alpha.example");
    fb::GroupConfigurationBuilder configuration(b);
    configuration.add_group_id(id);
    configuration.add_home_system(home);
    configuration.add_services(fb::Services::mcptt);
    configuration.add_members(members);
    const auto packed = configuration.Finish();
    return fb::CreateGroupConfigurationProvisionRequest(b, id, 1, packed).Union();
  });
}

/// What the same buffer is worth to the library's own limits.
bool accepted_by_library_defaults(const WholeFrame& whole) {
  const ByteView body = whole.frame().body;
  flatbuffers::Verifier verifier(body.data(), body.size());
  return fb::VerifyEnvelopeBuffer(verifier);
}

}  // namespace

TEST_CASE("when a buffer is cut short then the connection is closed", "[wire]") {
  const Bytes frame = full_provision();
  const ByteView body = ByteView(frame).subspan(limits::frame_header_bytes);
  for (std::size_t size = 0; size < body.size(); ++size) {
    CAPTURE(size);
    REQUIRE(judge(WholeFrame::around(body.first(size))).close);
  }
  CHECK(judge(WholeFrame::around(body)) == Verdict{});
}

TEST_CASE("when a buffer bears another identifier then the connection is closed", "[wire]") {
  WholeFrame whole(full_provision());
  whole.body()[4] = 'X';
  CHECK(judge(whole) == closed(Cause::frame_identifier));
  const WholeFrame operators(wire::build_status_request());
  CHECK(judge(operators) == closed(Cause::frame_identifier));
  const WholeFrame links(wire::build_heartbeat(1, 2));
  CHECK(wire::verify_operator(links.frame()) == refuse(Cause::frame_identifier));
}

TEST_CASE("when a buffer is garbage behind the identifier then the connection is closed",
          "[wire]") {
  for (const std::size_t size : {8U, 64U}) {
    for (const int fill : {0x00, 0x01, 0x7F, 0x80, 0xFF}) {
      Bytes body(size, static_cast<std::uint8_t>(fill));
      std::copy_n("BVQ1", 4, body.begin() + 4);
      CHECK(judge(WholeFrame::around(body)) == closed(Cause::envelope_malformed));
    }
  }
}

TEST_CASE("when any byte of a frame is changed then it is refused or still valid", "[wire]") {
  const Bytes frame = full_provision();
  for (std::size_t i = limits::frame_header_bytes; i < frame.size(); ++i) {
    for (const int flip : {0x01, 0x02, 0x40, 0x80, 0xFF}) {
      Bytes damaged = frame;
      damaged[i] = static_cast<std::uint8_t>(damaged[i] ^ flip);
      const WholeFrame whole(damaged);
      const auto inbound = wire::verify(whole.frame());
      if (!inbound) continue;
      const auto* provision = inbound->envelope->body_as_GroupConfigurationProvisionRequest();
      REQUIRE(provision != nullptr);
      REQUIRE(wire::validate(wire::unpack(*provision->configuration())) == Cause::none);
    }
  }
}

TEST_CASE("when a list refers to one table many times then it is refused by count", "[wire]") {
  // A list that its bytes could hold is judged as a list: the connection stays.
  CHECK(judge(bomb(10)) == answered(Cause::member_duplicate));
  // More references than the bytes can hold tables: refused before a member is looked at, though
  // the library by itself accepts all of them.
  for (const std::size_t references : {1'000U, 10'000U, 100'000U}) {
    const WholeFrame whole = bomb(references);
    CHECK(accepted_by_library_defaults(whole));
    CHECK(judge(whole) == closed(Cause::envelope_malformed));
  }
}

TEST_CASE(
    "when a list is refused by count then as many tables were visited as allowed, and no more",
    "[wire]") {
  // Four tables, then members: the first count at which the verifier gives up is the limit itself.
  std::size_t references = 10;
  while (!judge(bomb(references)).close) ++references;
  const std::size_t bytes = bomb(references).frame().body.size();
  CHECK(references + 3 == bytes / wire::table_bytes_min + 1);
  CHECK(bytes < 1'000);
}

TEST_CASE("when unknown fields nest deep then they are not followed", "[wire]") {
  FlatBufferBuilder b;
  constexpr flatbuffers::voffset_t unknown_field = 4 + 2 * 9;
  flatbuffers::uoffset_t inner = 0;
  for (int depth = 0; depth < 20'000; ++depth) {
    const auto start = b.StartTable();
    b.AddOffset(unknown_field, Offset<void>(inner));
    inner = b.EndTable(start);
  }
  const auto heartbeat = fb::CreateHeartbeat(b, 1, 2).Union();
  const auto start = b.StartTable();
  b.AddElement<std::uint8_t>(fb::Envelope::VT_BODY_TYPE,
                             static_cast<std::uint8_t>(fb::Body::Heartbeat), 0);
  b.AddOffset(fb::Envelope::VT_BODY, heartbeat);
  b.AddOffset(unknown_field, Offset<void>(inner));
  b.Finish(Offset<fb::Envelope>(b.EndTable(start)), "BVQ1");
  CHECK(judge(WholeFrame::around({b.GetBufferPointer(), b.GetSize()})) == Verdict{});
}

TEST_CASE("when a known field refers to its own table then nesting ends at the schema's depth",
          "[wire]") {
  // The area's list of corners refers back to the area: read as a corner, it is only numbers.
  WholeFrame whole =
      message(fb::Body::GroupConfigurationProvisionRequest, [](FlatBufferBuilder& b) {
        GroupConfiguration c = full_configuration();
        const auto id = b.CreateString(c.group_id);
        return fb::CreateGroupConfigurationProvisionRequest(b, id, 1, wire::pack(b, c)).Union();
      });
  const auto inbound = wire::verify(whole.frame());
  REQUIRE(inbound);
  const auto* area = inbound->envelope->body_as_GroupConfigurationProvisionRequest()
                         ->configuration()
                         ->permitted_area();
  const auto* slot = area->corners()->Data();
  const auto at = static_cast<std::size_t>(slot - whole.body());
  const auto back = static_cast<std::uint32_t>(reinterpret_cast<const std::uint8_t*>(area) - slot);
  for (unsigned i = 0; i < 4; ++i)
    whole.body()[at + i] = static_cast<std::uint8_t>(back >> (8 * i));
  CHECK(judge(whole).cause != Cause::none);
}

TEST_CASE("when a vector begins at an odd place then the connection is closed", "[wire]") {
  WholeFrame whole(full_provision());
  const auto inbound = wire::verify(whole.frame());
  REQUIRE(inbound);
  const auto* configuration =
      inbound->envelope->body_as_GroupConfigurationProvisionRequest()->configuration();
  const auto* field = reinterpret_cast<const flatbuffers::Table*>(configuration)
                          ->GetAddressOf(fb::GroupConfiguration::VT_MEMBERS);
  REQUIRE(field != nullptr);
  const auto at = static_cast<std::size_t>(field - whole.body());
  const std::uint8_t low = whole.body()[at];
  for (const int shift : {1, 2, 3}) {
    whole.body()[at] = static_cast<std::uint8_t>(low + shift);
    CHECK(judge(whole) == closed(Cause::envelope_malformed));
  }
}

TEST_CASE(
    "when an element of a list refers backwards then the connection is closed, whatever the "
    "width of addresses",
    "[wire]") {
  // With addresses of 32 bits an offset near 4 GiB leads back into the buffer.
  for (const std::uint32_t back : {0U, 4U, 16U, 64U, 200U}) {
    WholeFrame whole(full_provision());
    const auto inbound = wire::verify(whole.frame());
    REQUIRE(inbound);
    const auto* configuration =
        inbound->envelope->body_as_GroupConfigurationProvisionRequest()->configuration();
    for (const std::uint8_t* slot :
         {configuration->members()->Data(), configuration->permitted_area()->corners()->Data(),
          configuration->forbidden_deaffiliation_functional_aliases()->Data()}) {
      WholeFrame changed(full_provision());
      const auto at = static_cast<std::size_t>(slot - whole.frame().body.data());
      const std::uint32_t offset = 0U - back;
      for (unsigned i = 0; i < 4; ++i) {
        changed.body()[at + i] = static_cast<std::uint8_t>(offset >> (8 * i));
      }
      CHECK(judge(changed) == closed(Cause::envelope_malformed));
    }
  }
}

TEST_CASE("when a list is read by itself then only references ahead are good", "[wire]") {
  using List = flatbuffers::Vector<Offset<fb::GroupMember>>;
  const auto good = [](std::array<std::uint32_t, 3> words) {
    return wire::refers_ahead(reinterpret_cast<const List*>(words.data()));
  };
  CHECK(good({0, 0, 0}));
  CHECK(good({2, 8, 4}));
  CHECK(good({1, 0x7FFFFFFF, 0}));
  CHECK_FALSE(good({2, 8, 0}));
  CHECK_FALSE(good({1, 0x80000000, 0}));
  CHECK_FALSE(good({2, 8, 0xFFFFFFF0}));
  CHECK(wire::refers_ahead(static_cast<const List*>(nullptr)));
}

TEST_CASE("when the elements of a vector are misaligned then that is found", "[wire]") {
  // The library accepts this one: the length lies right, the eight-byte elements behind it do not.
  alignas(8) std::array<std::uint8_t, 32> bytes{};
  bytes[0] = 1;
  bytes[4] = 1;
  using Longs = flatbuffers::Vector<std::uint64_t>;
  flatbuffers::Verifier verifier(bytes.data(), bytes.size());
  const auto* misaligned = reinterpret_cast<const Longs*>(bytes.data());
  CHECK(verifier.VerifyVector(misaligned));
  CHECK_FALSE(wire::elements_aligned(*misaligned));
  CHECK(wire::elements_aligned(*reinterpret_cast<const Longs*>(bytes.data() + 4)));
  using Offsets = flatbuffers::Vector<Offset<fb::GroupMember>>;
  CHECK(wire::elements_aligned(*reinterpret_cast<const Offsets*>(bytes.data())));
}

TEST_CASE("when a whole body lies at an odd address then it is refused unread", "[wire]") {
  const Bytes frame = full_provision();
  for (const std::size_t offset : {1U, 2U, 4U}) {
    const WholeFrame whole(frame);
    const wire::Frame good = whole.frame();
    const wire::Frame odd{good.header, good.body.subspan(offset)};
    const auto inbound = wire::verify(odd);
    REQUIRE_FALSE(inbound);
    CHECK(inbound.error().cause == Cause::vector_misaligned);
    CHECK(inbound.error().close);
  }
}

TEST_CASE("when the type of a message is unknown then the connection stays", "[wire]") {
  const MakeBody heartbeat = [](FlatBufferBuilder& b) { return fb::CreateHeartbeat(b).Union(); };
  const auto unknown = static_cast<fb::Body>(200);
  CHECK(judge(message(unknown, heartbeat)) == answered(Cause::message_unknown));
  CHECK(judge(message(unknown, heartbeat, {.origin = "absent"})) == kept(Cause::message_unknown));
  CHECK(judge(message(fb::Body::NONE, heartbeat)) == answered(Cause::message_unknown));
}

TEST_CASE("when a message is of another type than it says then the connection is closed",
          "[wire]") {
  const MakeBody heartbeat = [](FlatBufferBuilder& b) {
    return fb::CreateHeartbeat(b, 0x4141414141414141U, 0x4242424242424242U).Union();
  };
  CHECK(judge(message(fb::Body::GroupConfigurationProvisionRequest, heartbeat)) ==
        closed(Cause::envelope_malformed));
}

TEST_CASE("when a message is missing then the request is refused", "[wire]") {
  const MakeBody nothing = [](FlatBufferBuilder&) { return Offset<void>(); };
  CHECK(judge(message(fb::Body::GroupConfigurationRequest, nothing)) ==
        answered(Cause::field_missing));
}

TEST_CASE("when a frame says that it is longer than any then its size alone refuses it", "[wire]") {
  Bytes header(limits::frame_header_bytes);
  wire::write_header({limits::frame_bytes_max + 1, 0}, header);
  CHECK(wire::read_header(header, limits::frame_bytes_max) == refuse(Cause::frame_too_long));
  wire::write_header({limits::frame_bytes_max, 0}, header);
  CHECK(wire::read_header(header, limits::frame_bytes_max));
}
