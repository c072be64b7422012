// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "core/base/bytes.h"
#include "core/base/note.h"
#include "core/base/time.h"
#include "core/engine/effects.h"

// The outside world as group commit sees it. The firmware implements these with SQLite, mbedTLS and
// libuv; the simulator with a disk and a network that fail.

namespace bivouac::driver {

/// The durable copy of the record table.
class Transaction {
 public:
  /// Makes one batch (core/store/batch.h) durable, all or nothing. Only one is under way at a time.
  /// The outcome comes back later through GroupCommit::on_committed, never from within this call.
  virtual void commit(Bytes batch) = 0;

 protected:
  ~Transaction() = default;
};

/// What leaves. Called only for what may leave now.
class Outbox {
 public:
  /// A send to a connection that is gone is forgotten; the core hears of it by PeerDown.
  virtual void release(const engine::Outgoing& outgoing) = 0;
  virtual void note(const Note& note) = 0;

 protected:
  ~Outbox() = default;
};

class Alarm {
 public:
  /// Tick is due at `deadline`; replaces the one before. MonoMs::never() disarms.
  virtual void arm(MonoMs deadline) = 0;
  /// The store failed: end the process now. Nothing more may leave.
  virtual void stop() = 0;

 protected:
  ~Alarm() = default;
};

}  // namespace bivouac::driver
