// SPDX-License-Identifier: Apache-2.0
#include "core/base/assert.h"
#include "core/base/limits.h"
#include "core/wire/build.h"
#include "core/wire/build_frame.h"
#include "core/wire/frame.h"

namespace bivouac::wire {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;
using flatbuffers::String;

Offset<String> text_or_none(FlatBufferBuilder& builder, std::string_view text) {
  return text.empty() ? Offset<String>{} : builder.CreateString(text);
}

}  // namespace

Bytes frame_of(const FlatBufferBuilder& builder) {
  const auto body = builder.GetBufferSpan();
  Bytes frame;
  frame.reserve(limits::frame_header_bytes + body.size());
  frame.resize(limits::frame_header_bytes);
  write_header({.body_bytes = static_cast<std::uint32_t>(body.size()), .hops = 0}, frame);
  frame.insert(frame.end(), body.begin(), body.end());
  return frame;
}

Bytes finish_frame(FlatBufferBuilder& builder, const Address& address, fb::Body type,
                   Offset<void> body) {
  Bytes frame = finish_frame_with_keys(builder, address, type, body);
  // Holds for every configuration that validates; see check_size in check_configuration.cpp.
  BIVOUAC_ASSERT(frame.size() <= limits::frame_header_bytes + limits::frame_bytes_max);
  return frame;
}

Bytes finish_frame_with_keys(FlatBufferBuilder& builder, const Address& address, fb::Body type,
                             Offset<void> body) {
  const auto origin = text_or_none(builder, address.origin);
  const auto target = text_or_none(builder, address.target);
  const auto client_id = text_or_none(builder, address.client_id);
  builder.Finish(
      fb::CreateEnvelope(builder, origin, target, address.exchange.value,
                         address.origin_incarnation.value, address.answered_up_to.value,
                         address.remaining_ms, type, body, address.answerer_incarnation.value,
                         address.frame_bytes_max, client_id),
      fb::EnvelopeIdentifier());
  return frame_of(builder);
}

Address answer_to(const fb::Envelope& request, Incarnation answerer) {
  Address address;
  if (request.target() != nullptr) address.origin = request.target()->string_view();
  if (request.origin() != nullptr) address.target = request.origin()->string_view();
  if (request.client_id() != nullptr) address.client_id = request.client_id()->string_view();
  address.exchange = {request.exchange()};
  address.origin_incarnation = {request.origin_incarnation()};
  address.answerer_incarnation = answerer;
  return address;
}

Bytes build_hello(std::string_view system_id, Incarnation incarnation) {
  FlatBufferBuilder builder;
  const auto body =
      fb::CreateHello(builder, protocol_version, builder.CreateString(system_id), incarnation.value,
                      static_cast<std::uint32_t>(limits::frame_bytes_max));
  return finish_frame(builder, {}, fb::Body::Hello, body.Union());
}

Bytes build_heartbeat(std::uint64_t sent_ms, std::uint64_t echo_ms) {
  FlatBufferBuilder builder;
  const auto body = fb::CreateHeartbeat(builder, sent_ms, echo_ms);
  return finish_frame(builder, {}, fb::Body::Heartbeat, body.Union());
}

Bytes build_refusal(const Address& address, Cause cause) {
  FlatBufferBuilder builder;
  const auto body = fb::CreateRefusal(builder, static_cast<std::uint16_t>(cause));
  return finish_frame(builder, address, fb::Body::Refusal, body.Union());
}

Bytes build_presence_request(const Address& address, std::uint32_t boots) {
  FlatBufferBuilder builder;
  const auto body = fb::CreatePresenceRequest(builder, protocol_version, boots);
  return finish_frame(builder, address, fb::Body::PresenceRequest, body.Union());
}

Bytes build_presence_response(const Address& address, std::uint32_t boots) {
  FlatBufferBuilder builder;
  const auto body = fb::CreatePresenceResponse(builder, protocol_version, boots);
  return finish_frame(builder, address, fb::Body::PresenceResponse, body.Union());
}

}  // namespace bivouac::wire
