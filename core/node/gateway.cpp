// SPDX-License-Identifier: Apache-2.0
#include "core/node/gateway.h"

#include <deque>

#include "core/gms/group_management_server.h"
#include "core/mcs/mc_service_server.h"
#include "core/node/links.h"
#include "core/node/operators.h"
#include "core/node/peer_message.h"
#include "core/store/record.h"
#include "core/wire/inbound.h"

namespace bivouac::node {
namespace {

using engine::Context;
using engine::DeadlineId;
using engine::DeadlineKind;
using wire::fb::Body;

constexpr std::size_t deadlines_per_step_max = 8;
// The floor need not be exact; each write of it wears the flash.
constexpr std::int64_t clock_floor_step_ms = 3'600'000;

}  // namespace

struct Gateway::State final : engine::Post, engine::Operations {
  explicit State(std::shared_ptr<const engine::Configuration> c) : configuration(std::move(c)) {}
  virtual ~State() = default;

  // engine::Post
  void send(std::string_view system, Bytes frame, engine::Priority priority) override;
  bool is_reachable(std::string_view system) const override {
    return links.connection_to(system).is_set();
  }
  Incarnation incarnation_of(std::string_view system) const override {
    const Session* session = links.session_with(system);
    return session == nullptr ? Incarnation{} : session->incarnation;
  }
  std::size_t frame_bytes_max_of(std::string_view system) const override {
    const Session* session = links.session_with(system);
    return session == nullptr ? limits::frame_bytes_max : session->frame_bytes_max;
  }
  // engine::Operations
  void settled(ExchangeId id, Cause cause, ExposedRevision revision) override {
    operators.settled(*current, id, cause, revision);
  }

  void on(Context& context, const engine::Boot& event);
  void on(Context& context, const engine::PeerUp& event) { links.on_peer_up(context, event); }
  void on(Context& context, const engine::BytesIn& event);
  void on(Context& context, const engine::PeerDown& event);
  void on(Context& context, const engine::DialFailed& event) {
    links.on_dial_failed(context, event.system_id);
  }
  void on(Context& context, const engine::OperatorRequest& event) {
    operators.on_request(context, {gms, links}, event);
  }
  void on(Context& context, const engine::OperatorGone& event) {
    operators.on_gone(context, event.connection);
  }
  void on(Context& context, const engine::Tick& event);
  void on(Context& context, const engine::Continue&);
  void on(Context& context, const engine::Reload& event);
  void on(Context& context, const engine::Space& event);
  void on(Context& context, const engine::Clock& event);
  void on(Context& context, const engine::Stop&);

  void on_frame(Context& context);
  void on_local_message(Context& context);
  void on_rejected(Context& context, ConnectionId connection, const wire::Rejected& rejected);
  void on_peer_message(Context& context, ConnectionId connection,
                       const wire::fb::Envelope& envelope);
  void on_greeting(Context& context, const Links::Greeting& greeting) {
    if (greeting.before == greeting.told) return;
    gms.on_new_store(context, greeting.system, greeting.before, greeting.told);
  }
  void on_server_message(Context& context, const wire::fb::Envelope& envelope);
  void on_deadline(Context& context, DeadlineId id);
  void put_meta(Context& context);
  void raise_clock_floor(Context& context);
  bool has_more() const {
    return !local.empty() || gms.has_work() || links.has_condemned() || links.has_frame();
  }
  void work_soon(const Context& context) {
    deadlines.set({DeadlineKind::work, 0}, context.now.mono);
  }
  void refuse(Context& context, ConnectionId connection, const wire::fb::Envelope& request,
              Cause cause);

