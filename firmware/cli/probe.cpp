// SPDX-License-Identifier: Apache-2.0
#include "firmware/cli/probe.h"

#include "firmware/cli/tls_stream.h"
#include "firmware/cli/words.h"
#include "firmware/config/settings.h"
#include "firmware/platform/clock_trust.h"
#include "firmware/runtime/resolve_now.h"

namespace bivouac::firmware::cli {
namespace {

constexpr std::int64_t handshake_ms = 10'000;
/// In TLS 1.3 the other side judges our certificate after we are done: its alert takes a moment.
constexpr std::int64_t verdict_ms = 1'500;

ProbeStep shake_hands(const Socket& socket, TlsSession& session) {
  const MonoMs deadline = monotonic_now() + DurationMs{handshake_ms};
  while (true) {
    const TlsSession::Progress progress = session.handshake();
    const bool sent = send_all(socket, session, deadline);
    if (progress == TlsSession::Progress::finished) break;
    if (progress == TlsSession::Progress::failed) return {false, session.report().detail};
    if (!sent || receive_some(socket, session, deadline) != Received::bytes) {
      return {false, "the other side hung up or fell silent in the handshake; its log says why"};
    }
  }
  const MonoMs verdict = monotonic_now() + DurationMs{verdict_ms};
  while (true) {
    std::uint8_t plain[1024];
    const TlsSession::Read read = session.read(plain);
    if (read.outcome == TlsSession::Reading::bytes) break;
    if (read.outcome != TlsSession::Reading::wants_input) {
      return {false, "the other side does not want us: " + session.error() + "; its log says why"};
    }
    const Received received = receive_some(socket, session, verdict);
    if (received == Received::nothing) break;
    if (received == Received::closed) {
      return {false, "the other side hung up after the handshake; its log says why"};
    }
  }
  return {true, session.report().tls_version + " with " + session.report().identity +
                    ", certificate until " + wall_in_words(session.report().expires.ms)};
}

/// What a name stands for: "127.0.0.1, ::1".
std::string in_words(const std::vector<SocketAddress>& addresses) {
  std::string text;
  for (const SocketAddress& address : addresses) {
    if (!text.empty()) text += ", ";
    text += to_text(address, false);
  }
  return text;
}

}  // namespace

std::vector<ProbeStep> probe(const std::string& address,
                             std::shared_ptr<const Credentials> credentials, PeerPolicy policy) {
  const auto split = split_address(address);
  if (!split) return {{false, split.error()}};
  const auto found = resolve_now(split->host, split->port);
  if (!found) {
    return {{false, "name: " + split->host + " does not resolve (" + found.error() +
                        "): is it spelt right, does a name server answer?"}};
  }
  std::vector<ProbeStep> steps;
  const bool is_name = !parse_address(split->host, split->port);
  if (is_name) steps.push_back({true, "name: " + split->host + " is " + in_words(*found)});
  std::string trouble;
  for (const SocketAddress& one : *found) {
    const Socket socket(one.storage.ss_family);
    const std::string why = connect_to(socket, one);
    if (!why.empty()) {
      trouble += (trouble.empty() ? "" : "; ") + (is_name ? to_text(one) + ": " : "") + why;
      continue;
    }
    steps.push_back({true, "TCP: connected" + (is_name ? " to " + to_text(one) : "")});
    TlsSession session(std::move(credentials), TlsRole::dialling, 0, std::move(policy));
    ProbeStep tls = shake_hands(socket, session);
    tls.text = "TLS: " + tls.text;
    steps.push_back(std::move(tls));
    return steps;
  }
  steps.push_back({false, "TCP: " + trouble});
  return steps;
}

}  // namespace bivouac::firmware::cli
