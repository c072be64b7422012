// SPDX-License-Identifier: Apache-2.0
#include "core/driver/group_commit.h"

#include "core/base/assert.h"
#include "core/base/limits.h"
#include "core/base/planted.h"
#include "core/engine/stored_rules.h"

namespace bivouac::driver {

GroupCommit::GroupCommit(node::Gateway& gateway, store::Table& table, Transaction& transaction,
                         Outbox& outbox, Alarm& alarm)
    : gateway_(gateway), table_(table), transaction_(transaction), outbox_(outbox), alarm_(alarm) {}

void GroupCommit::on_event(Now now, const engine::Event& event) {
  if (failed_) return;
  if (const auto* boot = std::get_if<engine::Boot>(&event)) {
    engine::Boot judged = *boot;
    judged.refused = engine::judge_stored(table_);
    run_step(now, judged);
  } else if (std::holds_alternative<engine::Tick>(event)) {
    // Work that would stage yet more waits until the disk has caught up; heartbeats do not.
    run_step(now, engine::Tick{!may_accept()});
  } else {
    run_step(now, event);
  }
  // Bounded: a connection holds one buffer of bytes, and talks between our own servers end.
  while (gateway_.has_more()) {
    const bool full = staged_.bytes().size() >= limits::batch_bytes_max;
    if (full && !gateway_.in_local_chain()) flush();
    run_step(now, engine::Continue{});
  }
}

void GroupCommit::run_step(Now now, const engine::Event& event) {
  effects_.clear();
  gateway_.step(now, event, store::View(table_), effects_);
  for (const store::Mutation& mutation : effects_.mutations()) {
    table_.apply(mutation);  // the next step reads it
    staged_.add(mutation);
  }
  for (const engine::Outgoing& outgoing : effects_.urgent()) outbox_.release(outgoing);
  for (const engine::Outgoing& outgoing : effects_.outgoing()) {
    if (outgoing.frame) waiting_bytes_ += outgoing.frame->size();
    staged_out_.push_back(outgoing);
  }
  for (const Note& note : effects_.notes()) outbox_.note(note);
}

void GroupCommit::flush() {
  if (failed_) return;
  if (is_planted(Planted::message_before_commit)) release(staged_out_);
  if (!in_flight_) {
    if (!staged_.empty()) {
      in_flight_ = true;
      in_flight_out_.swap(staged_out_);
      transaction_.commit(staged_.take());
    } else {
      release(staged_out_);  // changed nothing and depends on nothing that is not durable
    }
  } else if (staged_.empty() && !staged_out_.empty()) {
    // They may tell what the batch in flight changed, and nothing newer: they go with it.
    for (engine::Outgoing& outgoing : staged_out_) in_flight_out_.push_back(std::move(outgoing));
    staged_out_.clear();
  }
  alarm_.arm(may_accept() ? gateway_.next_deadline() : gateway_.next_deadline_but_work());
}

void GroupCommit::on_committed(Outcome outcome) {
  BIVOUAC_ASSERT(in_flight_);
  in_flight_ = false;
  if (outcome == Outcome::failed) {
    failed_ = true;  // what the store holds now is unknown: nothing staged ever leaves
    alarm_.stop();
    return;
  }
  release(in_flight_out_);  // no message leaves above this line
  flush();
}

void GroupCommit::release(std::vector<engine::Outgoing>& outgoing) {
  for (const engine::Outgoing& out : outgoing) {
    if (out.frame) waiting_bytes_ -= out.frame->size();
    outbox_.release(out);
  }
  outgoing.clear();
}

bool GroupCommit::may_accept() const {
  return waiting_bytes_ < limits::staged_send_bytes_max &&
         staged_.bytes().size() < 4 * limits::batch_bytes_max;
}

}  // namespace bivouac::driver
