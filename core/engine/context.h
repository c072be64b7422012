// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "core/base/time.h"
#include "core/engine/configuration.h"
#include "core/engine/counters.h"
#include "core/engine/deadlines.h"
#include "core/engine/effects.h"
#include "core/engine/exchanges.h"
#include "core/engine/identities.h"
#include "core/engine/log_ons.h"
#include "core/store/table.h"
#include "core/wire/build.h"

namespace bivouac::engine {

/// Where a procedure hands its messages: to a server of this MC system as the next input, to
/// another MC system over its link.
class Post {
 public:
  /// To a system that cannot be reached the frame is not sent, and nobody is told.
  virtual void send(std::string_view system, Bytes frame, Priority priority) = 0;
  /// To one that is not connected the frame is not sent, and nobody is told.
  virtual void send_to_client(const ClientAddress& client, Bytes frame, Priority priority) = 0;
  virtual bool is_reachable(std::string_view system) const = 0;
  /// As told in the Hello of the link that is up; none while it is down.
  virtual Incarnation incarnation_of(std::string_view system) const = 0;
  /// The longest body that the system takes, as told in that Hello.
  virtual std::size_t frame_bytes_max_of(std::string_view system) const = 0;

 protected:
  ~Post() = default;
};

/// Who waits for the outcome of a request that an operator caused.
class Operations {
 public:
  /// The request is answered; Cause::none is success. Ids that nobody waits for are ignored.
  virtual void settled(ExchangeId id, Cause cause, ExposedRevision revision) = 0;

 protected:
  ~Operations() = default;
};

/// What an answer says: success, or why not. Unknown results are failures, and causes that we have
/// no name for are one cause: a peer must not fill our counters with numbers of its choice (D4).
inline Cause outcome(wire::fb::Result result, std::uint16_t cause) {
  if (result == wire::fb::Result::success) return Cause::none;
  const auto told = static_cast<Cause>(cause);
  return told == Cause::none || !is_known(told) ? Cause::policy : told;
}

/// The trouble passes by itself; other refusals need somebody to change a rule.
inline bool is_passing(Cause cause) {
  return cause == Cause::storage_full || cause == Cause::overloaded || cause == Cause::timed_out;
}

/// The client at the client's end of a message, which has passed validation.
inline ClientAddress client_of(const wire::fb::Envelope& from_client) {
  return {from_client.origin()->str(), from_client.client_id()->str()};
}

/// What a procedure is given for one step.
struct Context {
  Now now;
  const store::View& view;
  Effects& effects;
  const Configuration& configuration;
  Identities& identities;
  Exchanges& exchanges;
  Deadlines& deadlines;
  Counters& counters;
  LogOns& log_ons;
  Post& post;
  Operations& operations;
  Incarnation incarnation;  // of our own store
  std::uint32_t boots = 0;
  MonoMs started;
  WallMs clock_floor;
  bool clock_trusted = false;
  bool space_low = false;  // refuse what grows
  WallMs started_wall{};   // wall time at the start of this run; 0: never trusted since

  std::string_view self() const { return configuration.system_id; }
  bool is_self(std::string_view system) const { return system == configuration.system_id; }

  /// The address of a new request of ours.
  wire::Address request_to(std::string_view system, ExchangeId id, DurationMs remaining) const {
    const ExchangeId before{id.value - 1};
    return {self(),
            system,
            id,
            incarnation,
            std::min(exchanges.answered_up_to(system), before),
            static_cast<std::uint32_t>(remaining.ms)};
  }
  /// The address of our answer to a request.
  wire::Address answer_to(const wire::fb::Envelope& request) const {
    return wire::answer_to(request, incarnation);
  }
  /// The address of an answer from one of our servers to another one here.
  wire::Address answer_to_self(ExchangeId request) const {
    return {self(), self(), request, incarnation, {}, 0, {}, incarnation, 0};
  }
  /// The same for a request of ours to a client of a user who is served here.
  wire::Address request_to_client(const ClientAddress& client, ExchangeId id,
                                  DurationMs remaining) const {
    return {self(),
            client.mc_service_id,
            id,
            incarnation,
            {},
            static_cast<std::uint32_t>(remaining.ms),
            client.client_id};
  }
  wire::Address answer_to_client(const ClientAddress& client, ExchangeId request,
                                 Incarnation asker) const {
    return {self(), client.mc_service_id, request, asker, {}, 0, client.client_id};
  }
  void step_done(std::string_view clause_step, std::string_view subject, std::string_view object) {
    effects.note(
        {NoteKind::step, clause_step, std::string(subject), std::string(object), Cause::none, 0});
  }
  void refused(std::string_view who, std::string_view what, Cause cause) {
    counters.count(cause);
    effects.note({NoteKind::refused, {}, std::string(who), std::string(what), cause, 0});
  }
};

}  // namespace bivouac::engine
