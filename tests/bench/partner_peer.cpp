// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/partner_peer.h"

#include <algorithm>

#include "core/base/cause.h"
#include "core/base/limits.h"
#include "firmware/crypto/credentials.h"
#include "tests/bench/machine.h"
#include "tests/bench/process.h"

namespace bivouac::bench {

PartnerPeer::PartnerPeer(std::string own_id, std::string home_id)
    : own_id_(std::move(own_id)), home_id_(std::move(home_id)), deframer_(large_frames_) {
  if (!firmware::random_bytes(&incarnation_.value, sizeof incarnation_.value))
    give_up("no random numbers");
}

wire::Address PartnerPeer::address(ExchangeId exchange, Incarnation asker) const {
  return {own_id_, home_id_, exchange, asker, {}, 10'000};
}

Bytes PartnerPeer::hello() const { return wire::build_hello(own_id_, incarnation_); }

Bytes PartnerPeer::subscribe_to(const std::string& group) {
  return wire::build_group_information_subscribe_request(address({1}, incarnation_), {{group, {}}},
                                                         {limits::lease_default_s, 0, {}});
}

void PartnerPeer::keep_alive(Bytes& out) {
  const Bytes frame = wire::build_heartbeat(static_cast<std::uint64_t>(now_ns() / 1'000'000), 0);
  out.insert(out.end(), frame.begin(), frame.end());
}

std::size_t PartnerPeer::take(ByteView plain, Bytes& out) {
  std::size_t count = 0;
  while (!plain.empty()) {
    const std::size_t size = std::min(plain.size(), limits::connection_buffer_bytes);
    deframer_.append(plain.first(size));
    plain = plain.subspan(size);
    for (; deframer_.has_frame(); deframer_.next()) {
      const auto frame = deframer_.frame();
      if (!frame) give_up("a frame cannot be read: " + std::string(name(frame.error())));
      const auto message = wire::verify(*frame);
      if (!message) give_up("a message is not good: " + std::string(name(message.error().cause)));
      if (!on_message(*message->envelope, out)) continue;
      ++count;
      notification_bytes_ = frame->body.size() + limits::frame_header_bytes;
    }
  }
  return count;
}

/// True for a notification.
bool PartnerPeer::on_message(const wire::fb::Envelope& envelope, Bytes& out) {
  if (const auto* told = envelope.body_as_GroupInformationNotifyRequest()) {
    acknowledgement_ = wire::build_group_information_notify_response(
        address({envelope.exchange()}, {envelope.origin_incarnation()}),
        told->group_id()->string_view(), Cause::none);
    out.insert(out.end(), acknowledgement_.begin(), acknowledgement_.end());
    return true;
  }
  if (envelope.body_as_Hello() != nullptr) {
    greeted_ = true;
    deframer_.allow_large();
  } else if (const auto* subscribed = envelope.body_as_GroupInformationSubscribeResponse()) {
    const auto cause = static_cast<Cause>(subscribed->cause());
    if (cause != Cause::none) give_up("a subscription is refused: " + std::string(name(cause)));
  } else if (const auto* refusal = envelope.body_as_Refusal()) {
    give_up("a request is refused: " + std::string(name(static_cast<Cause>(refusal->cause()))));
  }
  return false;
}

}  // namespace bivouac::bench
