// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/container/btree_map.h>

#include "core/engine/context.h"
#include "core/node/links.h"

namespace bivouac::node {

/// What we know of one MC system behind a proxy.
struct Far {
  struct Asked {
    ExchangeId exchange;
    MonoMs at;
  };
  std::string via;                  // the neighbour that is our proxy to it
  Incarnation incarnation;          // none: it has said nothing since the link to the proxy is up
  std::uint32_t boots = 0;          // its run
  std::size_t frame_bytes_max = 0;  // of the whole way
  bool up = false;                  // it answered us
  bool ever_up = false;
  Cause why_down = Cause::unreachable;
  MonoMs last_received;
  std::optional<std::int64_t> round_trip_ms;
  std::vector<Asked> asked;  // of this link to the proxy, and not answered; the newest last
  MonoMs ask_at;
};

/// Signs of life with MC systems behind proxies (10.2.7.1). What Hello, heartbeats and the end of a
/// connection tell of a neighbour, requests from end to end tell here: with the link to the proxy
/// they begin, and they go on every 10 s. The first answer says that the system is up; silence of
/// 30 s, a refusal on the way and the end of the link to the proxy say that it is down; another
/// incarnation or another run says that it was down.
class Presence {
 public:
  /// What became of a system. `up` after `down`: both, in this order.
  struct Change {
    std::string system_id;
    bool down = false;
    bool up = false;
    Greeting greeting = {};  // with `up`
  };

  /// Partners are new, or others. Those that were up and are so no longer.
  std::vector<std::string> on_reload(engine::Context& context, const Links& links);
  /// Those that were up over an older session: what was on the way is lost.
  std::vector<std::string> on_proxy_up(engine::Context& context, std::string_view proxy);
  std::vector<std::string> on_proxy_down(engine::Context& context, std::string_view proxy);
  /// Silence, or time for the next sign of life.
  Change on_deadline(engine::Context& context, std::size_t partner_index, const Links& links);

  // Messages of a system behind a proxy that judge_peer_message let pass, over this connection.

  /// Any of them.
  void heard(const engine::Context& context, std::string_view system_id);
  /// Answered at once.
  Change on_request(engine::Context& context, const wire::fb::Envelope& envelope,
                    const Links& links, ConnectionId connection);
  Change on_response(engine::Context& context, const wire::fb::Envelope& envelope,
                     const Session& session);
  /// True when it answers a sign of life of ours.
  bool is_asked(const wire::fb::Envelope& refusal) const;
  /// Somebody on the way, or the system itself, refused a message of ours.
  Change on_refusal(engine::Context& context, const wire::fb::Envelope& envelope);

  /// With space again: see Links::remember_next.
  std::optional<Greeting> remember_next(engine::Context& context);

  /// Null for systems that are no partners behind proxies.
  const Far* find(std::string_view system_id) const;
  bool is_up(std::string_view system_id) const;
  std::size_t count_up() const;

 private:
  void ask(engine::Context& context, const std::string& system_id, Far& far, ConnectionId over);
  void schedule(engine::Context& context, std::string_view system_id, const Far& far);
  bool fall(engine::Context& context, const std::string& system_id, Far& far, Cause cause);
  Change learn(engine::Context& context, const wire::fb::Envelope& envelope, std::uint32_t boots,
               Incarnation told, const Session& session);
  void rise(engine::Context& context, Far& far, Change& change);

  absl::btree_map<std::string, Far, std::less<>> far_;
  bool unremembered_ = false;  // some incarnation was told while space was low
};

}  // namespace bivouac::node
