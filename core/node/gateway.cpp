// SPDX-License-Identifier: Apache-2.0
#include "core/node/gateway.h"

#include "core/base/planted.h"
#include "core/node/gateway_state.h"
#include "core/store/record.h"

namespace bivouac::node {
namespace {

constexpr std::size_t deadlines_per_step_max = 8;
// The floor need not be exact; each write of it wears the flash.
constexpr std::int64_t clock_floor_step_ms = 3'600'000;

}  // namespace

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
                  s.log_ons,
                  s,
                  s,
                  s.incarnation,
                  s.boots,
                  s.started,
                  s.clock_floor,
                  s.clock_trusted,
                  s.space_low,
                  s.started_wall};
  s.current = &context;
  std::visit([&](const auto& e) { s.on(context, e); }, event);
  s.watch_records(context);
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
std::size_t Gateway::links_up() const {
  return state_->links.count_up() + state_->presence.count_up();
}

Incarnation Gateway::State::incarnation_of(std::string_view system) const {
  if (const Far* far = presence.find(system)) return far->up ? far->incarnation : Incarnation{};
  const Session* session = links.session_with(system);
  return session == nullptr ? Incarnation{} : session->incarnation;
}

std::size_t Gateway::State::frame_bytes_max_of(std::string_view system) const {
  if (const Far* far = presence.find(system)) {
    return far->incarnation.is_set() ? far->frame_bytes_max : limits::frame_bytes_max;
  }
  const Session* session = links.session_with(system);
  return session == nullptr ? limits::frame_bytes_max : session->frame_bytes_max;
}

void Gateway::State::send(std::string_view system, Bytes frame, engine::Priority priority) {
  if (current->is_self(system)) {
    local.emplace_back(frame.begin() + limits::frame_header_bytes, frame.end());
    return;
  }
  // Whoever has greeted us can be answered, be it before it has answered us.
  const Far* far = presence.find(system);
  const bool is_known = far == nullptr || far->incarnation.is_set();
  const ConnectionId connection = links.connection_to(far == nullptr ? system : far->via);
  if (connection.is_set() && is_known) {
    if (is_planted(Planted::acknowledged_before_commit) &&
        wire::fb::GetEnvelope(frame.data() + limits::frame_header_bytes)->body_type() ==
            wire::fb::Body::GroupInformationNotifyResponse) {
      return current->effects.send_now(connection, std::move(frame));
    }
    current->effects.send(connection, std::make_shared<const Bytes>(std::move(frame)), priority);
  }
}

void Gateway::State::send_to_client(const engine::ClientAddress& client, Bytes frame,
                                    engine::Priority priority) {
  const ConnectionId connection = clients.connection_of(client);
  if (connection.is_set()) {
    current->effects.send(connection, std::make_shared<const Bytes>(std::move(frame)), priority);
  }
}

/// Whoever wrote it: clients are told of groups and their keys, and judged by profiles and
/// policies, as soon as it is in the table.
void Gateway::State::watch_records(Context& context) {
  bool any = false;
  for (const store::Mutation& mutation : context.effects.mutations()) {
    if (mutation.key.kind() == store::RecordKind::policy) {
      mcs.on_policy_changed({mutation.key.number_at(8)});
      any = true;
      continue;
    }
    const bool group = mutation.key.kind() == store::RecordKind::group ||
                       mutation.key.kind() == store::RecordKind::keys;
    if (!group && mutation.key.kind() != store::RecordKind::user) continue;
    any = true;
    const std::string_view id = identities.text(context.view, {mutation.key.number_at(4)});
    if (group) {
      gms.on_group_changed(id);
    } else {
      users_changed.emplace(id);
    }
  }
  if (any) work_soon(context);
}

void Gateway::State::on(Context& context, const engine::Boot& event) {
  if (const auto* meta = store::find<store::fb::Meta>(context.view, store::meta_key())) {
    incarnation = {meta->incarnation()};
    boots = meta->boots();
    clock_floor = {static_cast<std::int64_t>(meta->clock_floor_ms())};
    // A store that lost records may have lost what its MC service servers knew.
    if (!event.store_salvaged) services_told.bits = meta->services() & Services::all().bits;
  }
  // A store that lost records must not pass for the one that had them (decision 2).
  if (!incarnation.is_set() || event.store_salvaged) incarnation = {event.entropy[0] | 1U};
  // What is pending keeps its id: a salvaged store that lost the count must not give it away again.
  for (const auto& [key, value] : context.view.scan(store::prefix(store::RecordKind::outbox)))
    boots = std::max(boots, engine::Exchanges::boots_of({key.long_at(8)}));
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
  mcs.start(context, services_told);
  gms.start(context, services_told);
  links.start(context, event.entropy[1]);
  presence.on_reload(context, links);
  housekeeping.start(context);
  work_soon(context);
  context.effects.note(
      {NoteKind::started, {}, configuration->system_id, {}, Cause::none, incarnation.value});
  for (const engine::RefusedRecord& one : event.refused)
    context.refused("store", one.id, one.cause);
}

