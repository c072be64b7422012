// SPDX-License-Identifier: Apache-2.0
#include "core/wire/forward.h"

#include <algorithm>

#include "core/wire/frame.h"

namespace bivouac::wire {
namespace {

using flatbuffers::String;

std::string_view text(const String* string) {
  return string == nullptr ? std::string_view{} : string->string_view();
}

/// What routing and correlation depend on.
bool is_same_way(const fb::Envelope& a, const fb::Envelope& b) {
  return text(a.origin()) == text(b.origin()) && text(a.target()) == text(b.target()) &&
         a.exchange() == b.exchange() && a.origin_incarnation() == b.origin_incarnation() &&
         a.answered_up_to() == b.answered_up_to() &&
         a.answerer_incarnation() == b.answerer_incarnation() && a.body_type() == b.body_type();
}

/// Writes over a field that is there; one that is absent stays absent.
void overwrite(flatbuffers::Table& envelope, flatbuffers::voffset_t field, std::uint32_t value) {
  envelope.SetField<std::uint32_t>(field, value, 0);
}

}  // namespace

Result<Bytes> forward(const Inbound& inbound, const Frame& frame, const Passage& passage) {
  const fb::Envelope& came = *inbound.envelope;
  if (inbound.hops >= limits::hops_max) return refuse(Cause::hops_exceeded);
  const std::int64_t left = std::int64_t{came.remaining_ms()} - passage.spent.ms;
  if (came.remaining_ms() != 0 && left <= 0) return refuse(Cause::timed_out);

  Bytes bytes(limits::frame_header_bytes);
  bytes.reserve(limits::frame_header_bytes + frame.body.size());
  const auto hops = static_cast<std::uint8_t>(inbound.hops + 1);
  write_header({.body_bytes = frame.header.body_bytes, .hops = hops}, bytes);
  bytes.insert(bytes.end(), frame.body.begin(), frame.body.end());

  auto* body = bytes.data() + limits::frame_header_bytes;
  auto* table = flatbuffers::GetMutableRoot<flatbuffers::Table>(body);
  const auto remaining = static_cast<std::uint32_t>(came.remaining_ms() == 0 ? 0 : left);
  if (remaining != came.remaining_ms()) {
    overwrite(*table, fb::Envelope::VT_REMAINING_MS, remaining);
  }
  const auto longest = static_cast<std::uint32_t>(
      std::min<std::size_t>(came.frame_bytes_max(), passage.frame_bytes_max));
  if (longest != came.frame_bytes_max()) {
    overwrite(*table, fb::Envelope::VT_FRAME_BYTES_MAX, longest);
  }
  // Whoever made the buffer may have laid a number over a name: what was judged must still be
  // there.
  const Frame sent{{frame.header.body_bytes, hops},
                   ByteView(bytes).subspan(limits::frame_header_bytes)};
  const auto goes = verify_structure(sent);
  const bool good = goes && is_same_way(came, *goes->envelope) &&
                    goes->envelope->remaining_ms() == remaining &&
                    goes->envelope->frame_bytes_max() == longest;
  if (!good) return refuse(Cause::envelope_malformed);
  return bytes;
}

}  // namespace bivouac::wire
