// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "core/base/bytes.h"

namespace bivouac::bench {

/// What is spoken over one connection, at the load's end.
class Peer {
 public:
  virtual ~Peer() = default;
  /// Adds one request.
  virtual void ask(Bytes& out) = 0;
  /// How many answers (or notifications, where these are waited for) came with these bytes; adds
  /// to `out` what they want to be answered.
  virtual std::size_t take(ByteView plain, Bytes& out) = 0;
  /// Adds what keeps a session alive that is not used for a while.
  virtual void keep_alive(Bytes& /*out*/) {}
};

/// Who is told of the changes of a group.
class Subscriber : public Peer {
 public:
  virtual Bytes subscribe_to(const std::string& group) = 0;
  /// Bytes of the last answer, or notification where these are counted, with the frame header.
  virtual std::size_t answer_bytes() const = 0;
  /// Of the last notification.
  virtual const Bytes& acknowledgement() const = 0;
};

/// Of a bare server: sizes are all that it knows.
class BarePeer : public Peer {
 public:
  /// `acknowledges`: what comes is a notification, and answered.
  BarePeer(ByteView request, std::size_t answer_bytes, bool acknowledges)
      : request_(request.begin(), request.end()),
        answer_bytes_(answer_bytes),
        acknowledges_(acknowledges) {}

  void ask(Bytes& out) override { out.insert(out.end(), request_.begin(), request_.end()); }
  std::size_t take(ByteView plain, Bytes& out) override {
    held_ += plain.size();
    const std::size_t count = held_ / answer_bytes_;
    held_ %= answer_bytes_;
    for (std::size_t i = 0; acknowledges_ && i < count; ++i) ask(out);
    return count;
  }

 private:
  Bytes request_;
  std::size_t answer_bytes_;
  bool acknowledges_;
  std::size_t held_ = 0;  // of an answer that is not whole yet
};

}  // namespace bivouac::bench
