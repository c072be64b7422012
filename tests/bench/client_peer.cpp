// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/client_peer.h"

#include <algorithm>

#include "core/base/cause.h"
#include "core/base/limits.h"
#include "core/wire/affiliation_codec.h"
#include "core/wire/build_affiliation.h"
#include "core/wire/build_client.h"
#include "firmware/crypto/credentials.h"
#include "tests/bench/machine.h"
#include "tests/bench/process.h"

namespace bivouac::bench {
namespace {

constexpr std::uint32_t remaining_ms = 20'000;

void add(Bytes& out, const Bytes& frame) { out.insert(out.end(), frame.begin(), frame.end()); }

void give_up_unless(Cause cause, const std::string& what) {
  if (cause != Cause::none) give_up(what + " is refused: " + std::string(name(cause)));
}

template <class Groups>
void expect(const Groups* groups, wire::fb::AffiliationStatus status) {
  for (const auto* group : *groups) {
    if (group->status() == status) continue;
    give_up(group->group_id()->str() +
            " is not as asked for: " + std::string(name(static_cast<Cause>(group->cause()))));
  }
}

}  // namespace

ClientPeer::ClientPeer(Options options) : options_(std::move(options)), deframer_(large_frames_) {
  if (!firmware::random_bytes(&incarnation_.value, sizeof incarnation_.value))
    give_up("no random numbers");
  const wire::Address first = address({1});  // each time another exchange is written there
  for (const std::string& group : options_.groups) {
    const std::vector<std::string> one{group};
    requests_.push_back(
        wire::build_client_group_affiliation_request(first, options_.mc_service_id, one));
    requests_.push_back(wire::build_client_group_deaffiliation_request(
        first, options_.mc_service_id, one, DeaffiliationScope::this_client));
  }
}

wire::Address ClientPeer::address(ExchangeId exchange) {
  return {options_.mc_service_id, options_.system,   exchange, incarnation_, {},
          remaining_ms,           options_.client_id};
}

Bytes ClientPeer::hello() const {
  return wire::build_client_hello(options_.mc_service_id, options_.client_id, incarnation_);
}

Bytes ClientPeer::log_on() { return wire::build_log_on_request(address({exchange_++}), {}); }

Bytes ClientPeer::affiliate_to(const std::vector<std::string>& groups) {
  return wire::build_client_group_affiliation_request(address({exchange_++}),
                                                      options_.mc_service_id, groups);
}

Bytes ClientPeer::subscribe_to(const std::string& group) {
  return wire::build_subscribe_group_configuration_request(address({exchange_++}), group, 0, false);
}

void ClientPeer::ask(Bytes& out) {
  Bytes& frame = requests_[next_];
  next_ = (next_ + 1) % requests_.size();
  wire::fb::GetMutableEnvelope(frame.data() + limits::frame_header_bytes)
      ->mutate_exchange(exchange_++);
  add(out, frame);
}

void ClientPeer::keep_alive(Bytes& out) {
  add(out, wire::build_heartbeat(static_cast<std::uint64_t>(now_ns() / 1'000'000), 0));
}

std::size_t ClientPeer::take(ByteView plain, Bytes& out) {
  std::size_t count = 0;
  while (!plain.empty()) {
    const std::size_t size = std::min(plain.size(), limits::connection_buffer_bytes);
    deframer_.append(plain.first(size));
    plain = plain.subspan(size);
    while (deframer_.has_frame()) {
      const auto frame = deframer_.frame();
      if (!frame) give_up("a frame cannot be read: " + std::string(name(frame.error())));
      const auto message = wire::verify(*frame);
      if (!message) give_up("a message is not good: " + std::string(name(message.error().cause)));
      if (on_message(*message->envelope, out)) {
        ++count;
        answer_bytes_ = frame->body.size() + limits::frame_header_bytes;
      }
      deframer_.next();
    }
  }
  return count;
}

void ClientPeer::acknowledge(Bytes frame, Bytes& out) {
  acknowledgement_ = std::move(frame);
  add(out, acknowledgement_);
}

/// True for what is counted.
bool ClientPeer::on_message(const wire::fb::Envelope& envelope, Bytes& out) {
  wire::Address answer = address({envelope.exchange()});
  answer.origin_incarnation = system_incarnation_;
  answer.remaining_ms = 0;
  if (envelope.body_as_ClientNotifyAffiliationStatusRequest() != nullptr) {
    acknowledge(wire::build_client_notify_affiliation_status_response(
                    answer, options_.mc_service_id, Cause::none),
                out);
    return false;
  }
  if (const auto* told = envelope.body_as_ClientNotifyGroupConfigurationRequest()) {
    acknowledge(wire::build_client_notify_group_configuration_response(
                    answer, told->group_id()->string_view(), Cause::none),
                out);
    return options_.counts_notifications;
  }
  if (const auto* hello = envelope.body_as_Hello()) {
    greeted_ = true;
    system_incarnation_ = {hello->incarnation()};
    deframer_.allow_large();
    return false;
  }
  return on_answer(envelope) && !options_.counts_notifications;
}

bool ClientPeer::on_answer(const wire::fb::Envelope& envelope) {
  if (const auto* affiliated = envelope.body_as_ClientGroupAffiliationResponse()) {
    expect(affiliated->groups(), wire::fb::AffiliationStatus::affiliated);
  } else if (const auto* left = envelope.body_as_ClientGroupDeaffiliationResponse()) {
    expect(left->groups(), wire::fb::AffiliationStatus::deaffiliated);
  } else if (const auto* on = envelope.body_as_LogOnResponse()) {
    give_up_unless(static_cast<Cause>(on->cause()), "a log-on");
    logged_on_ = true;
  } else if (const auto* subscribed = envelope.body_as_SubscribeGroupConfigurationResponse()) {
    give_up_unless(static_cast<Cause>(subscribed->cause()), "a subscription");
  } else if (const auto* refusal = envelope.body_as_Refusal()) {
    give_up_unless(static_cast<Cause>(refusal->cause()), "a request");
  } else {
    return false;
  }
  return true;
}

}  // namespace bivouac::bench
