// SPDX-License-Identifier: Apache-2.0
#include "host-sim/scenario/ledger.h"

#include "core/base/limits.h"
#include "core/wire/schema/envelope_generated.h"

namespace bivouac::sim {
namespace {

using wire::fb::Body;

bool keeps_link_alive(Body body) {
  return body == Body::Hello || body == Body::Heartbeat || body == Body::PresenceRequest ||
         body == Body::PresenceResponse;
}

}  // namespace

std::uint64_t Ledger::count(const Key& key) const {
  const auto found = counts_.find(key);
  return found == counts_.end() ? 0 : found->second;
}

std::uint64_t Ledger::steps(const System& system, std::string_view step) const {
  return count({What::step, system.number(), 0, std::string(step)});
}
std::uint64_t Ledger::notes(const System& system, std::string_view kind) const {
  return count({What::note, system.number(), 0, std::string(kind)});
}
std::uint64_t Ledger::refusals(const System& system, std::string_view cause) const {
  return count({What::refusal, system.number(), 0, std::string(cause)});
}
std::uint64_t Ledger::stored(const System& system, std::string_view group_id) const {
  return count({What::stored, system.number(), 0, std::string(group_id)});
}
std::uint64_t Ledger::messages(const System& from, const System& to, std::string_view name) const {
  return count({What::message, from.number(), to.number(), std::string(name)});
}
std::uint64_t Ledger::bytes(const System& from, const System& to) const {
  return count({What::bytes, from.number(), to.number(), {}});
}

bool Ledger::is_link_up(const System& system, std::string_view other) const {
  return links_.contains({system.number(), std::string(other)});
}

void Ledger::on_down(const System& system, Down) {
  std::erase_if(links_, [&](const auto& link) { return link.first == system.number(); });
}

void Ledger::on_arrived(const Flight& flight) {
  const auto* body = flight.frame->data() + limits::frame_header_bytes;
  const Body type = wire::fb::GetEnvelope(body)->body_type();
  const std::uint32_t from = flight.from->number();
  const std::uint32_t to = flight.to->number();
  ++counts_[{What::message, from, to, wire::fb::EnumNameBody(type)}];
  if (!keeps_link_alive(type)) counts_[{What::bytes, from, to, {}}] += flight.frame->size();
}

void Ledger::on_note(const System& system, const Note& note) {
  const std::uint32_t number = system.number();
  ++counts_[{What::note, number, 0, std::string(name(note.kind))}];
  if (note.kind == NoteKind::step) {
    ++counts_[{What::step, number, 0, std::string(note.clause_step)}];
  } else if (note.kind == NoteKind::refused) {
    ++counts_[{What::refusal, number, 0, std::string(name(note.cause))}];
  } else if (note.kind == NoteKind::group_stored) {
    ++counts_[{What::stored, number, 0, note.subject}];
  } else if (note.kind == NoteKind::link_up) {
    links_.emplace(number, note.subject);
  } else if (note.kind == NoteKind::link_down) {
    links_.erase({number, note.subject});
  }
}

void Ledger::on_report(const System& client, const client::Report& report) {
  if (report.kind == client::Report::Kind::got) got_[{client.number(), report.group_id}] = report;
  const bool refused = report.kind == client::Report::Kind::refused && !report.group_id.empty();
  if (report.kind == client::Report::Kind::affiliation || refused)
    answers_[client.number()].push_back({report.group_id, report.status, report.cause, {}, {}});
  if (report.cause != Cause::none) told_.insert({client.number(), std::string(name(report.cause))});
}

const client::Report* Ledger::got(const System& client, const std::string& group_id) const {
  const auto found = got_.find({client.number(), group_id});
  return found == got_.end() ? nullptr : &found->second;
}

const std::vector<GroupAffiliation>& Ledger::answer(const System& client) const {
  static const std::vector<GroupAffiliation> none;
  const auto found = answers_.find(client.number());
  return found == answers_.end() ? none : found->second;
}

bool Ledger::was_told(const System& client, std::string_view cause) const {
  return told_.contains({client.number(), std::string(cause)});
}

}  // namespace bivouac::sim
