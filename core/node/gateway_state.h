// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <string>

#include <absl/container/btree_set.h>

#include "core/engine/housekeeping.h"
#include "core/gms/group_management_server.h"
#include "core/mcs/mc_service_server.h"
#include "core/node/clients.h"
#include "core/node/gateway.h"
#include "core/node/links.h"
#include "core/node/operators.h"
#include "core/node/presence.h"
#include "core/wire/inbound.h"

namespace bivouac::node {

using engine::Context;
using engine::DeadlineId;
using engine::DeadlineKind;

/// What a gateway is made of. gateway.cpp has what happens to it, gateway_messages.cpp what is said
/// to it.
struct Gateway::State final : engine::Post, engine::Operations {
  explicit State(std::shared_ptr<const engine::Configuration> c) : configuration(std::move(c)) {}
  virtual ~State() = default;

  // engine::Post
  void send(std::string_view system, Bytes frame, engine::Priority priority) override;
  void send_to_client(const engine::ClientAddress& client, Bytes frame,
                      engine::Priority priority) override;
  bool is_reachable(std::string_view system) const override {
    return links.connection_to(system).is_set() || presence.is_up(system);
  }
  Incarnation incarnation_of(std::string_view system) const override;
  std::size_t frame_bytes_max_of(std::string_view system) const override;
  // engine::Operations
  void settled(ExchangeId id, Cause cause, ExposedRevision revision) override {
    operators.settled(*current, id, cause, revision);
  }

  void on(Context& context, const engine::Boot& event);
  void on(Context& context, const engine::PeerUp& event);
  void on(Context& context, const engine::BytesIn& event);
  void on(Context& context, const engine::PeerDown& event);
  void on(Context& context, const engine::DialFailed& event) {
    links.on_dial_failed(context, event.system_id);
  }
  void on(Context& context, const engine::OperatorRequest& event) {
    operators.on_request(context, {gms, links, presence, clients, mcs.affiliations()}, event);
    if (!context.effects.mutations().empty()) work_soon(context);  // such as a fan-out
  }
  void on(Context& context, const engine::OperatorGone& event) {
    operators.on_gone(context, event.connection);
  }
  void on(Context& context, const engine::Tick& event);
  void on(Context& context, const engine::Continue&);
  void on(Context& context, const engine::Reload& event);
  void on(Context& context, const engine::Space& event);
  void on(Context& context, const engine::Clock& event);
  void on(Context& context, const engine::Stop&);
  void on(Context&, const engine::Left& event) { links.on_left(event); }

  void on_frame(Context& context);
  void on_client_frame(Context& context);
  void on_client_message(Context& context, ConnectionId connection,
                         const wire::fb::Envelope& envelope);
  void on_client_gone(Context& context, const engine::ClientAddress& client);
  void on_user_changed(Context& context, const std::string& mc_service_id);
  void watch_records(Context& context);
  void on_local_message(Context& context);
  void on_rejected(Context& context, ConnectionId connection, const wire::Rejected& rejected);
  void on_message_for_another(Context& context, const Links::Waiting& came,
                              const wire::Inbound& inbound);
  void on_peer_message(Context& context, ConnectionId connection,
                       const wire::fb::Envelope& envelope);
  void on_hello(Context& context, ConnectionId connection, const wire::fb::Hello& hello);
  void on_far_message(Context& context, ConnectionId connection,
                      const wire::fb::Envelope& envelope);
  void on_refusal(Context& context, const wire::fb::Envelope& envelope);
  void on_change(Context& context, const Presence::Change& change);
  void on_link_up(Context& context, const std::string& system_id) {
    gms.on_link_up(context, system_id);
    mcs.on_link_up(context, system_id);
  }
  void on_link_down(Context& context, const std::string& system_id) {
    gms.on_link_down(context, system_id);
    mcs.on_link_down(context, system_id);
  }
  void on_links_down(Context& context, const std::vector<std::string>& systems) {
    for (const std::string& system_id : systems) on_link_down(context, system_id);
  }
  void on_greeting(Context& context, const Greeting& greeting) {
    if (greeting.before == greeting.told) return;
    gms.on_new_store(context, greeting.system, greeting.before, greeting.told);
  }
  void on_server_message(Context& context, const wire::fb::Envelope& envelope);
  void on_deadline(Context& context, DeadlineId id);
  bool go_on(Context& context);
  void put_meta(Context& context);
  void raise_clock_floor(Context& context);
  bool has_more() const {
    return !local.empty() || gms.has_work() || links.has_condemned() || links.has_frame() ||
           clients.has_condemned() || clients.has_frame();
  }
  void work_soon(const Context& context) {
    deadlines.set({DeadlineKind::work, 0}, context.now.mono);
  }
  void refuse(Context& context, ConnectionId connection, const wire::fb::Envelope& request,
              Cause cause);

  std::shared_ptr<const engine::Configuration> configuration;
  engine::Identities identities;
  engine::Exchanges exchanges;
  engine::Deadlines deadlines;
  engine::Counters counters;
  engine::LogOns log_ons;
  engine::Housekeeping housekeeping;
  gms::GroupManagementServer gms;
  mcs::McServiceServer mcs;
  Links links;
  Presence presence;
  Clients clients;
  Operators operators;
  bool clients_turn = false;  // partners and clients are heard in turn
  absl::btree_set<std::string> users_changed;
  std::deque<Bytes> local;  // bodies of messages between our own servers
  Incarnation incarnation;
  std::uint32_t boots = 0;
  WallMs clock_floor;
  Services services_told;
  bool clock_trusted = false;
  bool space_low = false;
  MonoMs started;
  WallMs started_wall;         // 0: the clock was never trusted in this run
  Context* current = nullptr;  // only within a step
};

}  // namespace bivouac::node
