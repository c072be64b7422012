// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <optional>

#include "core/client/mc_service_client.h"
#include "firmware/cli/affiliation_line.h"
#include "firmware/cli/credentials.h"
#include "firmware/cli/json.h"
#include "firmware/cli/tls_stream.h"
#include "firmware/cli/verbs.h"
#include "firmware/cli/words.h"
#include "firmware/config/group_file.h"
#include "firmware/config/settings.h"
#include "firmware/runtime/resolve_now.h"

// `bivouac client`: the client of core/client behind a TLS connection. It never uses the
// operator's socket: what it gets, every client with that certificate would get.

namespace bivouac::firmware::cli {
namespace {

using client::McServiceClient;
using client::Report;

constexpr std::int64_t handshake_ms = 10'000;
constexpr ConnectionId connection{1};

Now now() { return {monotonic_now(), wall_now()}; }

std::expected<std::shared_ptr<const Credentials>, std::string> load(const Command& command) {
  if (const auto started = start_crypto(); !started) return std::unexpected(started.error());
  CredentialFiles files;
  files.certificate = command.certificate;
  files.key = command.key;
  files.ca = command.ca;
  files.crl = command.crl;
  files.crl_required = !command.crl.empty();
  auto credentials = Credentials::load(files, std::max(wall_now(), build_floor));
  if (!credentials)
    return std::unexpected(credentials.error().file + ": " + credentials.error().text);
  if (!command.user_id.empty() && command.user_id != (*credentials)->identity()) {
    return std::unexpected("the certificate is that of " + (*credentials)->identity() +
                           ", not of " + command.user_id +
                           ". A client acts as the user of its certificate only");
  }
  return *std::move(credentials);
}

/// One connection, and the client at its end.
class ClientRun {
 public:
  ClientRun(const Command& command, std::shared_ptr<const Credentials> credentials,
            std::uint64_t entropy)
      : command_(command),
        credentials_(std::move(credentials)),
        client_({credentials_->identity(), command.client_id, command.partner, {}, command.follow},
                entropy) {}

  int run() {
    end_ = monotonic_now() + DurationMs{command_.timeout_s * 1000LL};
    client_.log_on(now(), effects_);
    if (command_.verb == Verb::client_subscribe)
      client_.subscribe(now(), effects_, command_.group_id);
    if (command_.verb == Verb::client_status || command_.verb == Verb::client_listen)
      client_.watch_affiliations(now(), effects_, whom());
    dials_ = true;
    while (!exit_) {
      if (std::exchange(dials_, false)) connect();
      apply();
      if (exit_) break;
      wait();
    }
    return *exit_;
  }

 private:
  void finish(int code) {
    if (!exit_) exit_ = code;
  }
  void fail(const std::string& text) {
    complain(text);
    if (!command_.follow) finish(exit_bad);
  }
  void fail(Cause cause, const std::string& what) {
    fail(what + ": " + in_words(cause) + ". " + std::string(explain(cause).hint));
  }

  void connect() {
    const std::string why = try_to_connect();
    if (why.empty()) {
      client_.step(now(), engine::PeerUp{connection, session_->report().identity, true}, effects_);
      return;
    }
    close();
    fail(command_.gateway + ": " + why);
    client_.step(now(), engine::DialFailed{command_.gateway}, effects_);
  }

  /// Empty when there is a session; else why not.
  std::string try_to_connect() {
    const auto split = split_address(command_.gateway);
    if (!split) return split.error();
    const auto found = resolve_now(split->host, split->port);
    if (!found) return "the name does not resolve (" + found.error() + ")";
    std::string why = "it has no address";
    for (const SocketAddress& address : *found) {
      socket_.emplace(address.storage.ss_family);
      why = connect_to(*socket_, address);
      if (why.empty()) return shake_hands();
    }
    return why;
  }

  std::string shake_hands() {
    PeerPolicy policy;
    policy.judged_at = std::max(wall_now(), build_floor);
    policy.expected = command_.partner;
    session_.emplace(credentials_, TlsRole::dialling, 0, std::move(policy));
    const MonoMs deadline = monotonic_now() + DurationMs{handshake_ms};
    while (true) {
      const TlsSession::Progress progress = session_->handshake();
      const bool sent = send_all(*socket_, *session_, deadline);
      if (progress == TlsSession::Progress::finished) return {};
      if (progress == TlsSession::Progress::failed) return session_->report().detail;
      if (!sent || receive_some(*socket_, *session_, deadline) != Received::bytes)
        return "the other side hung up or fell silent in the handshake; its log says why";
    }
  }

  void close() {
    session_.reset();
    socket_.reset();
  }

