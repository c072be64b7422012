// SPDX-License-Identifier: Apache-2.0
// A whole gateway behind group commit, driven by a program that the input spells: links and clients
// that come and go, messages true, false, forwarded and broken, operators, time, reloads, a slow
// disk, power cuts. Held
// all the while: no broken rule, bounded steps and queues, nothing leaves before it is durable,
// after a restart the table is what was durable, a peer without a right changes no group, and both
// servers know the same affiliations.

#include <algorithm>
#include <cstring>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "core/base/assert.h"
#include "core/driver/group_commit.h"
#include "core/gms/group_record.h"
#include "core/store/batch.h"
#include "core/store/record.h"
#include "core/wire/build.h"
#include "core/wire/build_client.h"
#include "core/wire/inbound.h"
#include "core/wire/operator_message.h"
#include "tests/fuzz/step_checks.h"
#include "tests/fuzz/step_messages.h"
#include "tests/fuzz/step_script.h"
#include "tests/support/wire_frames.h"

using namespace bivouac;
using namespace bivouac::test;
using engine::Outgoing;

namespace {

constexpr std::size_t events_max = 400;
constexpr std::uint32_t sessions_max = 6;
constexpr ConnectionId first_operator{1'000'000};
/// What the first inputs spelled with a byte they go on to spell: what came later begins here.
constexpr std::uint8_t later_kinds = 192;

/// What the store and its checker need of a table.
std::vector<Bytes> groups_in(const store::View& view) {
  std::vector<Bytes> groups;
  for (const auto kind :
       {store::RecordKind::group, store::RecordKind::policy, store::RecordKind::keys}) {
    for (const auto& [key, value] : view.scan(store::prefix(kind))) {
      groups.emplace_back(key.bytes.begin(), key.bytes.end());
      groups.push_back(value);
    }
  }
  return groups;
}

class World final : public driver::Transaction, public driver::Outbox, public driver::Alarm {
 public:
  World() { start(); }

  void play(Script& script) {
    for (std::size_t i = 0; i < events_max && !script.ended(); ++i) turn(script);
    crash(false);
    start();
    end_commits();
  }

 private:
  struct Session {
    ConnectionId connection;
    std::string id;
    std::uint64_t incarnation = 0;
    bool greeted = false;
    std::uint64_t exchange = 0;
  };

  // ---- the three ports
  void commit(Bytes batch) override {
    BIVOUAC_ASSERT(!in_flight_);
    in_flight_ = std::move(batch);
  }
  void release(const Outgoing& outgoing) override {
    if (outgoing.kind == Outgoing::Kind::dial) {
      dials_.push_back(outgoing.system_id);
    } else if (outgoing.kind == Outgoing::Kind::close) {
      closing_.push_back(outgoing.connection);
    } else {
      BIVOUAC_ASSERT(outgoing.frame->size() <=
                     limits::frame_header_bytes + limits::frame_bytes_max);
      if (outgoing.connection < first_operator) hear(*outgoing.frame);
    }
  }
  void note(const Note&) override {}
  void arm(MonoMs deadline) override { deadline_ = deadline; }
  void stop() override { BIVOUAC_ASSERT(false); }

  /// What leaves for a partner is well-formed, whatever came in.
  void hear(const Bytes& frame) {
    const WholeFrame whole(frame);
    const auto message = wire::verify(whole.frame());
    BIVOUAC_ASSERT(message.has_value());
    const wire::fb::Envelope& e = *message->envelope;
    Asked asked{e.exchange(), e.origin_incarnation(), {}};
    if (const auto* push = e.body_as_GroupConfigurationProvisionRequest()) {
      asked.group_id = push->group_id()->str();
    } else if (const auto* pull = e.body_as_GroupConfigurationRequest()) {
      asked.group_id = pull->group_id()->str();
    } else if (const auto* notify = e.body_as_GroupInformationNotifyRequest()) {
      asked.group_id = notify->group_id()->str();
    } else if (const auto* subscribe = e.body_as_GroupInformationSubscribeRequest()) {
      asked.group_id = subscribe->group_id()->str();
    } else if (const auto* affiliate = e.body_as_GroupAffiliationRequest()) {
      asked.group_id = affiliate->group_ids()->Get(0)->str();
    } else if (const auto* leave = e.body_as_GroupDeaffiliationRequest()) {
      asked.group_id = leave->group_ids()->Get(0)->str();
    } else if (e.body_type() != wire::fb::Body::ClientNotifyAffiliationStatusRequest) {
      return;
    }
    asked_.push_back(std::move(asked));
    if (asked_.size() > 8) asked_.pop_front();
  }

