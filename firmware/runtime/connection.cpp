// SPDX-License-Identifier: Apache-2.0
#include "firmware/runtime/connection.h"

#include <cstring>

#include "core/base/assert.h"
#include "firmware/platform/clock_trust.h"
#include "firmware/platform/logger.h"
#include "firmware/platform/wipe.h"
#include "firmware/runtime/links.h"

namespace bivouac::firmware {

using engine::HandshakeFailure;

namespace {

constexpr DurationMs drain_time{1'500};
/// A peer that does not take our answers is not read from above this.
constexpr std::size_t queue_high_water_bytes = limits::queue_bytes_max / 2;

}  // namespace

Connection::Connection(Links& links, ConnectionId id, TlsRole role, std::string system_id)
    : links_(links),
      id_(id),
      role_(role),
      system_id_(std::move(system_id)),
      state_(role == TlsRole::dialling ? State::connecting : State::waiting),
      born_(monotonic_now()),
      silent_since_(born_),
      drain_until_(MonoMs::never()) {}

void Connection::send(engine::SharedBytes frame, engine::Priority priority, bool tell) {
  if (state_ != State::open) return;
  if (!queue_.push(std::move(frame), priority, tell)) {
    log::warning("queue_full",
                 {{"peer", peer_.identity}, {"bytes", std::to_string(queue_.bytes())}});
    links_.count_full_queue();
    return close_now("queue_full");
  }
  links_.mark(*this);
}

void Connection::pump() {
  if (state_ != State::open && state_ != State::draining) return;
  while (!writing_ && !queue_.empty()) {
    while (session_->can_write() && !queue_.empty()) {
      const std::span<std::uint8_t> record = links_.record_buffer();
      const std::span<std::uint8_t> filled = record.first(queue_.fill(record));
      const bool written = session_->write(filled);
      wipe(filled);
      if (!written) return close_now("write");
    }
    if (!flush_bytes()) return;
  }
  tell_what_left();
  if (paused_) links_.mark(*this);
  if (state_ == State::draining && queue_.empty() && !writing_) finish_draining();
}

/// To the core, which may then forward more.
void Connection::tell_what_left() {
  const OutputQueue::Told told = queue_.take_told();
  if (told.frames != 0) links_.emit(engine::Left{id_, told.frames, told.bytes});
}

/// Hands ciphertext to the kernel, the rest to the loop. False when the connection is gone.
bool Connection::flush_bytes() {
  ByteRing& out = session_->outgoing();
  while (!writing_ && !out.empty()) {
    const ByteView bytes = out.front();
    // libuv's buffers are not const, but what is written is only read.
    uv_buf_t buffer = uv_buf_init(const_cast<char*>(reinterpret_cast<const char*>(bytes.data())),
                                  static_cast<unsigned>(bytes.size()));
    const int count = uv_try_write(stream(), &buffer, 1);
    if (count == UV_EAGAIN) {
      in_flight_.assign(bytes.begin(), bytes.end());
      out.consume(bytes.size());
      buffer = uv_buf_init(reinterpret_cast<char*>(in_flight_.data()),
                           static_cast<unsigned>(in_flight_.size()));
      write_.data = this;
      writing_ = uv_write(&write_, stream(), &buffer, 1, &Connection::on_written) == 0;
      if (!writing_) close_now("write");
      return writing_;
    }
    if (count < 0) {
      close_now(uv_strerror(count));
      return false;
    }
    out.consume(static_cast<std::size_t>(count));
  }
  return true;
}

void Connection::on_written(uv_write_t* request, int status) {
  auto* self = static_cast<Connection*>(request->data);
  self->writing_ = false;
  self->in_flight_.clear();
  if (self->state_ == State::closing) return;
  if (status != 0) return self->close_now(uv_strerror(status));
  if (self->step_running_) return;  // flushed when the step is done
  if (!self->flush_bytes()) return;
  self->pump();
}

void Connection::on_alloc(uv_handle_t* handle, std::size_t, uv_buf_t* buffer) {
  auto* self = static_cast<Connection*>(handle->data);
  const std::span<std::uint8_t> shared = self->links_.read_buffer();
  const std::size_t room = self->session_->incoming().room();
  const std::size_t size = room < shared.size() ? room : shared.size();
  *buffer = uv_buf_init(reinterpret_cast<char*>(shared.data()), static_cast<unsigned>(size));
}

void Connection::on_read(uv_stream_t* stream, ssize_t count, const uv_buf_t* buffer) {
  auto* self = static_cast<Connection*>(stream->data);
  if (count == 0 || self->state_ == State::closing) return;
  if (count < 0) return self->on_stream_end(static_cast<int>(count));
  self->take(
      {reinterpret_cast<const std::uint8_t*>(buffer->base), static_cast<std::size_t>(count)});
}

void Connection::take(ByteView bytes) {
  if (state_ == State::draining) return;  // read only so that the end can be seen
  const std::size_t taken = session_->incoming().append(bytes);
  BIVOUAC_ASSERT(taken == bytes.size());
  if (state_ == State::open) return read_decrypted();
  take_in_handshake(bytes);
}

/// Gives the core what can be decrypted, a small block at a time, while it has room for it.
void Connection::read_decrypted() {
  std::array<std::uint8_t, limits::connection_buffer_bytes> block;
  while (state_ == State::open) {
    if (!may_read()) {
      paused_ = true;
      stop_reading();
      links_.mark(*this);
      return;
    }
    const TlsSession::Read read = session_->read(block);
    switch (read.outcome) {
      case TlsSession::Reading::bytes:
        links_.emit(engine::BytesIn{id_, ByteView(block).first(read.count)});
        wipe(std::span(block).first(read.count));
        break;
      case TlsSession::Reading::wants_input:
        if (!session_->outgoing().empty()) flush_bytes();
        if (state_ == State::open) start_reading();
        return;
      case TlsSession::Reading::closed: return close_now("closed by the peer");
      case TlsSession::Reading::failed:
        log::warning("link_broken", {{"peer", peer_.identity}, {"why", session_->error()}});
        return close_now("tls");
    }
  }
}

bool Connection::may_read() const {
  return links_.sink().may_accept() && queue_.bytes() < queue_high_water_bytes;
}

void Connection::resume() {
  if (!paused_ || state_ != State::open || !may_read()) return;
  paused_ = false;
  read_decrypted();
}

void Connection::on_stream_end(int code) {
  stop_reading();
  if (state_ == State::waiting || state_ == State::shaking) {
    return refuse(
        HandshakeFailure::peer_closed,
        code == UV_EOF ? "the peer closed the connection in mid-handshake" : uv_strerror(code));
  }
  // What came before the end is decrypted already, or waits behind back-pressure of ours: then the
  // requests in it are repeated by their sender after reconnection.
  close_now(code == UV_EOF ? "closed by the peer" : uv_strerror(code));
}

void Connection::close_gently() {
  if (state_ != State::open) {
    if (state_ != State::draining) close_now("closed");
    return;
  }
  state_ = State::draining;
  drain_until_ = monotonic_now() + drain_time;
  start_reading();
  links_.mark(*this);
  links_.keep_sweeping();
}

void Connection::finish_draining() {
  if (shut_down_) return;
  shut_down_ = true;
  session_->close_notify();
  if (!flush_bytes() || state_ == State::closing) return;
  // With the other side's end of stream the handle is closed; closing it now could reset the
  // connection and destroy what is still on its way.
  uv_shutdown(&shutdown_, stream(), [](uv_shutdown_t*, int) {});
}

void Connection::check_deadlines(MonoMs now) {
  const AdmissionLimits& limits = links_.limits();
  switch (state_) {
    case State::connecting:
      if (now >= born_ + limits.connect) close_now("timed out");
      break;
    case State::waiting:
      if (now >= born_ + limits.client_hello && !has_begun_ && silent_since_ != MonoMs::never()) {
        refuse(HandshakeFailure::timed_out, "no whole ClientHello in time");
      } else if (now >= born_ + limits.handshake) {
        refuse(HandshakeFailure::timed_out, "no slot for the handshake in time");
      }
      break;
    case State::shaking:
      if (now >= born_ + limits.handshake)
        refuse(HandshakeFailure::timed_out, "the handshake took too long");
      break;
    case State::draining:
      if (now >= drain_until_) close_now("drained");
      break;
    case State::open:
    case State::closing: break;
  }
}

MonoMs Connection::silent_since() const {
  return step_running_ || state_ == State::open ? MonoMs::never() : silent_since_;
}

void Connection::start_reading() {
  if (reading_) return;
  reading_ = uv_read_start(stream(), &Connection::on_alloc, &Connection::on_read) == 0;
  if (!reading_) close_now("read");
}

void Connection::stop_reading() {
  if (reading_) uv_read_stop(stream());
  reading_ = false;
}

void Connection::close_now(const char* reason) {
  if (state_ == State::closing) return;
  if (was_up_)
    log::info("link_closed", {{"peer", peer_.identity}, {"address", address_}, {"why", reason}});
  if (state_ == State::connecting) {
    log::info("dial_failed", {{"system", system_id_}, {"address", address_}, {"why", reason}});
  }
  close_handle();
}

void Connection::close_handle() {
  links_.on_left_handshake(*this);
  state_ = State::closing;
  reading_ = false;
  if (has_handle_) {
    uv_close(reinterpret_cast<uv_handle_t*>(&tcp_), &Connection::on_closed);
  }
}

void Connection::on_closed(uv_handle_t* handle) {
  auto* self = static_cast<Connection*>(handle->data);
  const std::shared_ptr<Connection> last = std::move(self->self_);
  self->links_.on_closed(*self);
}

}  // namespace bivouac::firmware
