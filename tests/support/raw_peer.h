// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <string>
#include <utility>

#include "core/wire/build.h"
#include "core/wire/build_frame.h"
#include "core/wire/inbound.h"
#include "tests/support/mc_systems.h"
#include "tests/support/wire_frames.h"

namespace bivouac::test {

/// A partner that is no gateway: it says what the test says, true or not.
class RawPeer {
 public:
  enum class Greets : std::uint8_t { yes, no };

  RawPeer(McSystems& world, McSystem& system, std::string id, Incarnation incarnation = {77},
          Greets greets = Greets::yes)
      : world_(world), system_(system), id_(std::move(id)), incarnation_(incarnation) {
    connection_ = world_.connect_raw(system_, id_);
    if (greets == Greets::yes) send(wire::build_hello(id_, incarnation_));
  }

  const std::string& id() const { return id_; }
  bool is_open() const { return world_.is_open(connection_); }
  void send(ByteView frame) { world_.send_raw(connection_, frame); }

  /// The address of a request of this peer.
  wire::Address ask(std::uint64_t exchange, std::uint64_t answered_up_to = 0) const {
    return {id_, system_.id(), {exchange}, incarnation_, {answered_up_to}, 10'000};
  }
  /// The address of this peer's answer to a request that it received.
  wire::Address answer(std::uint64_t exchange, Incarnation asker) const {
    return {id_, system_.id(), {exchange}, asker, {}, 0};
  }

  /// The next message that came, heartbeats left out; null when there is none. Dies with the next
  /// call.
  const wire::fb::Envelope* next() {
    receive();
    while (!frames_.empty()) {
      current_.emplace(std::move(frames_.front()));
      frames_.pop_front();
      const auto* envelope = wire::fb::GetEnvelope(current_->frame().body.data());
      if (envelope->body_type() != wire::fb::Body::Heartbeat) return envelope;
    }
    return nullptr;
  }
  /// Of the message that came last.
  std::uint8_t hops() const { return current_->frame().header.hops; }
  Bytes current() const {
    Bytes bytes(limits::frame_header_bytes);
    wire::write_header(current_->frame().header, bytes);
    const ByteView body = current_->frame().body;
    bytes.insert(bytes.end(), body.begin(), body.end());
    return bytes;
  }
  /// The next message of this type; what came before it is forgotten.
  const wire::fb::Envelope* next(wire::fb::Body type) {
    while (const auto* envelope = next()) {
      if (envelope->body_type() == type) return envelope;
    }
    return nullptr;
  }
  std::size_t count(wire::fb::Body type) {
    std::size_t found = 0;
    while (next(type) != nullptr) ++found;
    return found;
  }

 private:
  void receive() {
    const Bytes more = world_.received_raw(connection_);
    bytes_.insert(bytes_.end(), more.begin(), more.end());
    while (bytes_.size() >= limits::frame_header_bytes) {
      const auto header = wire::read_header(bytes_, limits::frame_bytes_max).value();
      const std::size_t size = limits::frame_header_bytes + header.body_bytes;
      if (bytes_.size() < size) return;
      frames_.emplace_back(ByteView(bytes_).first(size));
      bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(size));
    }
  }

  McSystems& world_;
  McSystem& system_;
  std::string id_;
  Incarnation incarnation_;
  ConnectionId connection_;
  Bytes bytes_;
  std::deque<WholeFrame> frames_;
  std::optional<WholeFrame> current_;
};

/// A Hello that our own builder would not make.
inline Bytes build_other_hello(std::string_view system_id, std::uint16_t version,
                               std::uint32_t frame_bytes_max) {
  flatbuffers::FlatBufferBuilder builder;
  const auto hello =
      wire::fb::CreateHello(builder, version, builder.CreateString(system_id), 77, frame_bytes_max);
  return wire::finish_frame(builder, {}, wire::fb::Body::Hello, hello.Union());
}

/// An operator's request whose answer nobody reads.
inline void begin(McSystem& system, const Bytes& frame, std::uint32_t connection = 900'000) {
  const Bytes body(frame.begin() + limits::frame_header_bytes, frame.end());
  system.event(engine::OperatorRequest{{connection}, body, nullptr});
}

}  // namespace bivouac::test
