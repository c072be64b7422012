// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/link_bench.h"

#include <algorithm>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace bivouac::test {

void Recorder::on_event(const engine::Event& event) {
  if (const auto* up = std::get_if<engine::PeerUp>(&event)) {
    peers[up->connection] = {up->identity, up->dialled, true, {}};
    ++ups;
  } else if (const auto* in = std::get_if<engine::BytesIn>(&event)) {
    Bytes& received = peers.at(in->connection).received;
    received.insert(received.end(), in->bytes.begin(), in->bytes.end());
    if (on_bytes) on_bytes(in->connection, in->bytes);
  } else if (const auto* down = std::get_if<engine::PeerDown>(&event)) {
    peers.at(down->connection).up = false;
    ++downs;
  } else if (const auto* failed = std::get_if<engine::DialFailed>(&event)) {
    dial_failures.push_back(failed->system_id);
  }
}

const Recorder::Peer* Recorder::peer(const std::string& identity) const {
  for (const auto& [id, peer] : peers) {
    if (peer.up && peer.identity == identity) return &peer;
  }
  return nullptr;
}

ConnectionId Recorder::connection(const std::string& identity) const {
  for (const auto& [id, peer] : peers) {
    if (peer.up && peer.identity == identity) return id;
  }
  return {};
}

std::size_t Recorder::up() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(peers, [](const auto& entry) { return entry.second.up; }));
}

Loop::~Loop() {
  while (uv_run(&loop_, UV_RUN_DEFAULT) != 0) continue;
  uv_loop_close(&loop_);
}

bool Loop::until(const std::function<bool()>& condition, std::int64_t within_ms) {
  const MonoMs end = firmware::monotonic_now() + DurationMs{within_ms};
  uv_timer_t pulse;
  uv_timer_init(&loop_, &pulse);
  uv_timer_start(&pulse, [](uv_timer_t*) {}, 5, 5);
  bool held = condition();
  while (!held && firmware::monotonic_now() < end) {
    uv_run(&loop_, UV_RUN_ONCE);
    held = condition();
  }
  bool closed = false;
  pulse.data = &closed;
  uv_close(reinterpret_cast<uv_handle_t*>(&pulse),
           [](uv_handle_t* handle) { *static_cast<bool*>(handle->data) = true; });
  while (!closed) uv_run(&loop_, UV_RUN_NOWAIT);
  return held;
}

Node::Node(Loop& loop, std::shared_ptr<const firmware::Credentials> credentials,
           firmware::AdmissionLimits limits)
    : loop_(loop),
      credentials_(std::move(credentials)),
      links_(std::make_unique<firmware::Links>(loop.get(), events, ids_, 2, limits)),
      prepare_(new uv_prepare_t) {
  configuration_.system_id = credentials_->identity();
  use(credentials_);
  uv_prepare_init(loop.get(), prepare_);
  prepare_->data = this;
  uv_prepare_start(prepare_,
                   [](uv_prepare_t* handle) { static_cast<Node*>(handle->data)->links_->turn(); });
}

Node::~Node() {
  links_->close();
  uv_prepare_stop(prepare_);
  uv_close(reinterpret_cast<uv_handle_t*>(prepare_),
           [](uv_handle_t* handle) { delete reinterpret_cast<uv_prepare_t*>(handle); });
  while (!links_->empty()) uv_run(loop_.get(), UV_RUN_ONCE);
  for (int i = 0; i < 5; ++i) uv_run(loop_.get(), UV_RUN_NOWAIT);
}

std::uint16_t Node::listen() {
  if (!links_->bind("127.0.0.1", 0) || !links_->listen()) throw std::runtime_error("listen");
  return links_->ports().at(0);
}

void Node::add_partner(const std::string& system_id, const std::string& address) {
  std::erase_if(configuration_.partners,
                [&](const auto& partner) { return partner.system_id == system_id; });
  engine::Partner partner;
  partner.system_id = system_id;
  if (!address.empty()) partner.addresses = {address};
  configuration_.partners.push_back(std::move(partner));
  std::ranges::sort(configuration_.partners, {}, &engine::Partner::system_id);
  use(credentials_);
}

void Node::use(std::shared_ptr<const firmware::Credentials> credentials) {
  credentials_ = std::move(credentials);
  links_->use(std::make_shared<const engine::Configuration>(configuration_), credentials_);
}

void Node::dial(const std::string& system_id, const std::string& address) {
  add_partner(system_id, address);
  engine::Outgoing out;
  out.kind = engine::Outgoing::Kind::dial;
  out.system_id = system_id;
  links_->release(out);
}

void Node::send(ConnectionId to, Bytes frame, engine::Priority priority) {
  engine::Outgoing out;
  out.connection = to;
  out.frame = std::make_shared<const Bytes>(std::move(frame));
  out.priority = priority;
  links_->release(out);
}

void Node::close(ConnectionId connection) {
  engine::Outgoing out;
  out.kind = engine::Outgoing::Kind::close;
  out.connection = connection;
  links_->release(out);
}

engine::Telemetry Node::telemetry() const {
  engine::Telemetry telemetry;
  links_->fill(telemetry);
  return telemetry;
}

std::uint64_t Node::failures(engine::HandshakeFailure failure) const {
  return telemetry().handshake_failures[static_cast<std::size_t>(failure)];
}

RawClient::RawClient(std::uint16_t port, const std::string& from)
    : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in own{};
  own.sin_family = AF_INET;
  ::inet_pton(AF_INET, from.c_str(), &own.sin_addr);
  ::bind(socket_, reinterpret_cast<const sockaddr*>(&own), sizeof own);
  sockaddr_in there = own;
  there.sin_port = htons(port);
  ::inet_pton(AF_INET, "127.0.0.1", &there.sin_addr);
  ::connect(socket_, reinterpret_cast<const sockaddr*>(&there), sizeof there);
}

RawClient::~RawClient() {
  if (socket_ >= 0) ::close(socket_);
}

bool RawClient::say(const std::string& bytes) {
  return ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
         static_cast<ssize_t>(bytes.size());
}

bool RawClient::is_closed_by_peer() const {
  char byte = 0;
  const ssize_t count = ::recv(socket_, &byte, 1, MSG_DONTWAIT);
  return count == 0 || (count < 0 && errno != EAGAIN);
}

}  // namespace bivouac::test