  void wait() {
    MonoMs deadline = client_.next_deadline();
    if (!command_.follow) deadline = std::min(deadline, end_);
    if (!session_) {  // nothing to hear before the next dial
      sleep_until(deadline);
    } else {
      const Received received = receive_some(*socket_, *session_, deadline);
      if (received == Received::bytes) read();
      if (received == Received::closed) lost("the gateway closed the connection");
    }
    if (client_.next_deadline() <= monotonic_now()) client_.step(now(), engine::Tick{}, effects_);
    if (!command_.follow && end_ <= monotonic_now()) {
      complain("no answer within " + std::to_string(command_.timeout_s) + " s");
      finish(exit_bad);
    }
  }

  static void sleep_until(MonoMs deadline) {
    const std::int64_t left = (deadline - monotonic_now()).ms;
    if (left > 0) usleep(static_cast<useconds_t>(std::min<std::int64_t>(left, 1'000) * 1000));
  }

  void read() {
    while (session_) {
      std::uint8_t plain[limits::connection_buffer_bytes];
      const TlsSession::Read got = session_->read(plain);
      if (got.outcome == TlsSession::Reading::wants_input) return;
      if (got.outcome != TlsSession::Reading::bytes) {
        const std::string why = session_->error();
        return lost(why.empty() ? "the gateway closed the connection" : why);
      }
      client_.step(now(), engine::BytesIn{connection, {plain, got.count}}, effects_);
      apply();
    }
  }

  void lost(const std::string& why) {
    close();
    if (!exit_) fail(why + "; its log says why");
    client_.step(now(), engine::PeerDown{connection}, effects_);
  }

  /// Sends, dials and tells what the client wants.
  void apply() {
    const engine::Effects asked = std::exchange(effects_, {});
    for (const engine::Outgoing& out : asked.urgent()) send(*out.frame);
    for (const engine::Outgoing& out : asked.outgoing()) {
      switch (out.kind) {
        case engine::Outgoing::Kind::send: send(*out.frame); break;
        case engine::Outgoing::Kind::dial: dials_ = true; break;
        case engine::Outgoing::Kind::close:
          if (session_) lost("the session was ended, " + in_words(out.cause));
          break;
      }
    }
    for (const Report& report : client_.take_reports()) tell(report);
  }

  void send(const Bytes& frame) {
    const MonoMs deadline = monotonic_now() + DurationMs{handshake_ms};
    for (std::size_t at = 0; session_ && at < frame.size();) {
      const std::size_t size = std::min(TlsSession::record_bytes_max, frame.size() - at);
      const bool good = session_->can_write() &&
                        session_->write(ByteView(frame).subspan(at, size)) &&
                        send_all(*socket_, *session_, deadline);
      if (!good) return lost("cannot send");
      at += size;
    }
  }

  void tell(const Report& report) {
    if (exit_) return;
    switch (report.kind) {
      case Report::Kind::connected:
      case Report::Kind::disconnected:
      case Report::Kind::unsubscribed: return;
      case Report::Kind::logged_on: return on_logged_on();
      case Report::Kind::logged_off: return fail(report.cause, "logged off");
      case Report::Kind::refused:
        return fail(report.cause, report.group_id.empty() ? "refused" : report.group_id);
      case Report::Kind::subscribed:
        if (!command_.json) print("subscribed to " + report.group_id + '\n');
        // What it knows less comes next; nothing comes for what is not there yet.
        return;
      case Report::Kind::got: show(report, *report.configuration, report.keys); return leave();
      case Report::Kind::notified: {
        // It may be gone already: what came with it says so next.
        const auto copy = client_.copies().find(report.group_id);
        if (copy == client_.copies().end()) return;
        show(report, copy->second.configuration, copy->second.keys);
        return leave();
      }
      case Report::Kind::freshness:
      case Report::Kind::withdrawn: return show_change(report);
      case Report::Kind::affiliation: return show_affiliation(report);
      case Report::Kind::deaffiliated: return show_affiliation(report);
      case Report::Kind::affiliations: return show_affiliations(report);
    }
  }

  void on_logged_on() {
    if (command_.verb == Verb::client_get) return client_.get(now(), effects_, command_.group_id);
    if (command_.verb == Verb::client_affiliate)
      return client_.affiliate(now(), effects_, command_.group_ids);
    if (command_.verb == Verb::client_deaffiliate) {
      return client_.deaffiliate(
          now(), effects_, command_.group_ids,
          command_.all_clients ? DeaffiliationScope::all_clients : DeaffiliationScope::this_client);
    }
    if (command_.verb == Verb::client_listen) return show_log_on();
    if (command_.verb == Verb::client_log_on) {
      show_log_on();
      leave();
    }
  }

  /// Done, unless more is wanted.
  void leave() {
    std::fflush(stdout);
    if (command_.follow) return;
    client_.log_off(now(), effects_);
    const engine::Effects last = std::exchange(effects_, {});
    for (const engine::Outgoing& out : last.outgoing()) {
      if (out.kind == engine::Outgoing::Kind::send) send(*out.frame);
    }
    finish(exit_good);
  }

  /// Whose affiliations are asked for.
  const std::string& whom() const {
    return command_.about.empty() ? credentials_->identity() : command_.about;
  }

  /// One of the groups of our request, or one that ended without it. A log-off would end them all:
  /// the command hangs up instead, and what it asked for stays.
  void show_affiliation(const Report& report) {
    print(affiliation_line(report.affiliations[0], client::name(report.kind), command_.json));
    std::fflush(stdout);
    if (report.kind == Report::Kind::deaffiliated) return news_.ended(report.group_id);
    any_rejected_ = any_rejected_ || report.status == AffiliationStatus::rejected;
    if (++settled_ == command_.group_ids.size()) finish(any_rejected_ ? exit_bad : exit_good);
  }

  void show_affiliations(const Report& report) {
    if (report.mc_service_id != whom()) return;
    if (command_.verb == Verb::client_listen) {
      for (const GroupAffiliation& one : news_.take(report.affiliations))
        print(affiliation_line(one, client::name(Report::Kind::affiliation), command_.json));
      std::fflush(stdout);
    }
    if (command_.verb != Verb::client_status) return;
    if (report.affiliations.empty() && !command_.json)
      print("# " + report.mc_service_id + " is affiliated to no group\n");
    for (const GroupAffiliation& one : report.affiliations)
      print(affiliation_line(one, client::name(report.kind), command_.json));
    std::fflush(stdout);
    if (!command_.follow) finish(exit_good);
  }

  void show_log_on() {
    const UserProfile& profile = *client_.profile();
    Json json;
    json.begin_object()
        .text("event", "logged_on")
        .text("mc_service_id", profile.mc_service_id)
        .text("client_id", command_.client_id)
        .text("services", services_in_words(client_.services()))
        .number("affiliations_max", profile.affiliations_max);
    json.key("groups").begin_array();
    for (const ProfileGroup& group : profile.groups) json.text(group.group_id);
    json.end_array().end_object();
    if (command_.json) return print(json.take());
    print("logged on as " + profile.mc_service_id + ", client " + command_.client_id + ", for " +
          services_in_words(client_.services()) + '\n');
    for (const ProfileGroup& group : profile.groups) print("  " + group.group_id + '\n');
  }

  /// Of key material, what it is and never the bytes.
  void show(const Report& report, const GroupConfiguration& configuration,
            const std::vector<KeyEnvelope>& keys) {
    if (command_.json) {
      Json json;
      json.begin_object()
          .text("event", client::name(report.kind))
          .text("group_id", report.group_id)
          .boolean("stale", report.stale)
          .number("age_ms", report.age_ms)
          .text("toml", write_group(configuration));
      json.key("keys").begin_array();
      for (const KeyEnvelope& one : keys) {
        json.begin_object()
            .number("gmk_id", one.gmk.value)
            .number("bytes", one.bytes.size())
            .number("expiry_wall_ms", one.expiry_wall_ms)
            .end_object();
      }
      json.end_array().end_object();
      return print(json.take());
    }
    print(freshness_in_words(report) + keys_in_words(keys) + write_group(configuration));
  }

  static std::string keys_in_words(const std::vector<KeyEnvelope>& keys) {
    std::string text;
    for (const KeyEnvelope& one : keys) {
      text += "# key material: GMK " + std::to_string(one.gmk.value) + ", " +
              std::to_string(one.bytes.size()) + " bytes\n";
    }
    return text;
  }

  static std::string freshness_in_words(const Report& report) {
    return report.stale
               ? "# stale: its home is out of reach, for " + span_in_words(report.age_ms) + "\n"
               : std::string();
  }

  void show_change(const Report& report) {
    const bool withdrawn = report.kind == Report::Kind::withdrawn;
    if (command_.json) {
      Json json;
      json.begin_object()
          .text("event", client::name(report.kind))
          .text("group_id", report.group_id)
          .boolean("stale", report.stale)
          .number("age_ms", report.age_ms)
          .text("cause", name(report.cause))
          .end_object();
      print(json.take());
    } else if (withdrawn) {
      print("# " + report.group_id + " is withdrawn: " + in_words(report.cause) + '\n');
    } else {
      print(report.stale ? freshness_in_words(report)
                         : "# " + report.group_id + " is fresh again\n");
    }
    std::fflush(stdout);
    if (withdrawn && !command_.follow) finish(exit_bad);
  }

  const Command& command_;
  std::shared_ptr<const Credentials> credentials_;
  McServiceClient client_;
  engine::Effects effects_;
  std::optional<Socket> socket_;
  std::optional<TlsSession> session_;
  std::optional<int> exit_;
  MonoMs end_;
  bool dials_ = false;
  std::size_t settled_ = 0;  // groups of our request
  bool any_rejected_ = false;
  AffiliationNews news_;
};

}  // namespace

int client(const Command& command) {
  auto credentials = load(command);
  if (!credentials) return complain(credentials.error());
  std::uint64_t entropy = 0;
  if (!random_bytes(&entropy, sizeof entropy)) return complain("no random numbers are to be had");
  return ClientRun(command, *std::move(credentials), entropy).run();
}

}  // namespace bivouac::firmware::cli
