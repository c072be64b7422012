// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>

#include "core/engine/telemetry.h"

namespace bivouac::firmware {

/// What the loop needs of the store beside driver::Transaction. The store works on its own thread
/// and calls `wake` from there; everything else here is called on the loop.
class StorePort {
 public:
  /// What happened since the last collect, in order.
  class Listener {
   public:
    virtual void on_committed(bool durable) = 0;
    virtual void on_space(bool low) = 0;
    /// Damage or a failed sync, met by a commit or by work in between: nothing is written any more.
    virtual void on_failed() = 0;
    /// Answers ping(): the store's thread turns.
    virtual void on_pong() = 0;

   protected:
    ~Listener() = default;
  };

  /// `wake` may be called on any thread; the loop answers it by collect().
  virtual void attach(std::function<void()> wake) = 0;
  virtual void collect(Listener& listener) = 0;
  /// A round trip to the store's thread without a write, for the watchdog.
  virtual void ping() = 0;
  virtual void fill(engine::Telemetry& telemetry) = 0;
  /// Folds what is in the journal and closes; blocks. Last call.
  virtual void checkpoint_and_close() = 0;

 protected:
  ~StorePort() = default;
};

}  // namespace bivouac::firmware
