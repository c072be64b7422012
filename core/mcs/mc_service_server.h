// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "core/engine/context.h"
#include "core/mcs/own/prefetch.h"

namespace bivouac::mcs {

/// The MC service servers of one MC system, one per MC service: each keeps the policy of the groups
/// that it serves, as its group management server tells it, and asks for what it lacks. They never
/// see group key material (decision 10). Dispatch only.
class McServiceServer {
 public:
  /// What a server was not told in full in an earlier run, by a store that was salvaged since, it
  /// forgets: its group management server tells it anew.
  void start(Services told) { doubted_.bits = Services::all().bits & ~told.bits & 0xFFU; }
  /// False when the message is not for an MC service server.
  bool on_message(engine::Context& context, const wire::fb::Envelope& envelope);
  /// One slice of long work; true when more can be done at once.
  bool go_on(engine::Context& context);
  /// The client's session ended.
  void on_client_gone(engine::Context& context, const engine::ClientAddress& client);
  /// The user's profile, or what it is judged by, changed.
  void on_user_changed(engine::Context& context, std::string_view mc_service_id);
  void on_link_up(const engine::Context& context) { prefetch_.link_came_up(context); }
  void on_timeout(engine::Context& context, ExchangeId id, const engine::Exchange& exchange);

 private:
  Services doubted_;
  own::Prefetch prefetch_;
};

}  // namespace bivouac::mcs