  std::shared_ptr<const engine::Configuration> configuration;
  engine::Identities identities;
  engine::Exchanges exchanges;
  engine::Deadlines deadlines;
  engine::Counters counters;
  gms::GroupManagementServer gms;
  mcs::McServiceServer mcs;
  Links links;
  Operators operators;
  std::deque<Bytes> local;  // bodies of messages between our own servers
  Incarnation incarnation;
  std::uint32_t boots = 0;
  WallMs clock_floor;
  bool clock_trusted = false;
  bool space_low = false;
  MonoMs started;
  Context* current = nullptr;  // only within a step
};

Gateway::Gateway(std::shared_ptr<const engine::Configuration> configuration)
    : state_(std::make_unique<State>(std::move(configuration))) {}
Gateway::~Gateway() = default;

void Gateway::step(Now now, const engine::Event& event, const store::View& view,
                   engine::Effects& effects) {
  State& s = *state_;
  s.identities.begin_step();
  const std::shared_ptr<const engine::Configuration> configuration = s.configuration;
  Context context{now,
                  view,
                  effects,
                  *configuration,
                  s.identities,
                  s.exchanges,
                  s.deadlines,
                  s.counters,
                  s,
                  s,
                  s.incarnation,
                  s.boots,
                  s.started,
                  s.clock_floor,
                  s.clock_trusted,
                  s.space_low};
  s.current = &context;
  std::visit([&](const auto& e) { s.on(context, e); }, event);
  s.operators.watch(context);
  s.current = nullptr;
}

bool Gateway::has_more() const { return state_->has_more(); }
bool Gateway::in_local_chain() const { return !state_->local.empty() || state_->gms.has_work(); }
MonoMs Gateway::next_deadline() const { return state_->deadlines.next(); }
MonoMs Gateway::next_deadline_but_work() const {
  return state_->deadlines.next(engine::Wanted::all_but_work);
}
WallMs Gateway::clock_floor() const { return state_->clock_floor; }
bool Gateway::clock_trusted() const { return state_->clock_trusted; }
std::size_t Gateway::links_up() const { return state_->links.count_up(); }

void Gateway::State::send(std::string_view system, Bytes frame, engine::Priority priority) {
  if (current->is_self(system)) {
    local.emplace_back(frame.begin() + limits::frame_header_bytes, frame.end());
    return;
  }
  const ConnectionId connection = links.connection_to(system);
  if (connection.is_set()) {
    current->effects.send(connection, std::make_shared<const Bytes>(std::move(frame)), priority);
  }
}

void Gateway::State::on(Context& context, const engine::Boot& event) {
  if (const auto* meta = store::find<store::fb::Meta>(context.view, store::meta_key())) {
    incarnation = {meta->incarnation()};
    boots = meta->boots();
    clock_floor = {static_cast<std::int64_t>(meta->clock_floor_ms())};
  }
  // A store that lost records must not pass for the one that had them (decision 2).
  if (!incarnation.is_set() || event.store_salvaged) incarnation = {event.entropy[0] | 1U};
  ++boots;
  clock_floor.ms = std::max(clock_floor.ms, event.build_wall_ms);
  started = context.now.mono;
  context.incarnation = incarnation;
  context.boots = boots;
  context.clock_floor = clock_floor;
  context.started = started;
  put_meta(context);
  exchanges.start(boots);
  identities.start(context.view, context.effects);
  gms.start(context);
  links.start(context, event.entropy[1]);
  work_soon(context);
  context.effects.note(
      {NoteKind::started, {}, configuration->system_id, {}, Cause::none, incarnation.value});
}

void Gateway::State::put_meta(Context& context) {
  flatbuffers::FlatBufferBuilder builder(64);
  context.effects.put(
      store::meta_key(),
      store::finish(builder, store::fb::CreateMeta(builder, incarnation.value, boots,
                                                   static_cast<std::uint64_t>(clock_floor.ms))));
}

void Gateway::State::on(Context& context, const engine::BytesIn& event) {
  BIVOUAC_ASSERT(event.bytes.size() <= limits::connection_buffer_bytes);
  links.on_bytes(context, event);
  if (links.has_frame()) on_frame(context);
}

void Gateway::State::on(Context& context, const engine::PeerDown& event) {
  const std::string down = links.on_peer_down(context, event.connection);
  if (down.empty()) return;
  gms.on_link_down(context, down);
  work_soon(context);  // what waited for a place among its requests goes on
}

void Gateway::State::on(Context& context, const engine::Tick& event) {
  const engine::Wanted wanted =
      event.work_waits ? engine::Wanted::all_but_work : engine::Wanted::all;
  raise_clock_floor(context);
  for (std::size_t i = 0; i < deadlines_per_step_max; ++i) {
    const auto due = deadlines.take_due(context.now.mono, wanted);
    if (!due) break;
    on_deadline(context, *due);
    if (due->kind == DeadlineKind::work) break;  // a slice of work fills a step
  }
}

void Gateway::State::on(Context& context, const engine::Continue&) {
  // Talks between our own servers end before anything new begins.
  if (!local.empty()) {
    on_local_message(context);
  } else if (gms.has_work()) {
    gms.work(context);
  } else if (links.has_condemned()) {
    links.close_some(context);
  } else if (links.has_frame()) {
    on_frame(context);
  }
}

void Gateway::State::on(Context& context, const engine::Reload& event) {
  BIVOUAC_ASSERT(event.configuration->system_id == configuration->system_id);
  configuration = event.configuration;
  Context renewed{context.now, context.view, context.effects, *configuration,
                  identities,  exchanges,    deadlines,       counters,
                  *this,       *this,        incarnation,     boots,
                  started,     clock_floor,  clock_trusted,   space_low};
  current = &renewed;
  links.on_reload(renewed);
  gms.on_reload(renewed);
  work_soon(context);
  current = &context;
}

void Gateway::State::on(Context& context, const engine::Space& event) {
  if (space_low == event.low) return;
  space_low = event.low;
  work_soon(context);  // what had to wait for space goes on
  context.effects.note({event.low ? NoteKind::space_low : NoteKind::space_recovered,
                        {},
                        {},
                        {},
                        event.low ? Cause::storage_full : Cause::none,
                        0});
}

void Gateway::State::on(Context& context, const engine::Clock& event) {
  clock_trusted = event.trusted;
  context.effects.note({NoteKind::clock, {}, {}, {}, Cause::none, event.trusted ? 1U : 0U});
  raise_clock_floor(context);
}

void Gateway::State::raise_clock_floor(Context& context) {
  if (!clock_trusted || context.now.wall.ms < clock_floor.ms + clock_floor_step_ms) return;
  clock_floor = context.now.wall;
  put_meta(context);
}

void Gateway::State::on(Context& context, const engine::Stop&) {
  links.stop();
  raise_clock_floor(context);
}

void Gateway::State::on_frame(Context& context) {
  const auto waiting = links.next_frame(context);
  if (!waiting) return;
  const auto message = wire::verify(waiting->frame);
  if (message) {
    on_peer_message(context, waiting->connection, *message->envelope);
  } else {
    on_rejected(context, waiting->connection, message.error());
  }
  links.consumed(waiting->connection);
}

void Gateway::State::on_rejected(Context& context, ConnectionId connection,
                                 const wire::Rejected& rejected) {
  const Session& session = *links.session(connection);
  if (rejected.close || !session.hello) {
    links.close(context, connection, rejected.cause);
    return;
  }
  context.refused(session.system_id, "message", rejected.cause);
  if (rejected.envelope == nullptr ||
      rejected.envelope->origin()->string_view() != session.system_id)
    return;
  refuse(context, connection, *rejected.envelope, rejected.cause);
}

void Gateway::State::refuse(Context& context, ConnectionId connection,
                            const wire::fb::Envelope& request, Cause cause) {
  wire::Address address = wire::answer_to(request);
  address.origin = context.self();  // whomever the request was for: it is we who refuse it
  context.effects.send(connection, wire::build_refusal(address, cause));
}

void Gateway::State::on_peer_message(Context& context, ConnectionId connection,
                                     const wire::fb::Envelope& envelope) {
  const Session& session = *links.session(connection);
  if (envelope.body_type() == Body::Hello) {
    const std::string system_id = session.system_id;
    const Links::Greeting greeting = links.on_hello(context, connection, *envelope.body_as_Hello());
    if (!greeting.link_up) return;
    gms.on_link_down(context,
                     system_id);  // what was on the way over an older session is sent again
    gms.on_link_up(context, system_id);
    on_greeting(context, greeting);
    work_soon(context);
    return;
  }
  if (!session.hello) return links.close(context, connection, Cause::frame_before_hello);
  if (envelope.body_type() == Body::Heartbeat) {
    return links.on_heartbeat(context, connection, *envelope.body_as_Heartbeat());
  }
  const Cause cause = judge_peer_message(context.self(), context.incarnation, session, envelope);
  if (cause == Cause::none) return on_server_message(context, envelope);
  context.refused(session.system_id, "message", cause);
  if (wire::is_request(envelope.body_type()) && cause != Cause::origin_not_permitted) {
    refuse(context, connection, envelope, cause);
  }
}

void Gateway::State::on_local_message(Context& context) {
  const Bytes body = std::move(local.front());
  local.pop_front();
  const wire::Frame frame{{static_cast<std::uint32_t>(body.size()), 0}, body};
  const auto message = wire::verify(frame);
  BIVOUAC_ASSERT(message.has_value());  // we built it
  const wire::fb::Envelope& envelope = *message->envelope;
  context.effects.note({NoteKind::message,
                        {},
                        wire::fb::EnumNameBody(envelope.body_type()),
                        std::string(wire::group_of(envelope)),
                        Cause::none,
                        envelope.exchange()});
  on_server_message(context, envelope);
}

void Gateway::State::on_server_message(Context& context, const wire::fb::Envelope& envelope) {
  const bool for_gms = gms.on_message(context, envelope);
  if (!for_gms && !mcs.on_message(context, envelope)) {
    const engine::Exchange* exchange = exchanges.find({envelope.exchange()});
    const bool ours = envelope.body_type() == Body::Refusal && exchange != nullptr &&
                      exchange->target == envelope.origin()->string_view();
    if (ours) {
      gms.on_refusal(context, envelope, engine::Exchange(*exchange));
    } else {
      context.refused(envelope.origin()->string_view(), "message", Cause::message_unexpected);
    }
  }
  work_soon(context);  // it may have given a cursor something to do
}

void Gateway::State::on_deadline(Context& context, DeadlineId id) {
  switch (id.kind) {
    case DeadlineKind::dial:
    case DeadlineKind::heartbeat:
    case DeadlineKind::silence:
    case DeadlineKind::hello: links.on_deadline(context, id); return;
    case DeadlineKind::exchange:
      if (const engine::Exchange* open = exchanges.find({id.number})) {
        const engine::Exchange exchange = *open;
        gms.on_timeout(context, {id.number}, exchange);
        mcs.on_timeout(context, {id.number}, exchange);
        work_soon(context);  // its place is free
      }
      return;
    case DeadlineKind::push_again:
      gms.on_push_again(context, {static_cast<std::uint32_t>(id.number)});
      return;
    case DeadlineKind::operation:
      operators.on_deadline(context, {static_cast<std::uint32_t>(id.number)});
      return;
    case DeadlineKind::work:
      if (const auto greeting = links.remember_next(context)) {
        on_greeting(context, *greeting);
        work_soon(context);
      } else if (gms.go_on(context)) {
        work_soon(context);
      }
      return;
  }
}

}  // namespace bivouac::node
