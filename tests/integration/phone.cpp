// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/phone.h"

#include <algorithm>

#include "firmware/runtime/resolve_now.h"

namespace bivouac::integration {

using firmware::TlsSession;
using firmware::cli::Received;

namespace {

constexpr ConnectionId connection{1};
constexpr DurationMs patience{5'000};

}  // namespace

Phone::Phone(std::shared_ptr<const firmware::Credentials> credentials, std::string client_id,
             std::string port, std::uint64_t entropy)
    : credentials_(std::move(credentials)),
      port_(std::move(port)),
      client_({credentials_->identity(), std::move(client_id), {}, {}, true}, entropy) {
  client_.log_on(now(), effects_);
  step(engine::Boot{});
}

Now Phone::now() { return {firmware::monotonic_now(), firmware::wall_now()}; }

void Phone::act(const std::function<void(client::McServiceClient&, Now, engine::Effects&)>& what) {
  what(client_, now(), effects_);
  apply();
}

void Phone::step(const engine::Event& event) {
  client_.step(now(), event, effects_);
  apply();
}

void Phone::turn(bool readable) {
  if (readable && session_) read();
  if (std::exchange(is_lost_, false)) {
    session_.reset();
    socket_.reset();
    step(engine::PeerDown{connection});
  }
  if (client_.next_deadline() <= now().mono) step(engine::Tick{});
  if (!std::exchange(dials_, false)) return;
  if (connect()) {
    step(engine::PeerUp{connection, session_->report().identity, true});
  } else {
    session_.reset();
    socket_.reset();
    step(engine::DialFailed{port_});
  }
}

bool Phone::connect() {
  const auto found =
      firmware::resolve_now("127.0.0.1", static_cast<std::uint16_t>(std::stoi(port_)));
  if (!found || found->empty()) return false;
  socket_.emplace(found->front().storage.ss_family);
  if (!firmware::cli::connect_to(*socket_, found->front()).empty()) return false;
  firmware::PeerPolicy policy;
  policy.judged_at = firmware::wall_now();
  session_.emplace(credentials_, firmware::TlsRole::dialling, 0, std::move(policy));
  const MonoMs deadline = firmware::monotonic_now() + patience;
  while (true) {
    const TlsSession::Progress progress = session_->handshake();
    const bool sent = send_all(*socket_, *session_, deadline);
    if (progress == TlsSession::Progress::finished) return sent;
    if (progress == TlsSession::Progress::failed || !sent) return false;
    if (receive_some(*socket_, *session_, deadline) != Received::bytes) return false;
  }
}

void Phone::read() {
  const Received received =
      receive_some(*socket_, *session_, firmware::monotonic_now() + DurationMs{1});
  if (received == Received::nothing) return;
  if (received == Received::closed) return lose();
  std::uint8_t plain[limits::connection_buffer_bytes];
  while (!is_lost_) {
    const TlsSession::Read got = session_->read(plain);
    if (got.outcome == TlsSession::Reading::wants_input) return;
    if (got.outcome != TlsSession::Reading::bytes) return lose();
    step(engine::BytesIn{connection, {plain, got.count}});
  }
}

/// In the next turn the session is gone.
void Phone::lose() { is_lost_ = true; }

void Phone::send(const Bytes& frame) {
  const MonoMs deadline = firmware::monotonic_now() + patience;
  for (std::size_t at = 0; session_ && !is_lost_ && at < frame.size();) {
    const std::size_t size = std::min(TlsSession::record_bytes_max, frame.size() - at);
    const bool good = session_->can_write() && session_->write(ByteView(frame).subspan(at, size)) &&
                      send_all(*socket_, *session_, deadline);
    if (!good) return lose();
    at += size;
  }
}

void Phone::apply() {
  const engine::Effects asked = std::exchange(effects_, {});
  for (const engine::Outgoing& out : asked.urgent()) send(*out.frame);
  for (const engine::Outgoing& out : asked.outgoing()) {
    if (out.kind == engine::Outgoing::Kind::send) send(*out.frame);
    if (out.kind == engine::Outgoing::Kind::dial) dials_ = true;
    if (out.kind == engine::Outgoing::Kind::close) lose();
  }
  for (Report& one : client_.take_reports()) reports_.push_back(std::move(one));
}

}  // namespace bivouac::integration
