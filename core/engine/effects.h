// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/base/assert.h"
#include "core/base/bytes.h"
#include "core/base/ids.h"
#include "core/base/limits.h"
#include "core/base/note.h"
#include "core/store/mutation.h"

namespace bivouac::engine {

/// A frame for many receivers is built once and shared.
using SharedBytes = std::shared_ptr<const Bytes>;

enum class Priority : std::uint8_t { control, bulk };  // control goes before bulk (decision 7)

/// One thing for the outside world to do.
struct Outgoing {
  enum class Kind : std::uint8_t { send, close, dial };
  Kind kind = Kind::send;
  ConnectionId connection;  // send, close
  SharedBytes frame;        // send
  Priority priority = Priority::control;
  Cause cause = Cause::none;  // close: why
  std::string system_id;      // dial: the partner
  std::uint32_t address = 0;  // dial: which of its addresses
  bool tell = false;          // send: engine::Left says when it has left
};

/// Everything a gateway can ask of the world in one step: values, in call order, bounded.
class Effects {
 public:
  void put(const store::Key& key, Bytes value) { mutate({key, std::move(value), false}); }
  void erase(const store::Key& key) { mutate({key, {}, true}); }

  /// Leaves only after every mutation of this step, and of the steps before it, is durable.
  void send(ConnectionId to, Bytes frame, Priority priority = Priority::control) {
    send(to, std::make_shared<const Bytes>(std::move(frame)), priority);
  }
  void send(ConnectionId to, SharedBytes frame, Priority priority) {
    out({Outgoing::Kind::send, to, std::move(frame), priority, Cause::none, {}, 0});
  }
  /// The same, and answered by Left: a proxy keeps count of what it has on the way.
  void forward(ConnectionId to, SharedBytes frame, Priority priority) {
    out({Outgoing::Kind::send, to, std::move(frame), priority, Cause::none, {}, 0, true});
  }
  /// Signs of life only: they depend on nothing and do not wait for a slow card (decision 7).
  void send_now(ConnectionId to, Bytes frame) {
    urgent_.push_back({Outgoing::Kind::send,
                       to,
                       std::make_shared<const Bytes>(std::move(frame)),
                       Priority::control,
                       Cause::none,
                       {},
                       0});
  }
  void close(ConnectionId connection, Cause cause) {
    out({Outgoing::Kind::close, connection, nullptr, Priority::control, cause, {}, 0});
  }
  /// Answered by PeerUp{dialled} or DialFailed.
  void dial(std::string system_id, std::uint32_t address) {
    out({Outgoing::Kind::dial,
         {},
         nullptr,
         Priority::control,
         Cause::none,
         std::move(system_id),
         address});
  }
  void note(Note note) {
    // What has to be found later is bounded by the mutation that it stands for.
    if (notes_.size() < limits::effects_max || is_audit(note.kind))
      notes_.push_back(std::move(note));
  }

  std::span<const store::Mutation> mutations() const { return mutations_; }
  std::span<const Outgoing> outgoing() const { return outgoing_; }
  std::span<const Outgoing> urgent() const { return urgent_; }
  std::span<const Note> notes() const { return notes_; }
  void clear() {
    mutations_.clear();
    outgoing_.clear();
    urgent_.clear();
    notes_.clear();
  }

 private:
  void mutate(store::Mutation mutation) {
    BIVOUAC_ASSERT(mutations_.size() < limits::effects_max);
    BIVOUAC_ASSERT(mutation.value.size() <= limits::record_bytes_max);
    mutations_.push_back(std::move(mutation));
  }
  void out(Outgoing outgoing) {
    BIVOUAC_ASSERT(outgoing_.size() < limits::effects_max);
    outgoing_.push_back(std::move(outgoing));
  }

  std::vector<store::Mutation> mutations_;
  std::vector<Outgoing> outgoing_;
  std::vector<Outgoing> urgent_;
  std::vector<Note> notes_;
};

}  // namespace bivouac::engine
