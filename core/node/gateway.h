// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "core/base/time.h"
#include "core/engine/effects.h"
#include "core/engine/event.h"
#include "core/store/table.h"

namespace bivouac::node {

/// One MC system: links, routing, group management server and MC service servers. Does no I/O,
/// reads no clock: the same inputs in the same order give the same effects, on every machine.
class Gateway {
 public:
  explicit Gateway(std::shared_ptr<const engine::Configuration> configuration);
  ~Gateway();

  /// At most one received message a step.
  void step(Now now, const engine::Event& event, const store::View& view, engine::Effects& effects);
  /// A whole frame, or a message between our own servers, waits: feed Continue before anything
  /// else.
  bool has_more() const;
  /// Our own servers are in the middle of a talk: the commit must not be split here.
  bool in_local_chain() const;
  MonoMs next_deadline() const;
  /// The next one that does not wait for the disk: heartbeats go on while work does not.
  MonoMs next_deadline_but_work() const;
  /// Wall time below which no certificate is judged; 0 until Boot (decision 9).
  WallMs clock_floor() const;
  bool clock_trusted() const;
  /// MC systems that are logged on over a link now.
  std::size_t links_up() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace bivouac::node
