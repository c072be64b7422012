// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/cause.h"
#include "core/base/ids.h"
#include "core/base/time.h"
#include "core/engine/configuration.h"
#include "core/engine/telemetry.h"

// Everything that can happen to a gateway. Local events are no part of the wire vocabulary.

namespace bivouac::engine {

/// A stored record whose contents our rules refuse, as when an older program stored it.
struct RefusedRecord {
  std::string id;  // of the user or the group
  Cause cause = Cause::none;
};

/// First event of a run; volatile state is rebuilt from the store.
struct Boot {
  std::uint64_t entropy[2] = {0, 0};
  bool store_salvaged = false;              // records may be missing: a new incarnation is drawn
  std::int64_t build_wall_ms = 0;           // lower bound of the clock floor
  std::vector<RefusedRecord> refused = {};  // by judge_stored
};

/// A connection of a peer whose certificate was accepted; `identity` is its canonical URI.
struct PeerUp {
  ConnectionId connection;
  std::string identity;
  bool dialled = false;  // by us, as asked by Effects::dial
};

/// At most limits::connection_buffer_bytes, and only while !Gateway::has_more().
struct BytesIn {
  ConnectionId connection;
  ByteView bytes;
};

struct PeerDown {
  ConnectionId connection;
};

/// Frames of Effects::forward, so many bytes of them, do not wait to leave any more.
struct Left {
  ConnectionId connection;
  std::size_t frames = 0;
  std::size_t bytes = 0;
};

/// A dial asked by Effects::dial came to nothing.
struct DialFailed {
  std::string system_id;
};

/// An operator's request, one operator.fbs frame without its header.
struct OperatorRequest {
  ConnectionId connection;
  ByteView request;
  const Telemetry* telemetry = nullptr;
};

struct OperatorGone {
  ConnectionId connection;
};

/// now has reached next_deadline().
struct Tick {
  bool work_waits = false;  // so much waits for the disk that no new work is to be begun
};
/// A whole frame or a message between our own servers waits: has_more().
struct Continue {};
/// Certificates, partners and policies were read anew; the old configuration is gone.
struct Reload {
  std::shared_ptr<const Configuration> configuration;
};
/// Free space fell below the reserve, or rose above it again.
struct Space {
  bool low = false;
};
/// Whether the wall clock can be believed (decision 9).
struct Clock {
  bool trusted = false;
};
/// Graceful stop: nothing new is begun.
struct Stop {};

using Event = std::variant<Boot, PeerUp, BytesIn, PeerDown, DialFailed, OperatorRequest,
                           OperatorGone, Tick, Continue, Reload, Space, Clock, Stop, Left>;

}  // namespace bivouac::engine
