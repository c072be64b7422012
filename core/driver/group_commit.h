// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/driver/ports.h"
#include "core/engine/event.h"
#include "core/node/gateway.h"
#include "core/store/batch.h"
#include "core/store/table.h"

namespace bivouac::driver {

/// Feeds events to a gateway and orders commit before send. The simulator runs this very code.
///
/// While one batch is being made durable, the next is staged. What a step asked to leave is
/// released with the batch that it was staged in, or, if that batch has no mutation, with the one
/// in flight.
class GroupCommit {
 public:
  enum class Outcome { committed, failed };

  GroupCommit(node::Gateway& gateway, store::Table& table, Transaction& transaction, Outbox& outbox,
              Alarm& alarm);

  /// One event and everything that follows from it inside the gateway.
  void on_event(Now now, const engine::Event& event);
  /// Before the loop sleeps (uv_prepare): hands over what was staged, arms the alarm.
  void flush();
  /// The batch handed to Transaction::commit is durable, or will never be.
  void on_committed(Outcome outcome);

  /// False while so much waits for the disk that no more input should be read (back-pressure). The
  /// gateway's own long work waits then as well.
  bool may_accept() const;
  /// Nothing staged, nothing in flight: a graceful stop may end.
  bool is_idle() const { return !in_flight_ && staged_.empty() && staged_out_.empty(); }

 private:
  void run_step(Now now, const engine::Event& event);
  void release(std::vector<engine::Outgoing>& outgoing);

  node::Gateway& gateway_;
  store::Table& table_;
  Transaction& transaction_;
  Outbox& outbox_;
  Alarm& alarm_;
  engine::Effects effects_;
  store::Batch staged_;
  std::vector<engine::Outgoing> staged_out_;
  std::vector<engine::Outgoing> in_flight_out_;
  std::size_t waiting_bytes_ = 0;
  bool in_flight_ = false;
  bool failed_ = false;
};

}  // namespace bivouac::driver
