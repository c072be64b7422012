// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <stdexcept>

#include "core/base/assert.h"
#include "core/store/batch.h"
#include "core/store/record.h"
#include "core/wire/configuration_codec.h"
#include "core/wire/user_profile_codec.h"
#include "tests/support/mc_systems.h"

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
        world_.send(*this, outgoing);
      }
      return;
    case engine::Outgoing::Kind::close:
      if (auto* wire = world_.find(outgoing.connection)) world_.close_gently(*wire);
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

wire::fb::OutcomeKind McSystem::import_keys(std::string_view group_id,
                                            std::vector<KeyEnvelope> envelopes) {
  std::ranges::sort(envelopes, stands_before);
  return outcome_of(wire::build_group_keys_import_request(group_id, envelopes));
}

wire::fb::OutcomeKind McSystem::remove_keys(std::string_view group_id, GmkId gmk) {
  return outcome_of(wire::build_group_keys_remove_request(group_id, gmk));
}

std::vector<KeyEnvelope> McSystem::keys(std::string_view group_id) const {
  std::vector<KeyEnvelope> found;
  for (const auto& [key, value] : view().scan(store::prefix(store::RecordKind::identity))) {
    if (store::get<store::fb::Identity>(value).text()->string_view() != group_id) continue;
    const IdentityNumber number{key.number_at(4)};
    const auto* keys = store::find<store::fb::GroupKeys>(view(), store::keys_key(number));
    if (keys == nullptr) continue;
    for (const auto* one : *keys->envelopes()) {
      found.push_back({one->recipient()->str(),
                       {one->gmk_id()},
                       one->expiry_wall_ms(),
                       Bytes(one->bytes()->begin(), one->bytes()->end())});
    }
  }
  return found;
}

bool McSystem::holds(ByteView bytes) const {
  const store::Prefix all;
  return std::ranges::any_of(view().scan(all), [&](const auto& record) {
    return !std::ranges::search(record.second, bytes).empty();
  });
}

wire::fb::OutcomeKind McSystem::import_user(const UserProfile& profile) {
  return outcome_of(wire::build_user_import_request(profile));
}
wire::fb::OutcomeKind McSystem::remove_user(std::string_view mc_service_id) {
  return outcome_of(wire::build_user_remove_request(mc_service_id));
}

std::optional<UserProfile> McSystem::user(std::string_view mc_service_id) {
  const Bytes answer = ask(wire::build_user_show_request(mc_service_id));
  const auto* show = message_in(answer)->body_as_UserShowAnswer();
  if (show == nullptr) return std::nullopt;
  return wire::unpack(*show->profile());
}

wire::fb::OutcomeKind McSystem::subscribe(std::string_view group_id, std::uint32_t lease_s) {
  return outcome_of(wire::build_group_subscribe_request(group_id, lease_s));
}
wire::fb::OutcomeKind McSystem::unsubscribe(std::string_view group_id) {
  return outcome_of(wire::build_group_unsubscribe_request(group_id));
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

}  // namespace bivouac::test
