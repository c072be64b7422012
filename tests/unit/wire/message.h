// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "core/base/cause.h"
#include "core/wire/configuration_codec.h"
#include "core/wire/inbound.h"
#include "tests/support/wire_frames.h"

// Messages as a hostile or broken peer might build them: with the generated code, not with ours.

namespace bivouac::test {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

struct EnvelopeFields {
  std::string origin = "sip:alpha.example";
  std::string target = "sip:bravo.example";
  std::uint64_t exchange = 7;
  std::uint64_t origin_incarnation = 99;
  std::uint64_t answered_up_to = 0;
  const char* identifier = "BVQ1";
  std::string client_id = "absent";
};

using MakeBody = std::function<Offset<void>(FlatBufferBuilder&)>;

inline WholeFrame message(wire::fb::Body type, const MakeBody& make_body,
                          const EnvelopeFields& fields = {}) {
  FlatBufferBuilder builder;
  const Offset<void> body = make_body(builder);
  const auto text = [&](const std::string& value) {
    return value == "absent" ? Offset<flatbuffers::String>{} : builder.CreateString(value);
  };
  const auto origin = text(fields.origin);
  const auto target = text(fields.target);
  const auto client = text(fields.client_id);
  builder.Finish(
      wire::fb::CreateEnvelope(builder, origin, target, fields.exchange, fields.origin_incarnation,
                               fields.answered_up_to, 5'000, type, body, 0, 0, client),
      fields.identifier);
  return WholeFrame::around({builder.GetBufferPointer(), builder.GetSize()});
}

/// What became of a frame.
struct Verdict {
  Cause cause = Cause::none;
  bool close = false;
  bool answerable = false;
  friend bool operator==(const Verdict&, const Verdict&) = default;
};

inline std::ostream& operator<<(std::ostream& out, const Verdict& verdict) {
  return out << name(verdict.cause) << (verdict.close ? ", close" : ", keep")
             << (verdict.answerable ? ", answer" : "");
}

inline Verdict judge(const WholeFrame& whole) {
  const auto inbound = wire::verify(whole.frame());
  if (inbound) return {};
  return {inbound.error().cause, inbound.error().close, inbound.error().envelope != nullptr};
}

inline Verdict closed(Cause cause) { return {cause, true, false}; }
inline Verdict answered(Cause cause) { return {cause, false, true}; }
inline Verdict kept(Cause cause) { return {cause, false, false}; }

}  // namespace bivouac::test
