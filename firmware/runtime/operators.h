// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include <uv.h>

#include "core/engine/effects.h"
#include "firmware/runtime/event_sink.h"
#include "firmware/runtime/links.h"

namespace bivouac::firmware {

/// The local socket of the operator's commands: a Unix domain socket that only our own user can
/// open. Requests and answers are frames (core/wire/frame.h) of operator.fbs; they take the same
/// door as every other event.
class Operators {
 public:
  using Telemeter = std::function<engine::Telemetry()>;

  Operators(uv_loop_t* loop, EventSink& sink, ConnectionIds& ids, Telemeter telemeter);
  ~Operators();

  std::expected<void, std::string> listen(const std::string& path);
  /// As driver::Outbox::release. False: no such connection here.
  bool release(const engine::Outgoing& outgoing);
  /// Goes on with requests that waited for the disk. True when events were put into the sink.
  bool turn();
  void close();
  bool empty() const { return sessions_.empty(); }
  /// Sessions that were closed since they did not take their answers.
  std::uint64_t full_queues() const { return full_queues_; }

 private:
  class Session;
  void on_incoming();
  void on_closed(ConnectionId id);

  uv_loop_t* loop_;
  EventSink& sink_;
  ConnectionIds& ids_;
  Telemeter telemeter_;
  std::string path_;
  uv_pipe_t* listener_ = nullptr;  // freed by its close callback
  std::map<ConnectionId, std::unique_ptr<Session>> sessions_;
  std::uint64_t full_queues_ = 0;
  bool emitted_ = false;
};

}  // namespace bivouac::firmware
