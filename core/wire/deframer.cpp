// SPDX-License-Identifier: Apache-2.0
#include "core/wire/deframer.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "core/base/assert.h"

namespace bivouac::wire {
namespace {

constexpr std::size_t body_alignment = 16;
constexpr std::size_t header_bytes = limits::frame_header_bytes;
/// The first header of a buffer lies here, so that the first body is aligned without a move.
constexpr std::size_t start_at = body_alignment - header_bytes;

/// Uninitialised on purpose: memory that a peer announced and never filled stays untouched, and so
/// costs no page.
class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  explicit AlignedBuffer(std::size_t size)
      : bytes_(static_cast<std::uint8_t*>(::operator new(size, std::align_val_t{body_alignment}))),
        size_(size) {}
  std::uint8_t* data() const { return bytes_.get(); }
  std::size_t size() const { return size_; }
  explicit operator bool() const { return bytes_ != nullptr; }

 private:
  struct Release {
    void operator()(std::uint8_t* bytes) const {
      ::operator delete(bytes, std::align_val_t{body_alignment});
    }
  };
  std::unique_ptr<std::uint8_t, Release> bytes_;
  std::size_t size_ = 0;
};

}  // namespace

/// Bytes lie in `own` from `begin` to `end`. A frame is delivered from there when it fits into the
/// connection's buffer, and from `large` otherwise; `own` then holds what came behind it.
struct Deframer::State {
  explicit State(LargeFrames& frames) : large_frames(frames) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { drop_large(); }

  enum class Waiting : std::uint8_t {
    for_bytes,
    for_large_body,
    frame_in_own,
    frame_in_large,
    error
  };

  LargeFrames& large_frames;
  AlignedBuffer own;
  AlignedBuffer large;
  std::size_t begin = start_at;
  std::size_t end = start_at;
  std::size_t large_filled = 0;
  FrameHeader header;
  std::size_t body_bytes_max = limits::frame_bytes_before_hello_max;
  Waiting waiting = Waiting::for_bytes;
  Cause cause = Cause::none;

  bool has_frame() const {
    return waiting == Waiting::frame_in_own || waiting == Waiting::frame_in_large ||
           waiting == Waiting::error;
  }
  std::size_t held() const { return end - begin; }

  void fail(Cause why) {
    waiting = Waiting::error;
    cause = why;
    drop_large();
    drop_own();
  }

  void drop_large() {
    if (!large) return;
    large = {};
    large_frames.give_back();
  }

  void drop_own() {
    own = {};
    begin = end = start_at;
  }

  /// Moves what is held into a buffer that has room for `more` bytes. A connection at rest holds
  /// one of connection_buffer_bytes; a second one only while the frames of an append are consumed.
  void make_room(std::size_t more) {
    const std::size_t size = held();
    const std::size_t capacity = size + more <= limits::connection_buffer_bytes
                                     ? limits::connection_buffer_bytes
                                     : 2 * limits::connection_buffer_bytes;
    BIVOUAC_ASSERT(size + more <= capacity);
    AlignedBuffer next(start_at + capacity);
    if (size != 0) std::memcpy(next.data() + start_at, own.data() + begin, size);
    own = std::move(next);
    begin = start_at;
    end = start_at + size;
  }

  void append(ByteView bytes) {
    if (waiting == Waiting::for_large_body) {
      const std::size_t taken =
          std::min<std::size_t>(bytes.size(), header.body_bytes - large_filled);
      if (taken != 0) std::memcpy(large.data() + large_filled, bytes.data(), taken);
      large_filled += taken;
      bytes = bytes.subspan(taken);
      if (large_filled == header.body_bytes) waiting = Waiting::frame_in_large;
    }
    if (bytes.empty()) return;
    if (!own || own.size() - end < bytes.size()) make_room(bytes.size());
    std::memcpy(own.data() + end, bytes.data(), bytes.size());
    end += bytes.size();
  }

  /// Looks whether the bytes in `own` begin with a whole frame, with a header, or with neither.
  void look() {
    if (held() < header_bytes) return rest();
    const auto read = read_header({own.data() + begin, header_bytes}, body_bytes_max);
    if (!read) return fail(read.error());
    header = *read;
    if (header_bytes + header.body_bytes > limits::connection_buffer_bytes) return borrow();
    if (held() < header_bytes + header.body_bytes) return rest();
    align_front();
    waiting = Waiting::frame_in_own;
  }

  /// Nothing whole is here: keep no more memory than a connection may hold at rest.
  void rest() {
    waiting = Waiting::for_bytes;
    if (held() == 0) {
      drop_own();
    } else if (own.size() > start_at + limits::connection_buffer_bytes) {
      make_room(0);
    }
  }

  /// Moves the frame down by at most 15 bytes, over bytes that are consumed already: each byte is
  /// moved once, however small the frames are. There is always room below, as the first body
  /// of a buffer is aligned and the next ones lie behind it.
  void align_front() {
    const std::size_t shift = (begin + header_bytes) % body_alignment;
    if (shift == 0) return;
    std::memmove(own.data() + begin - shift, own.data() + begin, header_bytes + header.body_bytes);
    begin -= shift;
    shifted = shift;
  }

  /// The frame is too long for the connection's own buffer.
  void borrow() {
    if (!large_frames.take()) return fail(Cause::overloaded);
    large = AlignedBuffer(header.body_bytes);
    begin += header_bytes;
    large_filled = std::min<std::size_t>(held(), header.body_bytes);
    if (large_filled != 0) std::memcpy(large.data(), own.data() + begin, large_filled);
    begin += large_filled;
    if (large_filled == header.body_bytes) {
      waiting = Waiting::frame_in_large;
    } else {
      drop_own();
      waiting = Waiting::for_large_body;
    }
  }

  void next() {
    if (waiting == Waiting::frame_in_large) {
      drop_large();
      large_filled = 0;
    } else {
      begin += header_bytes + header.body_bytes + shifted;
      shifted = 0;
    }
    waiting = Waiting::for_bytes;
    look();
  }

  std::size_t shifted = 0;  // how far the frame that waits was moved down
};

Deframer::Deframer(LargeFrames& large_frames) : state_(std::make_unique<State>(large_frames)) {}
Deframer::~Deframer() = default;
Deframer::Deframer(Deframer&&) noexcept = default;

void Deframer::append(ByteView bytes) {
  BIVOUAC_ASSERT(bytes.size() <= limits::connection_buffer_bytes);
  BIVOUAC_ASSERT(!has_frame());
  state_->append(bytes);
  if (state_->waiting == State::Waiting::for_bytes) state_->look();
}

bool Deframer::has_frame() const { return state_->has_frame(); }

Result<Frame> Deframer::frame() const {
  const State& state = *state_;
  BIVOUAC_ASSERT(state.has_frame());
  if (state.waiting == State::Waiting::error) return refuse(state.cause);
  const std::uint8_t* body = state.waiting == State::Waiting::frame_in_large
                                 ? state.large.data()
                                 : state.own.data() + state.begin + header_bytes;
  return Frame{state.header, {body, state.header.body_bytes}};
}

void Deframer::next() {
  BIVOUAC_ASSERT(has_frame());
  if (state_->waiting != State::Waiting::error) state_->next();
}

std::size_t Deframer::held_bytes() const { return state_->own.size() + state_->large.size(); }

void Deframer::allow_large() { state_->body_bytes_max = limits::frame_bytes_max; }

}  // namespace bivouac::wire