void Gateway::State::put_meta(Context& context) {
  flatbuffers::FlatBufferBuilder builder(64);
  context.effects.put(
      store::meta_key(),
      store::finish(builder, store::fb::CreateMeta(builder, incarnation.value, boots,
                                                   static_cast<std::uint64_t>(clock_floor.ms),
                                                   services_told.bits)));
}

void Gateway::State::on(Context& context, const engine::BytesIn& event) {
  BIVOUAC_ASSERT(event.bytes.size() <= limits::connection_buffer_bytes);
  if (clients.has(event.connection)) {
    clients.on_bytes(context, event);
  } else {
    links.on_bytes(context, event);
  }
  if (links.has_frame() || clients.has_frame()) on_frame(context);
}

void Gateway::State::on(Context& context, const engine::PeerUp& event) {
  if (!event.dialled && Clients::is_client(*configuration, event.identity)) {
    clients.on_peer_up(context, event);
  } else {
    links.on_peer_up(context, event);
  }
}

void Gateway::State::on(Context& context, const engine::PeerDown& event) {
  if (clients.has(event.connection)) {
    const auto gone = clients.on_peer_down(context, event.connection);
    if (gone) on_client_gone(context, *gone);
    return;
  }
  const std::string down = links.on_peer_down(context, event.connection);
  if (down.empty()) return;
  on_link_down(context, down);
  on_links_down(context, presence.on_proxy_down(context, down));
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
    // Until the next step a subscription that ended can still be read, by what is due after it.
    if (due->kind == DeadlineKind::lease) break;
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
  } else if (clients.has_condemned()) {
    clients.close_some(context);
  } else if (links.has_frame() || clients.has_frame()) {
    on_frame(context);
  }
}

void Gateway::State::on(Context& context, const engine::Reload& event) {
  BIVOUAC_ASSERT(event.configuration->system_id == configuration->system_id);
  configuration = event.configuration;
  Context renewed{context.now,   context.view, context.effects, *configuration, identities,
                  exchanges,     deadlines,    counters,        log_ons,        *this,
                  *this,         incarnation,  boots,           started,        clock_floor,
                  clock_trusted, space_low,    started_wall};
  current = &renewed;
  links.on_reload(renewed);
  on_links_down(renewed, presence.on_reload(renewed, links));
  gms.on_reload(renewed);
  mcs.on_reload(renewed);
  for (const auto& [client, connection] : clients.all()) users_changed.insert(client.mc_service_id);
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
  clock_trusted = context.clock_trusted = event.trusted;
  if (clock_trusted && started_wall.ms == 0) {
    // The first trusted time of a run tells when it began; later jumps change nothing any more.
    started_wall.ms = context.now.wall.ms - (context.now.mono - started).ms;
    context.started_wall = started_wall;
  }
  gms.on_clock(context);
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
  clients.stop();
  raise_clock_floor(context);
}

void Gateway::State::on_deadline(Context& context, DeadlineId id) {
  switch (id.kind) {
    case DeadlineKind::silence:
    case DeadlineKind::hello:
      if (clients.has({static_cast<std::uint32_t>(id.number)})) {
        clients.on_deadline(context, id);
        return;
      }
      [[fallthrough]];
    case DeadlineKind::dial:
    case DeadlineKind::heartbeat: links.on_deadline(context, id); return;
    case DeadlineKind::presence:
      on_change(context, presence.on_deadline(context, static_cast<std::size_t>(id.number), links));
      return;
    case DeadlineKind::exchange:
      if (const engine::Exchange* open = exchanges.find({id.number})) {
        const engine::Exchange exchange = *open;
        gms.on_timeout(context, {id.number}, exchange);
        mcs.on_timeout(context, {id.number}, exchange);
        work_soon(context);  // its place is free
      }
      return;
    case DeadlineKind::push_again:
    case DeadlineKind::notify_again:
    case DeadlineKind::lease:
    case DeadlineKind::renewal:
      gms.on_deadline(context, id);
      work_soon(context);
      return;
    case DeadlineKind::operation:
      operators.on_deadline(context, {static_cast<std::uint32_t>(id.number)});
      return;
    case DeadlineKind::affiliation_again:
    case DeadlineKind::affiliation_answer:
    case DeadlineKind::affiliation_grace:
      mcs.on_deadline(context, id);
      work_soon(context);
      return;
    case DeadlineKind::key_expiry:
      gms.on_key_expiry(context, {static_cast<std::uint32_t>(id.number)});
      work_soon(context);
      return;
    case DeadlineKind::work:
      if (go_on(context)) work_soon(context);
      return;
  }
}

/// One slice of long work; true when more can be done at once.
bool Gateway::State::go_on(Context& context) {
  if (const auto greeting = links.remember_next(context)) {
    on_greeting(context, *greeting);
    return true;
  }
  if (const auto greeting = presence.remember_next(context)) {
    on_greeting(context, *greeting);
    return true;
  }
  if (!users_changed.empty()) {
    const std::string user = *users_changed.begin();
    users_changed.erase(users_changed.begin());
    on_user_changed(context, user);
    return true;
  }
  if (mcs.go_on(context)) return true;  // before its servers are told anew
  if (gms.go_on(context)) return true;
  if (services_told != gms.services_told()) {
    services_told = gms.services_told();
    put_meta(context);
  }
  return housekeeping.go_on(context);
}

}  // namespace bivouac::node
