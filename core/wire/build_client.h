// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include "core/base/user_profile.h"
#include "core/wire/build.h"

// One builder per message between an MC service client and the servers of its MC system; each
// gives a whole frame, header included. An Address of theirs bears a client id.

namespace bivouac::wire {

/// What a client is given of a group. With key material the frame may be longer than frames may be.
struct GivenConfiguration {
  const GroupConfiguration* configuration = nullptr;
  std::uint64_t digest = 0;
  bool stale = false;                      // its home was not reached since
  std::uint64_t age_ms = 0;                // since its home was in reach; 0 unless stale
  std::span<const KeyEnvelope> keys = {};  // of the client's user, with a configuration only
};

Bytes build_client_hello(std::string_view mc_service_id, std::string_view client_id,
                         Incarnation incarnation);
/// No services: all of the profile.
Bytes build_log_on_request(const Address& address, Services services_requested);
/// A profile only with success.
Bytes build_log_on_response(const Address& address, Cause cause, Services services,
                            const UserProfile* profile);
/// The client's own wish has no cause, the server's has one.
Bytes build_log_off_request(const Address& address, Cause cause);
Bytes build_log_off_response(const Address& address, Cause cause);
Bytes build_client_get_group_configuration_request(const Address& address,
                                                   std::string_view group_id);
Bytes build_client_get_group_configuration_response(const Address& address,
                                                    std::string_view group_id, Cause cause,
                                                    const GivenConfiguration& given);
Bytes build_subscribe_group_configuration_request(const Address& address, std::string_view group_id,
                                                  std::uint64_t known_digest, bool unsubscribe);
Bytes build_subscribe_group_configuration_response(const Address& address,
                                                   std::string_view group_id, Cause cause);
/// With a cause: withdrawn. Without a configuration: the known one became stale or fresh.
Bytes build_client_notify_group_configuration_request(const Address& address,
                                                      std::string_view group_id, Cause withdrawn,
                                                      const GivenConfiguration& given);
Bytes build_client_notify_group_configuration_response(const Address& address,
                                                       std::string_view group_id, Cause cause);

}  // namespace bivouac::wire
