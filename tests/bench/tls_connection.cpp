// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/tls_connection.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "firmware/platform/clock_trust.h"
#include "tests/bench/machine.h"
#include "tests/bench/process.h"

namespace bivouac::bench {
namespace {

using firmware::TlsSession;

constexpr int handshake_ms = 10'000;
constexpr std::size_t read_bytes = 32 * 1024;

firmware::PeerPolicy policy() {
  firmware::PeerPolicy policy;
  policy.judged_at = firmware::wall_now();
  return policy;
}

}  // namespace

SharedCredentials load_credentials(const std::string& pki, const std::string& name) {
  firmware::CredentialFiles files;
  files.certificate = pki + "/" + name + ".crt";
  files.key = pki + "/" + name + ".key";
  files.ca = pki + "/ca.crt";
  files.crl = pki + "/ca.crl";
  auto credentials = firmware::Credentials::load(files, firmware::wall_now());
  if (!credentials) give_up(credentials.error().file + ": " + credentials.error().text);
  return *std::move(credentials);
}

TlsConnection::TlsConnection(int descriptor, SharedCredentials credentials)
    : descriptor_(descriptor),
      session_(std::move(credentials), firmware::TlsRole::dialling, 0, policy()) {}

TlsConnection::~TlsConnection() { close(descriptor_); }

std::unique_ptr<TlsConnection> TlsConnection::try_open(int port, SharedCredentials credentials) {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    close(descriptor);
    return nullptr;
  }
  const int on = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  std::unique_ptr<TlsConnection> connection(new TlsConnection(descriptor, std::move(credentials)));
  return connection->shake_hands() ? std::move(connection) : nullptr;
}

std::unique_ptr<TlsConnection> TlsConnection::open(int port, const SharedCredentials& credentials) {
  const std::int64_t deadline = now_ns() + std::int64_t{handshake_ms} * 1'000'000;
  while (now_ns() < deadline) {
    if (auto connection = try_open(port, credentials)) return connection;
    usleep(1'000);  // not up yet, or it admits no more strangers for now
  }
  give_up("no TLS connection within 10 s to port " + std::to_string(port));
}

bool TlsConnection::shake_hands() {
  for (;;) {
    const TlsSession::Progress progress = session_.handshake();
    if (!flush()) return false;
    if (progress == TlsSession::Progress::finished) return true;
    if (progress == TlsSession::Progress::failed) give_up(session_.report().detail);
    if (!wait(handshake_ms)) return false;
    std::array<std::uint8_t, read_bytes> buffer;
    const ssize_t count = recv(descriptor_, buffer.data(), buffer.size(), 0);
    if (count <= 0) return false;
    received_ += static_cast<std::size_t>(count);
    session_.incoming().append(ByteView(buffer).first(static_cast<std::size_t>(count)));
  }
}

bool TlsConnection::flush() {
  while (!session_.outgoing().empty()) {
    const ByteView bytes = session_.outgoing().front();
    const ssize_t count = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count < 0) return false;
    sent_ += static_cast<std::size_t>(count);
    session_.outgoing().consume(static_cast<std::size_t>(count));
  }
  return true;
}

void TlsConnection::send(ByteView plain) {
  while (!plain.empty()) {
    const std::size_t size = std::min(plain.size(), TlsSession::record_bytes_max);
    if (!session_.write(plain.first(size)) || !flush())
      give_up("a server hung up: its log says why");
    plain = plain.subspan(size);
  }
}

bool TlsConnection::receive(Bytes& plain) {
  std::array<std::uint8_t, read_bytes> buffer;
  for (;;) {
    if (!decrypt(plain)) return false;
    const ssize_t count = recv(descriptor_, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return true;
    if (count <= 0) return false;
    received_ += static_cast<std::size_t>(count);
    session_.incoming().append(ByteView(buffer).first(static_cast<std::size_t>(count)));
    // What does not fill the buffer was all that there was.
    if (static_cast<std::size_t>(count) < buffer.size()) return decrypt(plain);
  }
}

/// What came behind the last message of the handshake waits in the session.
bool TlsConnection::decrypt(Bytes& plain) {
  std::array<std::uint8_t, TlsSession::record_bytes_max> block;
  for (;;) {
    const TlsSession::Read read = session_.read(block);
    if (read.outcome == TlsSession::Reading::wants_input) return true;
    if (read.outcome != TlsSession::Reading::bytes) return false;
    plain.insert(plain.end(), block.begin(),
                 block.begin() + static_cast<std::ptrdiff_t>(read.count));
  }
}

bool TlsConnection::wait(int timeout_ms) const {
  pollfd entry{descriptor_, POLLIN, 0};
  return poll(&entry, 1, timeout_ms) > 0;
}

}  // namespace bivouac::bench