  // ---- what happens to the gateway
  void start() {
    table_ = std::make_unique<store::Table>();
    for (const Bytes& batch : durable_) {
      const auto mutations = store::decode_batch(batch);
      BIVOUAC_ASSERT(mutations.has_value());
      for (const store::Mutation& mutation : *mutations) {
        BIVOUAC_ASSERT(mutation.erase || store::is_valid_record(mutation.key, mutation.value));
        table_->apply(mutation);
      }
    }
    const auto survived = groups_in(store::View(*table_));
    gateway_ = std::make_unique<node::Gateway>(
        std::make_shared<const engine::Configuration>(configuration(variant_)));
    group_commit_ = std::make_unique<driver::GroupCommit>(*gateway_, *table_, *this, *this, *this);
    engine::Boot boot;
    boot.entropy[0] = ++entropy_;
    boot.entropy[1] = ++entropy_;
    event(boot);
    BIVOUAC_ASSERT(groups_in(store::View(*table_)) == survived);
  }

  void crash(bool batch_survives) {
    if (batch_survives && in_flight_) durable_.push_back(*in_flight_);
    in_flight_.reset();
    group_commit_.reset();
    gateway_.reset();
    sessions_.clear();
    closing_.clear();
    dials_.clear();
  }

  void event(const engine::Event& event) {
    group_commit_->on_event(now_, event);
    BIVOUAC_ASSERT(!gateway_->has_more());
    check_affiliations(store::View(*table_));
    group_commit_->flush();
  }

  void end_commits() {
    while (in_flight_) {
      durable_.push_back(*std::exchange(in_flight_, std::nullopt));
      group_commit_->on_committed(driver::GroupCommit::Outcome::committed);
    }
  }

  void close_and_dial() {
    for (const ConnectionId connection : std::exchange(closing_, {})) {
      if (std::erase_if(sessions_, [&](const Session& s) { return s.connection == connection; }))
        event(engine::PeerDown{connection});
    }
    for (const std::string& system : std::exchange(dials_, {})) event(engine::DialFailed{system});
  }

  void tick(std::int64_t ms) {
    const MonoMs end = now_.mono + DurationMs{ms};
    for (int i = 0; i < 64 && deadline_ <= end; ++i) {
      now_.mono = std::max(now_.mono, deadline_);
      event(engine::Tick{});
      if (!slow_disk_) end_commits();
      close_and_dial();
    }
    now_.mono = std::max(now_.mono, end);
    now_.wall.ms += ms;
  }

  void turn(Script& script) {
    switch (script.below(14)) {
      case 0: return connect(script);
      case 1:
      case 2:
      case 3:
      case 4: return speak(script);
      case 5: return hang_up(script);
      case 6: return tick(std::int64_t{1} << script.below(16));
      case 7:
      case 8: return operate(script);
      case 9: return disk(script);
      case 10: {
        crash((script.byte() & 1U) != 0);
        return start();
      }
      case 11: {
        variant_ = script.byte();
        return event(
            engine::Reload{std::make_shared<const engine::Configuration>(configuration(variant_))});
      }
      case 12: return event(engine::Space{(script.byte() & 1U) != 0});
      default: return event(engine::Clock{(script.byte() & 1U) != 0});
    }
  }

