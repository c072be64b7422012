// SPDX-License-Identifier: Apache-2.0
// The listening part of Links.
#include "firmware/runtime/listener.h"

#include <netinet/in.h>

#include "firmware/platform/clock_trust.h"
#include "firmware/platform/logger.h"
#include "firmware/platform/text.h"

namespace bivouac::firmware {

using engine::HandshakeFailure;

namespace {

constexpr int backlog = 128;
/// So long a stranger may be silent before another who knocks takes the place.
constexpr DurationMs patience{500};

}  // namespace

std::string host_of(const std::string& address) {
  if (address.starts_with('[')) return address.substr(1, address.find(']') - 1);
  return address.substr(0, address.rfind(':'));
}

std::expected<void, std::string> Links::bind(const std::string& host, std::uint16_t port) {
  if (!host.empty()) return bind_address(host, port, IPv6::alone);
  // All addresses of both families; of one, where the kernel has no IPv6.
  if (auto both = bind_address("::", port, IPv6::with_ipv4)) return both;
  listeners_.back()->close();
  listeners_.pop_back();
  return bind_address("0.0.0.0", port, IPv6::alone);
}

/// "::" beside "0.0.0.0" must leave IPv4 to the other.
std::expected<void, std::string> Links::bind_address(const std::string& host, std::uint16_t port,
                                                     IPv6 ipv6) {
  const auto address = parse_address(host == "localhost" ? "127.0.0.1" : host, port);
  if (!address) return std::unexpected(filled("listen address {}: {}", host, address.error()));
  auto listener = std::make_unique<Listener>();
  listener->owner = this;
  listener->handle = new uv_tcp_t;
  uv_tcp_init(loop_, listener->handle);
  listener->handle->data = listener.get();
  const bool alone = address->storage.ss_family == AF_INET6 && ipv6 == IPv6::alone;
  const unsigned flags = alone ? static_cast<unsigned>(UV_TCP_IPV6ONLY) : 0U;
  int code = uv_tcp_bind(listener->handle, address->get(), flags);
  SocketAddress bound;
  int size = sizeof bound.storage;
  if (code == 0)
    code = uv_tcp_getsockname(listener->handle, reinterpret_cast<sockaddr*>(&bound.storage), &size);
  listener->address = to_text(code == 0 ? bound : *address);
  if (code == 0) {
    listener->port = ntohs(bound.storage.ss_family == AF_INET6
                               ? reinterpret_cast<const sockaddr_in6*>(&bound.storage)->sin6_port
                               : reinterpret_cast<const sockaddr_in*>(&bound.storage)->sin_port);
  }
  listeners_.push_back(std::move(listener));  // closed with the others, also when it failed
  if (code != 0)
    return std::unexpected(filled("cannot bind {}: {}", to_text(*address), uv_strerror(code)));
  return {};
}

std::vector<std::uint16_t> Links::ports() const {
  std::vector<std::uint16_t> out;
  for (const auto& listener : listeners_) out.push_back(listener->port);
  return out;
}

std::expected<void, std::string> Links::listen() {
  for (const auto& listener : listeners_) {
    const int code = uv_listen(reinterpret_cast<uv_stream_t*>(listener->handle), backlog,
                               [](uv_stream_t* stream, int status) {
                                 auto* one = static_cast<Listener*>(stream->data);
                                 if (status == 0) one->owner->on_incoming(*one);
                               });
    if (code != 0) {
      return std::unexpected(
          filled("cannot listen on {}: {}", listener->address, uv_strerror(code)));
    }
    log::info("listening", {{"address", listener->address}});
  }
  return {};
}

void Links::on_incoming(Listener& listener) {
  listener.waiting = true;
  accept_from(listener);
}

/// Takes the connection that waits, if there is a place for it. While it is not taken, libuv asks
/// the kernel for no more, and the others wait in the backlog without costing anything here.
void Links::accept_from(Listener& listener) {
  if (closing_ || listener.handle == nullptr || !make_room_for_stranger()) return;
  listener.waiting = false;
  const ConnectionId id = ids_.draw();
  const auto connection = std::make_shared<Connection>(*this, id, TlsRole::listening, "");
  connections_.emplace(id, connection);
  if (!connection->accept(reinterpret_cast<uv_stream_t*>(listener.handle))) return;
  keep_sweeping();
}

bool Links::make_room_for_stranger() {
  if (connections_.size() >= limits::connections_max) return false;
  if (admission_.waiting() < limits().waiting_max) return true;
  Connection* silent = nullptr;
  for (const auto& [id, connection] : connections_) {
    if (connection->state() != Connection::State::waiting) continue;
    const MonoMs since = connection->silent_since();
    if (since == MonoMs::never() || monotonic_now() < since + patience) continue;
    if (silent == nullptr || connection->accepted_at() < silent->accepted_at())
      silent = connection.get();
  }
  if (silent == nullptr) return false;
  silent->refuse(HandshakeFailure::too_many, "silent while others knock");
  return true;
}

bool Links::admit(Connection& connection) {
  switch (admission_.enter(monotonic_now(), source_of(host_of(connection.address())))) {
    case Admission::Verdict::admitted: return true;
    case Admission::Verdict::rate_limited:
      on_refused(connection, HandshakeFailure::rate_limited, "too many new connections a second");
      return false;
    case Admission::Verdict::source_full:
      on_refused(connection, HandshakeFailure::too_many,
                 "too many unfinished handshakes from this address");
      return false;
  }
  return false;
}

void Links::Listener::close() {
  if (handle == nullptr) return;
  uv_close(reinterpret_cast<uv_handle_t*>(handle),
           [](uv_handle_t* closed) { delete reinterpret_cast<uv_tcp_t*>(closed); });
  handle = nullptr;
  waiting = false;
}

void Links::stop_listening() {
  for (const auto& listener : listeners_) listener->close();
}

}  // namespace bivouac::firmware
