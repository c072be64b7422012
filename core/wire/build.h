// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/cause.h"
#include "core/base/group_configuration.h"
#include "core/base/ids.h"
#include "core/base/key_envelope.h"
#include "core/wire/schema/envelope_generated.h"

// One builder per message; each gives a whole frame, header included.

namespace bivouac::wire {

/// Told in Hello; both ends must speak the same one.
inline constexpr std::uint16_t protocol_version = 1;

/// Who asks whom; the same in an answer as in its request, `origin` and `target` swapped.
struct Address {
  std::string_view origin;
  std::string_view target;
  ExchangeId exchange;
  Incarnation origin_incarnation;
  ExchangeId answered_up_to;
  std::uint32_t remaining_ms = 0;
  std::string_view client_id = {};        // where one end is an MC service client
  Incarnation answerer_incarnation = {};  // in answers; none where a proxy refuses
  std::uint32_t frame_bytes_max = 0;      // in signs of life through proxies
};

/// The address of the answer to a request, by a system whose store has this incarnation.
Address answer_to(const fb::Envelope& request, Incarnation answerer);

Bytes build_hello(std::string_view system_id, Incarnation incarnation);
Bytes build_heartbeat(std::uint64_t sent_ms, std::uint64_t echo_ms);
Bytes build_refusal(const Address& address, Cause cause);
Bytes build_presence_request(const Address& address, std::uint32_t boots);
Bytes build_presence_response(const Address& address, std::uint32_t boots);

/// A null configuration makes a tombstone.
Bytes build_group_configuration_provision_request(const Address& address, std::string_view group_id,
                                                  ExposedRevision revision,
                                                  const GroupConfiguration* configuration);
Bytes build_group_configuration_provision_response(const Address& address,
                                                   std::string_view group_id, Cause cause);
Bytes build_group_configuration_request(const Address& address, std::string_view group_id,
                                        Services services_requested, ExposedRevision known);
/// Success: cause none; a null configuration then says that the known revision is the newest.
Bytes build_group_configuration_response(const Address& address, std::string_view group_id,
                                         Cause cause, ExposedRevision revision,
                                         const GroupConfiguration* configuration);

/// One group of a subscription.
struct SubscribedGroup {
  std::string group_id;
  ExposedRevision known;
};
/// What is asked for all groups of one message.
struct SubscriptionTerms {
  std::uint32_t lease_s = 0;
  std::uint32_t interval_min_ms = 0;
  Incarnation known_incarnation;
};
/// The groups ascend; at least one.
Bytes build_group_information_subscribe_request(const Address& address,
                                                const std::vector<SubscribedGroup>& groups,
                                                const SubscriptionTerms& terms);
struct SubscriptionOutcome {
  std::string group_id;
  Cause cause = Cause::none;
  ExposedRevision revision;
};
/// The first outcome is of the request's own group, the rest of further ones that need saying.
Bytes build_group_information_subscribe_response(const Address& address, std::uint32_t lease_s,
                                                 const std::vector<SubscriptionOutcome>& outcomes);
/// A null configuration makes a tombstone.
Bytes build_group_information_notify_request(const Address& address, std::string_view group_id,
                                             ExposedRevision revision,
                                             const GroupConfiguration* configuration,
                                             const std::vector<KeyEnvelope>* keys = nullptr);
Bytes build_group_information_notify_response(const Address& address, std::string_view group_id,
                                              Cause cause);
Bytes build_get_group_configuration_request(const Address& address, std::string_view group_id,
                                            Services services_requested, bool refresh);
Bytes build_get_group_configuration_response(const Address& address, std::string_view group_id,
                                             Cause cause, const GroupConfiguration* configuration,
                                             std::uint64_t stale_since_ms);
/// A null configuration says that the group was withdrawn.
Bytes build_notify_group_configuration_request(const Address& address, std::string_view group_id,
                                               Service service,
                                               const GroupConfiguration* configuration);
Bytes build_notify_group_configuration_response(const Address& address, std::string_view group_id,
                                                Cause cause);

}  // namespace bivouac::wire
