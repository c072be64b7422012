// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include <absl/container/btree_map.h>

#include "core/base/service.h"
#include "core/base/time.h"

namespace bivouac::engine {

/// One of the MC service clients of a user, by the id that it gave itself.
struct ClientAddress {
  std::string mc_service_id;
  std::string client_id;
  friend auto operator<=>(const ClientAddress&, const ClientAddress&) = default;
};

struct LogOn {
  Services services;  // that the client was authorised for
  MonoMs since;
};

/// Which MC service clients are logged on now. The MC service server decides it, every server here
/// may ask. It lives as long as the process: after a restart the clients log on again.
class LogOns {
 public:
  using Clients = absl::btree_map<ClientAddress, LogOn>;

  void enter(const ClientAddress& client, const LogOn& log_on) { clients_[client] = log_on; }
  /// False when it was not logged on.
  bool leave(const ClientAddress& client) { return clients_.erase(client) != 0; }
  /// Null when it is not logged on.
  const LogOn* find(const ClientAddress& client) const {
    const auto found = clients_.find(client);
    return found == clients_.end() ? nullptr : &found->second;
  }
  /// The clients of one user, from the first to the one behind the last.
  std::pair<Clients::const_iterator, Clients::const_iterator> of(
      std::string_view mc_service_id) const {
    const auto first = clients_.lower_bound(ClientAddress{std::string(mc_service_id), {}});
    auto last = first;
    while (last != clients_.end() && last->first.mc_service_id == mc_service_id) ++last;
    return {first, last};
  }
  std::size_t count_of(std::string_view mc_service_id) const {
    const auto [first, last] = of(mc_service_id);
    return static_cast<std::size_t>(std::distance(first, last));
  }
  const Clients& all() const { return clients_; }

 private:
  Clients clients_;
};

}  // namespace bivouac::engine
