// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/note.h"
#include "core/base/time.h"
#include "core/engine/effects.h"
#include "core/store/mutation.h"

namespace bivouac::sim {

class System;
}  // namespace bivouac::sim

namespace bivouac::client {
struct Report;
}  // namespace bivouac::client

namespace bivouac::sim {

/// An operator's request to one system.
using RequestId = ConnectionId;

/// How a system goes down. A killed process leaves its kernel to end its connections; after a power
/// cut nobody tells the peers.
enum class Down : std::uint8_t { stopped, killed, power_cut };

/// One frame between two systems.
struct Flight {
  std::uint64_t number = 0;  // in the order of sending, from 1
  const System* from = nullptr;
  const System* to = nullptr;
  engine::SharedBytes frame;  // with its header
  MonoMs sent;
};

/// What is done to a world from outside.
enum class FaultKind : std::uint8_t {
  cut,                  // a, b: their connections end, none comes up
  healed,               // a, b
  blocked,              // a -> b: nothing arrives until unblocked
  unblocked,            // a -> b
  cut_in_frame,         // a -> b: a connection ended within a frame
  store_lost,           // a
  store_damaged,        // a
  sealing_key_lost,     // a
  disk_slow,            // a
  disk_fast,            // a
  commit_failed,        // a
  space_low,            // a
  space_back,           // a
  clock_jumped,         // a
  clock_lost,           // a: the next start has no clock
  clock_set,            // a
  reloaded,             // a
  certificate_expired,  // a
  certificate_renewed,  // a
};

std::string_view name(FaultKind kind);

/// Whoever wants to know what happens in a world: transcript, ladder diagram, checkers. Called in
/// the order of events; must not change the world.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void on_started(const System&) {}
  virtual void on_down(const System&, Down) {}
  /// This batch is durable; its messages leave next.
  virtual void on_durable(const System&, std::span<const store::Mutation> /*batch*/) {}
  virtual void on_request(const System&, RequestId, ByteView /*frame*/) {}
  virtual void on_answer(const System&, RequestId, ByteView /*frame*/) {}
  virtual void on_connected(const System& /*dialler*/, const System& /*accepter*/) {}
  virtual void on_disconnected(const System&, const System&) {}
  virtual void on_sent(const Flight&) {}
  /// The last byte of the frame is about to be read.
  virtual void on_arrived(const Flight&) {}
  /// The connection ended before that.
  virtual void on_lost(const Flight&) {}
  virtual void on_note(const System&, const Note&) {}
  /// What a client tells its user.
  virtual void on_report(const System& /*client*/, const client::Report&) {}
  /// `b` is null for faults of one system.
  virtual void on_fault(FaultKind, const System& /*a*/, const System* /*b*/) {}
};

}  // namespace bivouac::sim