  void disk(Script& script) {
    slow_disk_ = (script.byte() & 1U) != 0;
    if (!slow_disk_) end_commits();
    close_and_dial();
  }

  void connect(Script& script) {
    if (sessions_.size() >= sessions_max) return;
    const std::uint8_t who = script.byte();
    const bool is_client = who >= later_kinds;
    Session session{
        {++connections_}, is_client ? user_id : systems[(who & 3U) % 3], 70U + ((who >> 2U) & 1U)};
    event(engine::PeerUp{session.connection, session.id, !is_client && (who & 8U) != 0});
    sessions_.push_back(session);
    if ((who & 16U) == 0) say(sessions_.back(), hello_of(session));
    close_and_dial();
  }

  static Bytes hello_of(const Session& session) {
    if (session.id == user_id)
      return wire::build_client_hello(session.id, "phone", {session.incarnation});
    return wire::build_hello(session.id, {session.incarnation});
  }

  void hang_up(Script& script) {
    if (sessions_.empty()) return;
    const auto which =
        sessions_.begin() + script.below(static_cast<std::uint8_t>(sessions_.size()));
    const ConnectionId connection = which->connection;
    sessions_.erase(which);
    event(engine::PeerDown{connection});
  }

  /// Bytes of a peer, in pieces as a socket gives them.
  void say(const Session& session, ByteView bytes) {
    const auto before = groups_in(store::View(*table_));
    const auto records = table_->size();
    for (std::size_t at = 0; at < bytes.size(); at += limits::connection_buffer_bytes) {
      event(engine::BytesIn{
          session.connection,
          bytes.subspan(at, std::min(limits::connection_buffer_bytes, bytes.size() - at))});
    }
    if (session.id == systems[0]) return;
    // Charlie, strangers and clients have no right: groups stay, and the table grows by a Hello at
    // most; a client's by two affiliations, each at both servers, and by what they name.
    BIVOUAC_ASSERT(groups_in(store::View(*table_)) == before);
    BIVOUAC_ASSERT(table_->size() <= records + (session.id == user_id ? 8 : 4));
  }

  void speak(Script& script) {
    if (sessions_.empty()) return;
    Session& session = sessions_[script.below(static_cast<std::uint8_t>(sessions_.size()))];
    Bytes frame = message(script, session);
    const std::uint8_t damage = script.byte();
    if ((damage & 0xC0U) == 0xC0U) {  // a quarter of them is broken somewhere
      for (std::uint8_t i = 0; i <= (damage & 7U); ++i) {
        const std::size_t at = (std::size_t{script.byte()} << 8U | script.byte()) % frame.size();
        frame[at] = script.byte();
      }
    }
    say(session, frame);
    if (!slow_disk_) end_commits();
    close_and_dial();
  }

