// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/base/affiliation.h"
#include "core/wire/build.h"

// One builder per message of affiliation and de-affiliation (10.X.2); each gives a whole frame,
// header included. Lists hold one group at least and limits::affiliation_groups_max at most.

namespace bivouac::wire {

using GroupIdList = std::span<const std::string>;
using GroupAffiliationList = std::span<const GroupAffiliation>;

/// Which of a user's clients, between systems; empty: all of them (F24).
struct AffiliatedClient {
  std::string_view mc_service_id;
  std::string_view client_id = {};
};

// Between an MC service client and the MC service server of its system. An Address of theirs bears
// the client id.
Bytes build_client_group_affiliation_request(const Address& address, std::string_view mc_service_id,
                                             GroupIdList group_ids);
Bytes build_client_group_affiliation_response(const Address& address,
                                              std::string_view mc_service_id,
                                              GroupAffiliationList groups);
Bytes build_client_group_deaffiliation_request(const Address& address,
                                               std::string_view mc_service_id,
                                               GroupIdList group_ids, DeaffiliationScope scope);
Bytes build_client_group_deaffiliation_response(const Address& address,
                                                std::string_view mc_service_id,
                                                GroupAffiliationList groups,
                                                DeaffiliationScope scope);
Bytes build_client_group_deaffiliation_notification(const Address& address,
                                                    std::string_view mc_service_id,
                                                    GroupAffiliationList groups);
Bytes build_subscribe_affiliation_status_request(const Address& address,
                                                 std::string_view mc_service_id, bool unsubscribe);
/// Groups only with success; they ascend by group, then by client.
Bytes build_subscribe_affiliation_status_response(const Address& address,
                                                  std::string_view mc_service_id, Cause cause,
                                                  GroupAffiliationList groups);
Bytes build_client_notify_affiliation_status_request(const Address& address,
                                                     std::string_view mc_service_id,
                                                     GroupAffiliationList groups);
/// The client will not be told of this user any more, for the cause.
Bytes build_client_notify_affiliation_status_request(const Address& address,
                                                     std::string_view mc_service_id, Cause ended);
Bytes build_client_notify_affiliation_status_response(const Address& address,
                                                      std::string_view mc_service_id, Cause cause);

// Between the MC service servers of two systems.
Bytes build_group_affiliation_request(const Address& address, const AffiliatedClient& client,
                                      GroupIdList group_ids, Services services);
Bytes build_group_affiliation_response(const Address& address, const AffiliatedClient& client,
                                       GroupAffiliationList groups);
/// The scope follows from the client: one of the user's, or all.
Bytes build_group_deaffiliation_request(const Address& address, const AffiliatedClient& client,
                                        GroupIdList group_ids, EndedBy by);
Bytes build_group_deaffiliation_response(const Address& address, const AffiliatedClient& client,
                                         GroupAffiliationList groups);

/// F7. Users and their groups ascend; limits::exchanged_users_max at most.
Bytes build_group_affiliation_exchange_request(const Address& address,
                                               std::span<const AffiliatedUser> users,
                                               std::string_view after, std::string_view until);
Bytes build_group_affiliation_exchange_response(const Address& address,
                                                std::span<const HostedUser> users,
                                                std::string_view until);
Bytes build_group_affiliation_exchange_notification(const Address& address);

// From an MC service server to its group management server.
Bytes build_group_affiliation_status_update(const Address& address, std::string_view mc_service_id,
                                            GroupAffiliationList groups);
Bytes build_group_deaffiliation_status_update(const Address& address,
                                              std::string_view mc_service_id,
                                              GroupAffiliationList groups);

}  // namespace bivouac::wire
