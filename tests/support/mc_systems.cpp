// SPDX-License-Identifier: Apache-2.0
#include "tests/support/mc_systems.h"

#include <algorithm>
#include <cstdio>
#include <stdexcept>

#include "core/base/assert.h"
#include "core/store/batch.h"
#include "core/wire/configuration_codec.h"

namespace bivouac::test {

namespace {

[[maybe_unused]] const bool asserts_are_told = [] {
  set_assert_handler([](const char* expression, const char* file, int line) {
    std::fprintf(stderr, "%s:%d: broken rule: %s\n", file, line, expression);
  });
  return true;
}();

const wire::fb::OperatorMessage* message_in(const Bytes& frame) {
  if (frame.size() <= limits::frame_header_bytes) return nullptr;
  return wire::fb::GetOperatorMessage(frame.data() + limits::frame_header_bytes);
}

std::pair<std::string, std::string> ordered(std::string_view a, std::string_view b) {
  return a < b ? std::pair{std::string(a), std::string(b)}
               : std::pair{std::string(b), std::string(a)};
}

}  // namespace

McSystem::McSystem(McSystems& world, std::shared_ptr<const engine::Configuration> configuration)
    : world_(world), configuration_(std::move(configuration)) {}
McSystem::~McSystem() = default;

void McSystem::start() {
  table_ = std::make_unique<store::Table>();
  for (const Bytes& batch : durable) {
    const auto mutations = store::decode_batch(batch);
    if (!mutations) throw std::logic_error("a durable batch is damaged");
    for (const store::Mutation& mutation : *mutations) table_->apply(mutation);
  }
  gateway_ = std::make_unique<node::Gateway>(configuration_);
  group_commit_ = std::make_unique<driver::GroupCommit>(*gateway_, *table_, *this, *this, *this);
  batch_.reset();
  stopped = false;
  engine::Boot boot;
  boot.entropy[0] = 0x1000 + world_.next_connection_++;
  boot.entropy[1] = 0x2000 + world_.next_connection_++;
  event(boot);
}

void McSystem::crash(bool batch_survives) {
  if (batch_survives && batch_) durable.push_back(*batch_);
  batch_.reset();
  group_commit_.reset();
  gateway_.reset();
  deadline_ = MonoMs::never();
  world_.drop_all(*this);
}

void McSystem::reload(engine::Configuration configuration) {
  configuration_ = std::make_shared<const engine::Configuration>(std::move(configuration));
  event(engine::Reload{configuration_});
  world_.settle();
}

void McSystem::event(const engine::Event& event) {
  if (!is_up()) return;
  group_commit_->on_event(world_.now, event);
  if (is_up()) group_commit_->flush();
}

void McSystem::commit(Bytes batch) {
  if (world_.before_port_call) world_.before_port_call(*this, "commit");
  batch_ = std::move(batch);
}

void McSystem::finish_commit(driver::GroupCommit::Outcome outcome) {
  if (outcome == driver::GroupCommit::Outcome::committed) durable.push_back(*batch_);
  batch_.reset();
  if (is_up()) group_commit_->on_committed(outcome);
}

void McSystem::release(const engine::Outgoing& outgoing) {
  if (world_.before_port_call) world_.before_port_call(*this, "release");
  switch (outgoing.kind) {
    case engine::Outgoing::Kind::send:
      if (answers_.contains(outgoing.connection)) {
        answers_[outgoing.connection] = *outgoing.frame;
      } else {
        world_.send(*this, outgoing.connection, *outgoing.frame);
      }
      return;
    case engine::Outgoing::Kind::close:
      if (auto* wire = world_.find(outgoing.connection)) world_.close(*wire);
      return;
    case engine::Outgoing::Kind::dial: world_.dial(*this, outgoing.system_id); return;
  }
}

Bytes McSystem::ask(Bytes frame) {
  const ConnectionId connection{world_.next_connection_++};
  answers_[connection] = {};
  const ByteView body{frame.data() + limits::frame_header_bytes,
                      frame.size() - limits::frame_header_bytes};
  const Bytes aligned(body.begin(), body.end());
  event(engine::OperatorRequest{connection, aligned, nullptr});
  world_.settle();
  for (int i = 0; i < 30 && is_up() && answers_[connection].empty(); ++i)
    world_.pass(DurationMs{1000});
  Bytes answer = answers_[connection];
  answers_.erase(connection);
  event(engine::OperatorGone{connection});
  return answer;
}

wire::fb::OutcomeKind McSystem::outcome_of(Bytes frame) {
  const Bytes answer = ask(std::move(frame));
  const auto* message = message_in(answer);
  if (message == nullptr || message->body_as_OperationAnswer() == nullptr) {
    throw std::logic_error("no answer to an operator's request");
  }
  last_cause = static_cast<Cause>(message->body_as_OperationAnswer()->cause());
  return message->body_as_OperationAnswer()->outcome();
}

wire::fb::OutcomeKind McSystem::import(const GroupConfiguration& configuration) {
  return outcome_of(wire::build_group_import_request(configuration));
}
wire::fb::OutcomeKind McSystem::remove(std::string_view group_id) {
  return outcome_of(wire::build_group_remove_request(group_id));
}
wire::fb::OutcomeKind McSystem::push(std::string_view group_id, std::string_view to) {
  return outcome_of(wire::build_group_push_request(group_id, to));
}
wire::fb::OutcomeKind McSystem::fetch(std::string_view group_id, Services service) {
  return outcome_of(wire::build_group_fetch_request(group_id, service));
}

std::optional<GroupConfiguration> McSystem::effective(std::string_view group_id) {
  const Bytes answer = ask(wire::build_group_show_request(group_id));
  const auto* show = message_in(answer)->body_as_GroupShowAnswer();
  if (show == nullptr) return std::nullopt;
  return wire::unpack(*show->effective());
}

std::optional<GroupConfiguration> McSystem::original(std::string_view group_id) {
  const Bytes answer = ask(wire::build_group_show_request(group_id));
  const auto* show = message_in(answer)->body_as_GroupShowAnswer();
  if (show == nullptr) return std::nullopt;
  return wire::unpack(*show->original());
}

Services McSystem::services_notified(std::string_view group_id) {
  const Bytes answer = ask(wire::build_group_show_request(group_id));
  const auto* show = message_in(answer)->body_as_GroupShowAnswer();
  if (show == nullptr) return {};
  return {static_cast<std::uint8_t>(show->services_notified())};
}

std::uint64_t McSystem::refusals(Cause cause) {
  const Bytes answer = ask(wire::build_status_request());
  const auto* status = message_in(answer)->body_as_StatusAnswer();
  for (const auto* count : *status->refusals()) {
    if (count->name()->string_view() == name(cause)) return count->count();
  }
  return 0;
}

std::vector<std::string> McSystem::steps() const {
  std::vector<std::string> result;
  for (const Note& note : notes) {
    if (note.kind == NoteKind::step) result.emplace_back(note.clause_step);
  }
  return result;
}

McSystem& McSystems::add(engine::Configuration configuration) {
  auto shared = std::make_shared<const engine::Configuration>(std::move(configuration));
  systems_.push_back(std::make_unique<McSystem>(*this, std::move(shared)));
  return *systems_.back();
}

McSystem& McSystems::at(std::string_view id) {
  for (const auto& system : systems_) {
    if (system->id() == id) return *system;
  }
  throw std::logic_error("no such MC system: " + std::string(id));
}

bool McSystems::is_cut(std::string_view a, std::string_view b) const {
  const auto found = cuts_.find(ordered(a, b));
  return found != cuts_.end() && found->second;
}

void McSystems::cut(std::string_view a, std::string_view b) {
  cuts_[ordered(a, b)] = true;
  for (Wire& wire : wires_) {
    if (!wire.open || wire.ends[0].system == nullptr || wire.ends[1].system == nullptr) continue;
    if (ordered(wire.ends[0].system->id(), wire.ends[1].system->id()) == ordered(a, b)) close(wire);
  }
  settle();
}

void McSystems::heal(std::string_view a, std::string_view b) { cuts_[ordered(a, b)] = false; }

void McSystems::cut_after(std::string_view a, std::string_view b, std::size_t bytes) {
  for (Wire& wire : wires_) {
    for (int i = 0; i < 2; ++i) {
      const End& to = wire.ends[i];
      const End& from = wire.ends[1 - i];
      if (!wire.open || to.system == nullptr || from.system == nullptr) continue;
      if (from.system->id() == a && to.system->id() == b) wire.cut_after[i] = bytes;
    }
  }
}

void McSystems::dial(McSystem& from, const std::string& to) {
  McSystem* target = nullptr;
  for (const auto& system : systems_) {
    if (system->id() == to && system->is_up()) target = system.get();
  }
  if (target == nullptr || is_cut(from.id(), to)) {
    failed_dials_.emplace_back(&from, to);
    return;
  }
  Wire wire;
  wire.ends[0] = {&from, {next_connection_++}, {}};
  wire.ends[1] = {target, {next_connection_++}, {}};
  wires_.push_back(std::move(wire));
  const Wire& made = wires_.back();
  const ConnectionId a = made.ends[0].connection;
  const ConnectionId b = made.ends[1].connection;
  pending_up_.push_back({&from, a, target->id(), true});
  pending_up_.push_back({target, b, from.id(), false});
}

McSystems::Wire* McSystems::find(ConnectionId connection) {
  for (Wire& wire : wires_) {
    if (wire.open &&
        (wire.ends[0].connection == connection || wire.ends[1].connection == connection)) {
      return &wire;
    }
  }
  return nullptr;
}

void McSystems::send(McSystem& from, ConnectionId connection, const Bytes& bytes) {
  Wire* wire = find(connection);
  if (wire == nullptr) return;
  const int to = wire->ends[0].connection == connection ? 1 : 0;
  static_cast<void>(from);
  wire->ends[to].incoming.insert(wire->ends[to].incoming.end(), bytes.begin(), bytes.end());
}

void McSystems::close(Wire& wire) {
  wire.open = false;
  for (End& end : wire.ends) {
    end.incoming.clear();
    if (end.system != nullptr) pending_down_.push_back({end.system, end.connection});
  }
}

void McSystems::drop_all(McSystem& system) {
  for (Wire& wire : wires_) {
    if (wire.open && (wire.ends[0].system == &system || wire.ends[1].system == &system))
      close(wire);
  }
}

ConnectionId McSystems::connect_raw(McSystem& to, std::string identity) {
  Wire wire;
  wire.ends[0] = {nullptr, {next_connection_++}, {}};
  wire.ends[1] = {&to, {next_connection_++}, {}};
  const ConnectionId mine = wire.ends[0].connection;
  const ConnectionId theirs = wire.ends[1].connection;
  wires_.push_back(std::move(wire));
  to.event(engine::PeerUp{theirs, std::move(identity), false});
  settle();
  return mine;
}

void McSystems::send_raw(ConnectionId connection, ByteView bytes) {
  if (Wire* wire = find(connection)) {
    wire->ends[1].incoming.insert(wire->ends[1].incoming.end(), bytes.begin(), bytes.end());
  }
  settle();
}

Bytes McSystems::received_raw(ConnectionId connection) {
  return std::exchange(raw_received_[connection], {});
}

bool McSystems::is_open(ConnectionId connection) const {
  return std::ranges::any_of(wires_, [&](const Wire& wire) {
    return wire.open &&
           (wire.ends[0].connection == connection || wire.ends[1].connection == connection);
  });
}

bool McSystems::deliver_once() {
  bool moved = false;
  for (std::size_t w = 0; w < wires_.size(); ++w) {
    for (int i = 0; i < 2; ++i) {
      Wire& wire = wires_[w];
      End& end = wire.ends[i];
      if (!wire.open || end.incoming.empty()) continue;
      std::size_t count = std::min(end.incoming.size(), limits::connection_buffer_bytes);
      if (wire.cut_after[i]) count = std::min(count, *wire.cut_after[i]);
      const Bytes chunk(end.incoming.begin(),
                        end.incoming.begin() + static_cast<std::ptrdiff_t>(count));
      end.incoming.erase(end.incoming.begin(),
                         end.incoming.begin() + static_cast<std::ptrdiff_t>(count));
      bytes_delivered += count;
      moved = true;
      const bool ends_here = wire.cut_after[i] && (*wire.cut_after[i] -= count) == 0;
      if (end.system == nullptr) {
        Bytes& received = raw_received_[end.connection];
        received.insert(received.end(), chunk.begin(), chunk.end());
      } else if (!chunk.empty()) {
        end.system->event(engine::BytesIn{end.connection, chunk});
      }
      if (ends_here && wires_[w].open) close(wires_[w]);
    }
  }
  return moved;
}

void McSystems::settle() {
  for (int turn = 0; turn < 1'000'000; ++turn) {
    bool moved = deliver_once();
    for (const Up& up : std::exchange(pending_up_, {})) {
      moved = true;
      if (is_open(up.connection))
        up.system->event(engine::PeerUp{up.connection, up.identity, up.dialled});
    }
    for (const auto& [system, connection] : std::exchange(pending_down_, {})) {
      moved = true;
      system->event(engine::PeerDown{connection});
    }
    for (const auto& [system, to] : std::exchange(failed_dials_, {})) {
      moved = true;
      system->event(engine::DialFailed{to});
    }
    for (const auto& system : systems_) {
      if (!system->is_up()) continue;
      if (system->batch_ && !system->hold_commits) {
        moved = true;
        system->finish_commit(driver::GroupCommit::Outcome::committed);
      }
      if (system->is_up() && system->deadline_ <= now.mono) {
        moved = true;
        system->event(engine::Tick{});
      }
    }
    if (!moved) return;
  }
  throw std::logic_error("the MC systems do not come to rest");
}

void McSystems::pass(DurationMs duration) {
  const MonoMs end = now.mono + duration;
  settle();
  while (true) {
    MonoMs next = end;
    for (const auto& system : systems_) {
      if (system->is_up()) next = std::min(next, system->deadline_);
    }
    if (next < now.mono) next = now.mono;
    now.wall.ms += next.ms - now.mono.ms;
    now.mono = next;
    settle();
    if (now.mono >= end) return;
  }
}

engine::Configuration alpha_configuration() {
  engine::Configuration configuration;
  configuration.system_id = "sip:alpha.example";
  engine::Partner bravo;
  bravo.system_id = "sip:bravo.example";
  bravo.users = {"sip:*@bravo.example"};
  bravo.groups = {"sip:*@bravo.example"};
  bravo.rights = {{"sip:*@bravo.example"}, {"*"}, {"*"}};
  configuration.partners = {bravo};
  return configuration;
}

engine::Configuration bravo_configuration() {
  engine::Configuration configuration;
  configuration.system_id = "sip:bravo.example";
  engine::Partner alpha;
  alpha.system_id = "sip:alpha.example";
  alpha.addresses = {"127.0.0.1:1"};
  alpha.users = {"sip:*@alpha.example"};
  alpha.groups = {"sip:*@alpha.example"};
  alpha.rights = {{"sip:*@alpha.example"}, {"*"}, {"*"}};
  configuration.partners = {alpha};
  return configuration;
}

}  // namespace bivouac::test
