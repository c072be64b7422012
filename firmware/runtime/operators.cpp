// SPDX-License-Identifier: Apache-2.0
#include "firmware/runtime/operators.h"

#include <algorithm>
#include <array>

#include <sys/stat.h>
#include <unistd.h>

#include "core/base/assert.h"
#include "core/wire/frame.h"
#include "firmware/platform/logger.h"
#include "firmware/platform/text.h"

namespace bivouac::firmware {

/// One command line that is connected.
class Operators::Session {
 public:
  Session(Operators& owner, ConnectionId id) : owner_(owner), id_(id) {
    uv_pipe_init(owner.loop_, &pipe_, 0);
    pipe_.data = this;
  }

  uv_stream_t* stream() { return reinterpret_cast<uv_stream_t*>(&pipe_); }

  void start() {
    uv_read_start(stream(), &Session::on_alloc, &Session::on_read);
    reading_ = true;
  }

  void send(const engine::SharedBytes& frame) {
    if (closing_ || frame == nullptr) return;
    if (queued_bytes_ + frame->size() > limits::queue_bytes_max ||
        queued_frames_ >= limits::queue_frames_max) {
      log::warning("operator_queue_full", {{"bytes", std::to_string(queued_bytes_)}});
      ++owner_.full_queues_;
      return close();
    }
    auto write = std::make_unique<Write>();
    write->owner = this;
    write->frame = frame;
    write->request.data = write.get();
    uv_buf_t buffer = uv_buf_init(const_cast<char*>(reinterpret_cast<const char*>(frame->data())),
                                  static_cast<unsigned>(frame->size()));
    queued_bytes_ += frame->size();
    ++queued_frames_;
    if (uv_write(&write->request, stream(), &buffer, 1, &Session::on_written) != 0) return close();
    static_cast<void>(write.release());  // now the callback's
  }

  /// After the answers that are queued have left.
  void close_gently() {
    ending_ = true;
    if (queued_frames_ == 0) close();
  }

  void close() {
    if (closing_) return;
    closing_ = true;
    uv_close(reinterpret_cast<uv_handle_t*>(&pipe_), [](uv_handle_t* handle) {
      auto* self = static_cast<Session*>(handle->data);
      self->owner_.on_closed(self->id_);
    });
  }

  void go_on() {
    if (closing_ || !whole_ || !owner_.sink_.may_accept()) return;
    deliver();
    if (!closing_ && !reading_) start();
  }

 private:
  struct Write {
    uv_write_t request{};
    Session* owner = nullptr;
    engine::SharedBytes frame;
  };

  static void on_alloc(uv_handle_t* handle, std::size_t, uv_buf_t* buffer) {
    auto* self = static_cast<Session*>(handle->data);
    // Never more than what is still missing, so that nothing of a next request has to be kept.
    if (self->header_bytes_ < self->header_.size()) {
      *buffer = uv_buf_init(reinterpret_cast<char*>(self->header_.data() + self->header_bytes_),
                            static_cast<unsigned>(self->header_.size() - self->header_bytes_));
    } else {
      *buffer = uv_buf_init(reinterpret_cast<char*>(self->body_.data() + self->body_bytes_),
                            static_cast<unsigned>(self->body_.size() - self->body_bytes_));
    }
  }

  static void on_read(uv_stream_t* stream, ssize_t count, const uv_buf_t*) {
    auto* self = static_cast<Session*>(stream->data);
    if (count < 0) return self->close();
    if (count > 0) self->take(static_cast<std::size_t>(count));
  }

  void take(std::size_t count) {
    if (header_bytes_ < header_.size()) {
      header_bytes_ += count;
      if (header_bytes_ < header_.size()) return;
      const auto header = wire::read_header(header_, limits::frame_bytes_max);
      if (!header || header->body_bytes == 0) {
        log::warning("operator_frame",
                     {{"cause", std::string(bivouac::name(header ? Cause::envelope_malformed
                                                                 : header.error()))}});
        return close();
      }
      body_.resize(header->body_bytes);
      body_bytes_ = 0;
      return;
    }
    body_bytes_ += count;
    if (body_bytes_ < body_.size()) return;
    whole_ = true;
    if (owner_.sink_.may_accept()) return deliver();
    uv_read_stop(stream());
    reading_ = false;
  }

