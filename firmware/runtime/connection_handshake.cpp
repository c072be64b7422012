// SPDX-License-Identifier: Apache-2.0
// The part of a connection's life in which nobody is known yet.
#include <cstring>

#include "core/base/assert.h"
#include "firmware/platform/clock_trust.h"
#include "firmware/platform/logger.h"
#include "firmware/runtime/connection.h"
#include "firmware/runtime/links.h"

namespace bivouac::firmware {

using engine::HandshakeFailure;

namespace {

/// Ciphertext held for a stranger. The largest step of an honest handshake is a chain of
/// certificates.
constexpr std::size_t stranger_bytes_max = 20 * 1024;

}  // namespace

void Connection::open_session() {
  const int code = uv_tcp_init(links_.loop(), &tcp_);
  BIVOUAC_ASSERT(code == 0);  // it makes no socket yet
  tcp_.data = this;
  has_handle_ = true;
  self_ = shared_from_this();
  lane_ = links_.lanes().next();
  session_ =
      std::make_unique<TlsSession>(links_.credentials(), role_, lane_, links_.policy(system_id_));
}

bool Connection::accept(uv_stream_t* listener) {
  open_session();
  if (uv_accept(listener, stream()) != 0) {
    close_now("accept");
    return false;
  }
  SocketAddress peer;
  int size = sizeof peer.storage;
  uv_tcp_getpeername(&tcp_, reinterpret_cast<sockaddr*>(&peer.storage), &size);
  address_ = to_text(peer);
  if (!links_.admit(*this)) {
    close_handle();
    return false;
  }
  is_admitted_ = true;
  uv_tcp_nodelay(&tcp_, 1);
  start_reading();
  return state_ != State::closing;
}

void Connection::connect(const SocketAddress& address) {
  address_ = to_text(address);
  open_session();
  connect_.data = this;
  const int code =
      uv_tcp_connect(&connect_, &tcp_, address.get(), [](uv_connect_t* request, int status) {
        static_cast<Connection*>(request->data)->on_connected(status);
      });
  if (code != 0) close_now(uv_strerror(code));
}

void Connection::on_connected(int status) {
  if (state_ == State::closing) return;
  if (status != 0) return close_now(uv_strerror(status));
  uv_tcp_nodelay(&tcp_, 1);
  born_ = monotonic_now();  // the time for the handshake begins now
  has_begun_ = true;
  state_ = State::shaking;
  run_step();
}

void Connection::take_in_handshake(ByteView bytes) {
  if (session_->incoming().size() > stranger_bytes_max) {
    return refuse(HandshakeFailure::other, "more bytes than a handshake has");
  }
  if (!records_.feed(bytes)) return;
  if (state_ == State::waiting) {
    silent_since_ = MonoMs::never();
    stop_reading();
    return links_.ask_to_begin(*this);
  }
  run_step();
}

void Connection::begin() {
  BIVOUAC_ASSERT(state_ == State::waiting && !has_begun_);
  has_begun_ = true;
  state_ = State::shaking;
  run_step();
}

/// One step on the pool: as far as the bytes at hand allow. Nothing is read or written meanwhile.
void Connection::run_step() {
  stop_reading();
  step_running_ = true;
  links_.lanes().submit(
      lane_, [this] { progress_ = session_->handshake(); },
      [self = shared_from_this()] { self->on_step_done(); });
}

void Connection::on_step_done() {
  step_running_ = false;
  if (state_ == State::closing) return;
  silent_since_ = monotonic_now();
  if (!flush_bytes()) return;
  switch (progress_) {
    case TlsSession::Progress::wants_input: return start_reading();
    case TlsSession::Progress::failed:
      return refuse(*session_->report().failure, session_->report().detail);
    case TlsSession::Progress::finished: return on_authenticated();
  }
}

void Connection::on_authenticated() {
  peer_ = session_->report();
  links_.on_left_handshake(*this);
  state_ = State::open;
  was_up_ = true;
  log::info("link_secured", {{"peer", peer_.identity},
                             {"address", address_},
                             {"dialled", role_ == TlsRole::dialling ? "yes" : "no"},
                             {"tls", peer_.tls_version}});
  links_.on_authenticated(*this);
  links_.emit(engine::PeerUp{id_, peer_.identity, role_ == TlsRole::dialling});
  read_decrypted();
}

void Connection::refuse(HandshakeFailure failure, const std::string& detail) {
  if (state_ == State::closing) return;
  links_.on_refused(*this, failure, detail);
  close_handle();
}

}  // namespace bivouac::firmware