  Bytes message(Script& script, Session& session) {
    const std::uint8_t spelled = script.byte();
    const std::uint8_t kind = spelled % 12;
    const std::uint8_t how = script.byte();
    wire::Address request{
        session.id, own_id, {(how & 1U) != 0 ? how : ++session.exchange}, {session.incarnation},
        {},         10'000};
    if ((how & 0x70U) == 0x70U) request.origin = systems[how & 1U];
    if ((how & 0x70U) == 0x60U) request.origin_incarnation.value ^= 3;
    if (request.exchange.value > 1 && (how & 2U) != 0) {
      request.answered_up_to = {request.exchange.value - 1};
    }
    Asked asked;
    if (!asked_.empty()) asked = asked_[how % asked_.size()];
    if (asked.group_id.empty() || (how & 0x80U) != 0) asked.group_id = group_name(how);
    const wire::Address answer{session.id,
                               own_id,
                               {std::max<std::uint64_t>(asked.exchange, 1)},
                               {std::max<std::uint64_t>(asked.incarnation, 1)},
                               {},
                               0};
    const auto cause = static_cast<Cause>(script.byte() % (spelled >= later_kinds ? 120 : 90));
    GroupConfiguration g = group(script, (how & 4U) != 0 ? own_id : session.id);
    if (spelled >= later_kinds && session.id == user_id)
      return client_message(spelled, how, request, answer, g, cause);
    if (spelled >= later_kinds) {
      if ((how & 8U) != 0) request.origin = far_id;
      if ((how & 0x30U) == 0x30U) request.target = systems[1];
      return later_message(spelled, how, request, answer, g, asked.group_id, cause);
    }
    switch (kind) {
      case 0: return wire::build_hello(session.id, {session.incarnation});
      case 1: return wire::build_heartbeat(how, how);
      case 2: return wire::build_refusal(answer, cause == Cause::none ? Cause::policy : cause);
      case 3:
      case 4:
        return wire::build_group_configuration_provision_request(
            request, g.group_id, {1U + (how >> 4U)}, (how & 8U) != 0 ? nullptr : &g);
      case 5:
      case 6:
        return wire::build_group_configuration_provision_response(
            answer, asked.group_id, (how & 8U) != 0 ? cause : Cause::none);
      case 7:
        return wire::build_group_configuration_request(request, g.group_id, g.services, {how & 3U});
      case 8:
      case 9:
        g.group_id = asked.group_id;
        return wire::build_group_configuration_response(
            answer, asked.group_id, (how & 8U) != 0 ? cause : Cause::none, {1U + (how >> 4U)},
            (how & 8U) != 0 || (how & 16U) != 0 ? nullptr : &g);
      case 10: {  // as if from our own server: its exchange comes just before the one to the home
        g.group_id = asked.group_id;
        wire::Address own = answer;
        own.exchange = {std::max<std::uint64_t>(asked.exchange, 2) - 1};
        return wire::build_get_group_configuration_response(own, g.group_id, Cause::none, &g, 0);
      }
      default: {
        const ByteView raw = script.take(1U + how);
        return raw.empty() ? Bytes{0} : Bytes(raw.begin(), raw.end());
      }
    }
  }

  void operate(Script& script) {
    const std::uint8_t spelled = script.byte();
    const std::uint8_t kind = spelled % 9;
    const ConnectionId connection{first_operator.value + script.below(4)};
    GroupConfiguration g = group(script, own_id);
    Bytes frame;
    if (spelled >= later_kinds) {
      frame = later_request(spelled, g);
    } else {
      switch (kind) {
        case 0: frame = wire::build_status_request(); break;
        case 1: frame = wire::build_watch_request(); break;
        case 2: frame = wire::build_group_list_request(); break;
        case 3: frame = wire::build_group_show_request(g.group_id); break;
        case 4: frame = wire::build_group_import_request(g); break;
        case 5: frame = wire::build_group_remove_request(g.group_id); break;
        case 6: frame = wire::build_group_push_request(g.group_id, systems[0]); break;
        case 7: frame = wire::build_group_fetch_request(g.group_id, {}); break;
        default: return event(engine::OperatorGone{connection});
      }
    }
    const Bytes body(frame.begin() + limits::frame_header_bytes, frame.end());
    event(engine::OperatorRequest{connection, body, nullptr});
    if (!slow_disk_) end_commits();
  }

  Now now_{{1'000}, {1'760'000'000'000}};
  std::uint8_t variant_ = 0;
  std::uint64_t entropy_ = 100;
  std::uint32_t connections_ = 0;
  bool slow_disk_ = false;
  MonoMs deadline_ = MonoMs::never();
  std::vector<Bytes> durable_;
  std::optional<Bytes> in_flight_;
  std::vector<Session> sessions_;
  std::deque<Asked> asked_;
  std::vector<ConnectionId> closing_;
  std::vector<std::string> dials_;
  std::unique_ptr<store::Table> table_;
  std::unique_ptr<node::Gateway> gateway_;
  std::unique_ptr<driver::GroupCommit> group_commit_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Script script(data, size);
  World world;
  world.play(script);
  return 0;
}
