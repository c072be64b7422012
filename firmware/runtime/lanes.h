// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <deque>
#include <functional>

#include <uv.h>

#include "firmware/crypto/credentials.h"

namespace bivouac::firmware {

/// Long work off the loop, on libuv's pool: public-key steps of handshakes. A lane runs one piece
/// of work at a time, in order, whichever thread that is; so what belongs to a lane needs no lock.
class Lanes {
 public:
  using Work = std::function<void()>;

  Lanes(uv_loop_t* loop, std::size_t count)
      : loop_(loop), count_(count < lanes_max ? count : lanes_max) {}

  /// Lanes in turn; work that belongs together stays in one.
  std::size_t next() { return next_++ % count_; }
  /// `work` runs on a pool thread; then `done` on the loop.
  void submit(std::size_t lane, Work work, Work done);
  /// Pieces under way or waiting; 0 before the loop may end.
  std::size_t pending() const { return pending_; }

 private:
  struct Item {
    Work work;
    Work done;
  };
  struct Request;
  struct Lane {
    std::deque<Item> waiting;
    bool busy = false;
  };

  void start(std::size_t lane);

  uv_loop_t* loop_;
  std::size_t count_;
  std::array<Lane, lanes_max> lanes_;
  std::size_t pending_ = 0;
  std::size_t next_ = 0;
};

}  // namespace bivouac::firmware