  void deliver() {
    whole_ = false;
    header_bytes_ = 0;
    const Bytes request = std::move(body_);
    body_.clear();
    const engine::Telemetry telemetry = owner_.telemeter_();
    owner_.emitted_ = true;
    owner_.sink_.on_event(engine::OperatorRequest{id_, request, &telemetry});
  }

  static void on_written(uv_write_t* request, int status) {
    const std::unique_ptr<Write> finished(static_cast<Write*>(request->data));
    Session* self = finished->owner;
    self->queued_bytes_ -= finished->frame->size();
    --self->queued_frames_;
    if (status != 0 || (self->ending_ && self->queued_frames_ == 0)) self->close();
  }

  Operators& owner_;
  ConnectionId id_;
  uv_pipe_t pipe_{};
  std::array<std::uint8_t, limits::frame_header_bytes> header_{};
  std::size_t header_bytes_ = 0;
  Bytes body_;  // its memory is aligned for any object, as the verifier wants it
  std::size_t body_bytes_ = 0;
  std::size_t queued_bytes_ = 0;
  std::size_t queued_frames_ = 0;
  bool whole_ = false;
  bool reading_ = false;
  bool ending_ = false;
  bool closing_ = false;
};

Operators::Operators(uv_loop_t* loop, EventSink& sink, ConnectionIds& ids, Telemeter telemeter)
    : loop_(loop), sink_(sink), ids_(ids), telemeter_(std::move(telemeter)) {}

Operators::~Operators() { BIVOUAC_ASSERT(listener_ == nullptr && sessions_.empty()); }

std::expected<void, std::string> Operators::listen(const std::string& path) {
  struct stat status{};
  // What a daemon that was killed left behind. Two daemons cannot meet here: the store is locked.
  if (::lstat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode)) ::unlink(path.c_str());
  listener_ = new uv_pipe_t;
  uv_pipe_init(loop_, listener_, 0);
  listener_->data = this;
  const mode_t before = ::umask(0177);  // private from its first moment on
  int code = uv_pipe_bind(listener_, path.c_str());
  ::umask(before);
  if (code == 0 && ::chmod(path.c_str(), 0600) != 0) code = uv_translate_sys_error(errno);
  if (code == 0) {
    path_ = path;
    code = uv_listen(reinterpret_cast<uv_stream_t*>(listener_), 8,
                     [](uv_stream_t* stream, int failed) {
                       if (failed == 0) static_cast<Operators*>(stream->data)->on_incoming();
                     });
  }
  if (code != 0)
    return std::unexpected(filled("operator's socket {}: {}", path, uv_strerror(code)));
  return {};
}

void Operators::on_incoming() {
  const ConnectionId id = ids_.draw();
  auto& session = *sessions_.emplace(id, std::make_unique<Session>(*this, id)).first->second;
  if (uv_accept(reinterpret_cast<uv_stream_t*>(listener_), session.stream()) != 0 ||
      sessions_.size() > limits::operator_connections_max) {
    return session.close();
  }
  session.start();
}

bool Operators::release(const engine::Outgoing& outgoing) {
  const auto found = sessions_.find(outgoing.connection);
  if (found == sessions_.end()) return false;
  if (outgoing.kind == engine::Outgoing::Kind::send) {
    found->second->send(outgoing.frame);
  } else {
    found->second->close_gently();
  }
  return true;
}

bool Operators::turn() {
  emitted_ = false;
  for (const auto& [id, session] : sessions_) session->go_on();
  return emitted_;
}

void Operators::on_closed(ConnectionId id) {
  sessions_.erase(id);
  emitted_ = true;
  sink_.on_event(engine::OperatorGone{id});
}

void Operators::close() {
  for (const auto& [id, session] : sessions_) session->close();
  if (listener_ == nullptr) return;
  uv_close(reinterpret_cast<uv_handle_t*>(listener_),
           [](uv_handle_t* handle) { delete reinterpret_cast<uv_pipe_t*>(handle); });
  listener_ = nullptr;
  if (!path_.empty()) ::unlink(path_.c_str());
}

}  // namespace bivouac::firmware
