// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/event.h"

namespace bivouac::firmware {

/// Where connections put what happens to them: group commit in the daemon, a recorder in tests.
class EventSink {
 public:
  virtual void on_event(const engine::Event& event) = 0;
  /// False while so much waits for the disk that no more input should be read.
  virtual bool may_accept() const = 0;

 protected:
  ~EventSink() = default;
};

}  // namespace bivouac::firmware
