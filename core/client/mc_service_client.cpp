// SPDX-License-Identifier: Apache-2.0
#include "core/client/mc_service_client.h"

#include <algorithm>

#include "core/base/assert.h"
#include "core/engine/context.h"
#include "core/wire/configuration_codec.h"
#include "core/wire/user_profile_codec.h"

namespace bivouac::client {
namespace {

using engine::DeadlineKind;
using wire::fb::Body;

// One session, one place for each kind of deadline; exchanges have their own.
constexpr engine::DeadlineId dial_deadline{DeadlineKind::dial, 0};
constexpr engine::DeadlineId hello_deadline{DeadlineKind::hello, 0};
constexpr engine::DeadlineId heartbeat_deadline{DeadlineKind::heartbeat, 0};
constexpr engine::DeadlineId silence_deadline{DeadlineKind::silence, 0};
constexpr engine::DeadlineId log_on_deadline{DeadlineKind::operation, 0};

constexpr std::uint32_t attempts_counted_max = 6;

std::string_view text_of(const flatbuffers::String* text) {
  return text == nullptr ? "" : text->string_view();
}

}  // namespace

std::string_view name(Report::Kind kind) {
  switch (kind) {
    case Report::Kind::connected: return "connected";
    case Report::Kind::disconnected: return "disconnected";
    case Report::Kind::logged_on: return "logged_on";
    case Report::Kind::logged_off: return "logged_off";
    case Report::Kind::got: return "got";
    case Report::Kind::subscribed: return "subscribed";
    case Report::Kind::unsubscribed: return "unsubscribed";
    case Report::Kind::notified: return "notified";
    case Report::Kind::freshness: return "freshness";
    case Report::Kind::withdrawn: return "withdrawn";
    case Report::Kind::refused: return "refused";
    case Report::Kind::affiliation: return "affiliation";
    case Report::Kind::deaffiliated: return "deaffiliated";
    case Report::Kind::affiliations: return "affiliations";
  }
  return "";
}

McServiceClient::McServiceClient(Options options, std::uint64_t entropy)
    : options_(std::move(options)), random_(entropy), incarnation_{random_.next() | 1U} {}

void McServiceClient::report(Report::Kind kind, std::string_view group_id, Cause cause) {
  Report made;
  made.kind = kind;
  made.group_id = group_id;
  made.cause = cause;
  reports_.push_back(std::move(made));
}

// ---- what its user wants

void McServiceClient::log_on(Now now, engine::Effects& effects) {
  wants_log_on_ = true;
  if (greeted_ && !logged_on_) send_log_on(now, effects);
}

void McServiceClient::log_off(Now now, engine::Effects& effects) {
  wants_log_on_ = false;
  deadlines_.clear(log_on_deadline);
  drop_copies(Cause::none);
  affiliations_.clear();
  for (auto& [group_id, confirmed] : subscriptions_) confirmed = false;
  if (!logged_on_) return;
  logged_on_ = false;
  const wire::Address address = request(now, {Body::LogOffRequest, {}});
  effects.send(connection_, wire::build_log_off_request(address, Cause::none));
}

// ---- what happens

void McServiceClient::step(Now now, const engine::Event& event, engine::Effects& effects) {
  if (std::holds_alternative<engine::Boot>(event)) {
    dial(effects);
  } else if (const auto* up = std::get_if<engine::PeerUp>(&event)) {
    on_up(now, *up, effects);
  } else if (const auto* bytes = std::get_if<engine::BytesIn>(&event)) {
    if (bytes->connection == connection_) on_bytes(now, *bytes, effects);
  } else if (const auto* down = std::get_if<engine::PeerDown>(&event)) {
    if (down->connection == connection_) on_down(now, Cause::unreachable);
  } else if (std::holds_alternative<engine::DialFailed>(event)) {
    ++attempts_;
    report(Report::Kind::disconnected, {}, Cause::unreachable);
    dial_later(now);
  } else if (std::holds_alternative<engine::Tick>(event)) {
    on_tick(now, effects);
  } else if (std::holds_alternative<engine::Stop>(event)) {
    stopping_ = true;
    deadlines_.clear(dial_deadline);
    if (connection_.is_set()) close(effects, Cause::none);
  }
}

void McServiceClient::dial(engine::Effects& effects) { effects.dial(options_.system, 0); }

void McServiceClient::dial_later(Now now) {
  if (!options_.dials_again || stopping_) return;
  // Full jitter, as gateways do it: clients that lost their gateway do not come back together.
  const std::uint32_t doublings = std::min(attempts_, attempts_counted_max);
  const std::int64_t span = std::min(limits::dial_first_ms << doublings, limits::dial_cap_ms);
  deadlines_.set(dial_deadline, now.mono + DurationMs{random_.below(span) + 1});
}

void McServiceClient::on_up(Now now, const engine::PeerUp& event, engine::Effects& effects) {
  BIVOUAC_ASSERT(!connection_.is_set());
  connection_ = event.connection;
  system_ = event.identity;
  deframer_.emplace(large_frames_);
  last_received_ = now.mono;
  if (!options_.system.empty() && system_ != options_.system)
    return close(effects, Cause::identity_mismatch);
  deadlines_.set(hello_deadline, now.mono + DurationMs{limits::hello_ms});
  effects.send(connection_,
               wire::build_client_hello(options_.mc_service_id, options_.client_id, incarnation_));
}

void McServiceClient::on_down(Now now, Cause cause) {
  if (!greeted_) ++attempts_;  // it does not want us: as if it were not there
  connection_ = {};
  deframer_.reset();
  greeted_ = false;
  logged_on_ = false;
  for (const auto& deadline :
       {hello_deadline, heartbeat_deadline, silence_deadline, log_on_deadline})
    deadlines_.clear(deadline);
  for (const auto& [exchange, pending] : pending_) {
    deadlines_.clear({DeadlineKind::exchange, exchange});
    if (pending.request == Body::ClientGetGroupConfigurationRequest)
      report(Report::Kind::refused, pending.group_id, Cause::unreachable);
    // Whether it came to be, the server says at the next log-on.
    for (const std::string& group_id : pending.group_ids)
      report(Report::Kind::refused, group_id, Cause::unreachable);
  }
  affiliations_.clear();
  pending_.clear();
  for (auto& [group_id, confirmed] : subscriptions_) confirmed = false;
  for (auto& [group_id, copy] : copies_) copy.stale = true;
  report(Report::Kind::disconnected, {}, cause);
  dial_later(now);
}

/// The session ends when the other side, or the runtime, says so.
void McServiceClient::close(engine::Effects& effects, Cause cause) {
  if (!deframer_) return;
  deframer_.reset();
  effects.close(connection_, cause);
  if (cause != Cause::none) report(Report::Kind::refused, {}, cause);
}

void McServiceClient::on_tick(Now now, engine::Effects& effects) {
  while (const auto due = deadlines_.take_due(now.mono)) {
    if (*due == dial_deadline) {
      dial(effects);
    } else if (*due == log_on_deadline) {
      if (greeted_ && wants_log_on_ && !logged_on_) send_log_on(now, effects);
    } else if (*due == hello_deadline) {
      close(effects, Cause::hello_late);
    } else if (*due == heartbeat_deadline) {
      effects.send_now(connection_,
                       wire::build_heartbeat(static_cast<std::uint64_t>(now.mono.ms), 0));
      deadlines_.set(heartbeat_deadline, now.mono + DurationMs{limits::heartbeat_ms});
    } else if (*due == silence_deadline) {
      const MonoMs dead = last_received_ + DurationMs{limits::peer_dead_ms};
      if (dead <= now.mono) {
        close(effects, Cause::silent);
      } else {
        deadlines_.set(silence_deadline, dead);
      }
    } else if (const auto found = pending_.find(due->number); found != pending_.end()) {
      const Pending pending = found->second;
      pending_.erase(found);
      fail(pending, now, Cause::timed_out);
    }
  }
}

void McServiceClient::on_bytes(Now now, const engine::BytesIn& event, engine::Effects& effects) {
  last_received_ = now.mono;
  if (!deframer_) return;
  deframer_->append(event.bytes);
  // One append holds a bounded number of frames.
  while (deframer_ && deframer_->has_frame()) {
    const auto frame = deframer_->frame();
    if (!frame) return close(effects, frame.error());
    const auto message = wire::verify(*frame);
    if (!message && message.error().close) return close(effects, message.error().cause);
    if (message) on_message(now, *message->envelope, effects);
    if (deframer_) deframer_->next();
  }
}

void McServiceClient::on_message(Now now, const wire::fb::Envelope& envelope,
                                 engine::Effects& effects) {
  if (envelope.body_type() == Body::Hello) return on_hello(now, *envelope.body_as_Hello(), effects);
  if (!greeted_) return close(effects, Cause::frame_before_hello);
  if (envelope.body_type() == Body::Heartbeat) return;
  const bool is_ours = text_of(envelope.origin()) == system_ &&
                       text_of(envelope.target()) == options_.mc_service_id &&
                       text_of(envelope.client_id()) == options_.client_id;
  const bool is_request =
      wire::is_request(envelope.body_type()) ||
      envelope.body_type() == Body::ClientGroupDeaffiliationNotification;  // it has no answer
  const Incarnation asker = is_request ? system_incarnation_ : incarnation_;
  if (!is_ours || envelope.origin_incarnation() != asker.value) return;
  if (envelope.body_type() == Body::LogOffRequest)
    return on_log_off_request(now, envelope, effects);
  if (envelope.body_type() == Body::ClientNotifyGroupConfigurationRequest)
    return on_notify(envelope, effects);
  if (envelope.body_type() == Body::ClientNotifyAffiliationStatusRequest)
    return on_affiliation_status(envelope, effects);
  if (const auto* m = envelope.body_as_ClientGroupDeaffiliationNotification()) return on_ended(*m);
  if (!is_request) on_answer(now, envelope, effects);
}

void McServiceClient::on_hello(Now now, const wire::fb::Hello& hello, engine::Effects& effects) {
  if (greeted_) return close(effects, Cause::hello_repeated);
  if (hello.protocol_version() != wire::protocol_version)
    return close(effects, Cause::protocol_version);
  if (hello.system_id()->string_view() != system_) return close(effects, Cause::identity_mismatch);
  greeted_ = true;
  attempts_ = 0;
  system_incarnation_ = {hello.incarnation()};
  deframer_->allow_large();
  deadlines_.clear(hello_deadline);
  deadlines_.set(heartbeat_deadline, now.mono + DurationMs{limits::heartbeat_ms});
  deadlines_.set(silence_deadline, now.mono + DurationMs{limits::peer_dead_ms});
  report(Report::Kind::connected);
  if (wants_log_on_) send_log_on(now, effects);
}

// ---- requests and their answers

wire::Address McServiceClient::request(Now now, Pending pending) {
  const std::uint64_t exchange = next_exchange_++;
  // A server may have to ask a group's home first, and has its own deadline for that.
  deadlines_.set({DeadlineKind::exchange, exchange},
                 now.mono + DurationMs{2 * limits::exchange_ms});
  pending_[exchange] = std::move(pending);
  return {options_.mc_service_id, system_, {exchange},
          incarnation_,           {},      static_cast<std::uint32_t>(2 * limits::exchange_ms),
          options_.client_id};
}

wire::Address McServiceClient::answer(const wire::fb::Envelope& request) const {
  return {options_.mc_service_id, system_, {request.exchange()}, system_incarnation_, {}, 0,
          options_.client_id};
}

void McServiceClient::send_log_on(Now now, engine::Effects& effects) {
  const bool waits = std::ranges::any_of(
      pending_, [](const auto& entry) { return entry.second.request == Body::LogOnRequest; });
  if (waits) return;
  const wire::Address address = request(now, {Body::LogOnRequest, {}});
  effects.send(connection_, wire::build_log_on_request(address, options_.services));
}

void McServiceClient::fail(const Pending& pending, Now now, Cause cause) {
  if (pending.request == Body::LogOnRequest) return not_let_on(now, cause);
  if (pending.request == Body::SubscribeGroupConfigurationRequest)
    return on_subscribed(pending, cause);
  if (pending.request == Body::ClientGetGroupConfigurationRequest)
    report(Report::Kind::refused, pending.group_id, cause);
  if (pending.request == Body::SubscribeAffiliationStatusRequest) {
    report(Report::Kind::refused, {}, cause);
    reports_.back().mc_service_id = pending.group_id;
  }
  for (const std::string& group_id : pending.group_ids)
    report(Report::Kind::refused, group_id, cause);
}

void McServiceClient::on_answer(Now now, const wire::fb::Envelope& envelope,
                                engine::Effects& effects) {
  const auto found = pending_.find(envelope.exchange());
  if (found == pending_.end()) return;
  const Pending pending = found->second;
  pending_.erase(found);
  deadlines_.clear({DeadlineKind::exchange, envelope.exchange()});
  if (const auto* refusal = envelope.body_as_Refusal()) {
    return fail(pending, now, engine::outcome(wire::fb::Result::failure, refusal->cause()));
  }
  if (const auto* m = envelope.body_as_LogOnResponse();
      m != nullptr && pending.request == Body::LogOnRequest) {
    return on_logged_on(now, *m, effects);
  }
  if (envelope.body_as_LogOffResponse() != nullptr && pending.request == Body::LogOffRequest)
    return report(Report::Kind::logged_off);
  if (const auto* m = envelope.body_as_ClientGetGroupConfigurationResponse();
      m != nullptr && pending.request == Body::ClientGetGroupConfigurationRequest &&
      m->group_id()->string_view() == pending.group_id) {
    return on_got(*m);
  }
  if (const auto* m = envelope.body_as_SubscribeGroupConfigurationResponse();
      m != nullptr && pending.request == Body::SubscribeGroupConfigurationRequest &&
      m->group_id()->string_view() == pending.group_id) {
    return on_subscribed(pending, engine::outcome(m->result(), m->cause()));
  }
  if (!on_affiliation_answer(pending, envelope)) fail(pending, now, Cause::message_unexpected);
}

void McServiceClient::on_logged_on(Now now, const wire::fb::LogOnResponse& response,
                                   engine::Effects& effects) {
  const Cause cause = engine::outcome(response.result(), response.cause());
  if (cause != Cause::none) return not_let_on(now, cause);
  if (!wants_log_on_) {  // it has changed its mind
    const wire::Address address = request(now, {Body::LogOffRequest, {}});
    return effects.send(connection_, wire::build_log_off_request(address, Cause::none));
  }
  logged_on_ = true;
  services_ = {static_cast<std::uint8_t>(response.services())};
  profile_ = wire::unpack(*response.profile());
  report(Report::Kind::logged_on);
  for (const auto& [group_id, confirmed] : subscriptions_)
    send_subscribe(now, effects, group_id, false);
  for (const std::string& user : watched_) send_watch(now, effects, user, false);
}

/// What it was given, it was given as one who is logged on.
void McServiceClient::not_let_on(Now now, Cause cause) {
  logged_on_ = false;
  if (!engine::is_passing(cause)) drop_copies(cause);
  affiliations_.clear();
  for (auto& [group_id, confirmed] : subscriptions_) confirmed = false;
  report(Report::Kind::logged_off, {}, cause);
  if (wants_log_on_ && options_.dials_again)
    deadlines_.set(log_on_deadline, now.mono + DurationMs{limits::push_again_passing_ms});
}

void McServiceClient::on_log_off_request(Now now, const wire::fb::Envelope& envelope,
                                         engine::Effects& effects) {
  effects.send(connection_, wire::build_log_off_response(answer(envelope), Cause::none));
  not_let_on(now,
             engine::outcome(wire::fb::Result::failure, envelope.body_as_LogOffRequest()->cause()));
}

}  // namespace bivouac::client
