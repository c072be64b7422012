// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "core/client/mc_service_client.h"
#include "tests/support/mc_systems.h"

namespace bivouac::test {

/// The MC service client that ships, at the end of a connection of a test's world. The test pumps
/// it: it does not move by itself.
class TestClient {
 public:
  using Report = client::Report;

  TestClient(McSystems& world, McSystem& system, std::string user, std::string client_id = "phone")
      : world_(world),
        system_(system),
        client_({std::move(user), std::move(client_id), system.id(), {}, true}, 42) {
    connect();
  }

  void connect() {
    connection_ = world_.connect_raw(system_, client_.options().mc_service_id);
    step(engine::PeerUp{connection_, system_.id(), true});
    pump();
  }
  void log_on() {
    act([&](engine::Effects& effects) { client_.log_on(world_.now, effects); });
  }
  void log_off() {
    act([&](engine::Effects& effects) { client_.log_off(world_.now, effects); });
  }
  void get(std::string_view group) {
    act([&](engine::Effects& effects) { client_.get(world_.now, effects, group); });
  }
  void subscribe(std::string_view group) {
    act([&](engine::Effects& effects) { client_.subscribe(world_.now, effects, group); });
  }
  void unsubscribe(std::string_view group) {
    act([&](engine::Effects& effects) { client_.unsubscribe(world_.now, effects, group); });
  }
  void affiliate(const std::vector<std::string>& groups) {
    act([&](engine::Effects& effects) { client_.affiliate(world_.now, effects, groups); });
  }
  void deaffiliate(const std::vector<std::string>& groups,
                   DeaffiliationScope scope = DeaffiliationScope::this_client) {
    act([&](engine::Effects& effects) { client_.deaffiliate(world_.now, effects, groups, scope); });
  }
  void watch(std::string_view user) {
    act([&](engine::Effects& effects) { client_.watch_affiliations(world_.now, effects, user); });
  }
  void unwatch(std::string_view user) {
    act([&](engine::Effects& effects) { client_.unwatch_affiliations(world_.now, effects, user); });
  }
  /// The session ends as with a radio out of range.
  void disconnect() {
    if (connection_.is_set()) world_.close_raw(connection_);
    pump();
  }
  /// Lets time pass for all, second by second.
  void pass(std::int64_t ms) {
    for (std::int64_t left = ms; left > 0; left -= 1'000) {
      world_.pass(DurationMs{std::min<std::int64_t>(left, 1'000)});
      if (client_.next_deadline() <= world_.now.mono) step(engine::Tick{});
      pump();
    }
  }
  /// Takes and gives what waits, until nothing does.
  void pump() {
    while (connection_.is_set()) {
      const Bytes bytes = world_.received_raw(connection_);
      for (std::size_t at = 0; at < bytes.size(); at += limits::connection_buffer_bytes) {
        const std::size_t size = std::min(limits::connection_buffer_bytes, bytes.size() - at);
        step(engine::BytesIn{connection_, ByteView(bytes).subspan(at, size)});
      }
      if (!bytes.empty()) continue;
      if (world_.is_open(connection_)) return;
      const ConnectionId gone = std::exchange(connection_, {});
      step(engine::PeerDown{gone});
    }
  }

  client::McServiceClient& operator*() { return client_; }
  client::McServiceClient* operator->() { return &client_; }
  bool is_open() const { return connection_.is_set(); }
  /// What it reported since it was asked last, but for connected and disconnected.
  std::vector<Report> reports() {
    pump();
    std::vector<Report> all = std::exchange(reports_, {});
    std::erase_if(all, [](const Report& one) {
      return one.kind == Report::Kind::connected || one.kind == Report::Kind::disconnected;
    });
    return all;
  }
  /// The only report; one of an impossible kind when there is another number of them.
  Report report() {
    auto all = reports();
    if (all.size() == 1) return all[0];
    Report none;
    none.group_id = std::to_string(all.size()) + " reports";
    for (const Report& one : all)
      none.group_id +=
          ' ' + std::string(client::name(one.kind)) + ' ' + std::string(bivouac::name(one.cause));
    return none;
  }
  const client::Copy* copy(std::string_view group) {
    pump();
    const auto found = client_.copies().find(group);
    return found == client_.copies().end() ? nullptr : &found->second;
  }
  /// Dials that it asked for: the test connects.
  std::size_t dials = 0;

 private:
  template <class Act>
  void act(const Act& act) {
    engine::Effects effects;
    act(effects);
    apply(effects);
    pump();
  }
  void step(const engine::Event& event) {
    engine::Effects effects;
    client_.step(world_.now, event, effects);
    apply(effects);
  }
  void apply(const engine::Effects& effects) {
    for (Report& one : client_.take_reports()) reports_.push_back(std::move(one));
    for (const engine::Outgoing& out : effects.urgent())
      world_.send_raw(out.connection, *out.frame);
    for (const engine::Outgoing& out : effects.outgoing()) {
      if (out.kind == engine::Outgoing::Kind::send) world_.send_raw(out.connection, *out.frame);
      if (out.kind == engine::Outgoing::Kind::close) world_.close_raw(out.connection);
      if (out.kind == engine::Outgoing::Kind::dial) ++dials;
    }
  }

  McSystems& world_;
  McSystem& system_;
  client::McServiceClient client_;
  ConnectionId connection_;
  std::vector<Report> reports_;
};

}  // namespace bivouac::test
