// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

// Every maximum of the product, with its unit last in the name. What overflows is refused with a
// Cause and counted; nothing is cut off silently (decision 13).

namespace bivouac::limits {

// Identities and texts
inline constexpr std::size_t identity_bytes_max = 160;
inline constexpr std::size_t display_name_bytes_max = 160;
inline constexpr std::size_t identities_max = 65'536;  // interned: groups, users and MC systems
inline constexpr std::size_t functional_aliases_max = 32;
inline constexpr std::size_t area_corners_max = 15;  // XML schema of TS 24.481: 3 to 15
inline constexpr std::size_t area_corners_min = 3;
inline constexpr std::uint32_t area_coordinate_max = 16'777'215;

// Groups
inline constexpr std::size_t groups_max = 1024;
inline constexpr std::size_t group_members_max = 2000;
inline constexpr std::size_t stale_groups_shown_max = 128;  // in one status

// Users that are served here
inline constexpr std::size_t users_max = 1024;
inline constexpr std::size_t profile_groups_max = 256;  // of one user

// MC service clients
inline constexpr std::size_t client_id_bytes_max = 64;
inline constexpr std::size_t clients_max = 512;  // logged on
inline constexpr std::size_t clients_per_user_max = 8;
inline constexpr std::size_t client_sessions_max = 640;  // some end while others begin
inline constexpr std::size_t sessions_per_user_max = 12;
inline constexpr std::size_t client_subscriptions_max = 256;           // of one client
inline constexpr std::size_t client_notifications_on_the_way_max = 2;  // to one client
inline constexpr std::size_t client_gets_max = 4;                      // of one client, that wait
inline constexpr std::size_t prefetches_on_the_way_max = 8;

// Affiliation
inline constexpr std::size_t affiliations_max = 65'536;         // of users, groups and clients
inline constexpr std::size_t affiliation_groups_max = 16;       // in one message
inline constexpr std::size_t affiliation_clients_max = 12;      // of one user, for one group
inline constexpr std::size_t affiliations_per_user_max = 2048;  // groups and clients
inline constexpr std::size_t affiliation_requests_max = 2;      // of one client, that wait
inline constexpr std::size_t status_subscriptions_max = 64;     // of one client, to users
inline constexpr std::size_t exchanged_users_max = 128;         // in one message
inline constexpr std::size_t exchanged_affiliations_max = 512;  // of all but the first of them

// Key material
inline constexpr std::size_t key_envelope_bytes_max = 4 * 1024;
inline constexpr std::size_t key_envelopes_per_group_max = 4096;  // two keys for each member
inline constexpr std::size_t group_keys_bytes_max = 384 * 1024;   // identities and envelopes

// Frames
inline constexpr std::size_t frame_header_bytes = 8;
inline constexpr std::size_t frame_bytes_max = 768 * 1024;  // body after the header
inline constexpr std::size_t frame_bytes_before_hello_max = 1024;
inline constexpr std::size_t connection_buffer_bytes = 4 * 1024;
inline constexpr std::size_t large_frames_max = 8;  // borrowed at once, all connections together
inline constexpr std::uint8_t hops_max = 4;

// Peers and connections
inline constexpr std::size_t partners_max = 1024;
inline constexpr std::size_t addresses_per_partner_max = 4;
inline constexpr std::size_t connections_max = 2048;
inline constexpr std::size_t sessions_per_partner_max = 4;
inline constexpr std::size_t operator_connections_max = 8;
inline constexpr std::size_t patterns_max = 64;  // per right of one partner

// Exchanges
inline constexpr std::size_t exchanges_per_peer_max = 256;  // window of stored answers per origin
inline constexpr std::size_t provisions_in_flight_max = 4;  // per partner
inline constexpr std::size_t provision_bytes_in_flight_max =
    512 * 1024;                                         // per partner, then one more
inline constexpr std::int64_t push_partners_max = 32;   // of one operator's push
inline constexpr std::size_t pulls_max = 128;           // single flights at once
inline constexpr std::size_t pull_waiters_max = 16;     // per single flight
inline constexpr std::size_t unknown_groups_max = 256;  // negative cache

// Subscriptions (10.2.7.4)
inline constexpr std::size_t subscriptions_max = 65'536;  // of all partners to groups of ours
inline constexpr std::size_t subscriptions_per_partner_max = 1024;
inline constexpr std::size_t wishes_max = 2048;             // groups of partners, wanted or not
inline constexpr std::size_t subscribe_groups_max = 32;     // in one message
inline constexpr std::size_t subscribes_in_flight_max = 2;  // messages, per home
inline constexpr std::int64_t renewal_min_ms = 20'000;      // of a lease that the home cut short
inline constexpr std::uint32_t lease_min_s = 60;
inline constexpr std::uint32_t lease_max_s = 604'800;
inline constexpr std::uint32_t lease_default_s = 3'600;
inline constexpr std::uint32_t notify_interval_max_ms = 3'600'000;
inline constexpr std::uint32_t notify_failures_max = 5;  // one after another

// One step, one batch
inline constexpr std::size_t effects_max = 256;
inline constexpr std::size_t batch_steps_max = 256;
inline constexpr std::size_t batch_bytes_max = 1024 * 1024;
inline constexpr std::size_t staged_send_bytes_max = 4 * 1024 * 1024;

// Outgoing queue of one connection
inline constexpr std::size_t queue_bytes_max = 2 * 1024 * 1024;
inline constexpr std::size_t queue_frames_max = 1024;
// Of that, what a proxy has forwarded and what has not left yet.
inline constexpr std::size_t forward_bytes_max = 1024 * 1024;
inline constexpr std::size_t forward_frames_max = 256;

// Times, in milliseconds
inline constexpr std::int64_t heartbeat_ms = 10'000;
inline constexpr std::int64_t peer_dead_ms = 30'000;
inline constexpr std::int64_t hello_ms = 10'000;
inline constexpr std::int64_t presence_ms = 10'000;       // signs of life through proxies
inline constexpr std::int64_t presence_again_ms = 1'000;  // not sooner, whatever happens
inline constexpr std::int64_t dial_first_ms = 1'000;
inline constexpr std::int64_t dial_cap_ms = 30'000;
inline constexpr std::int64_t exchange_ms = 10'000;            // one try of a request to a peer
inline constexpr std::int64_t exchange_lifetime_ms = 600'000;  // all tries, from the first one on
inline constexpr std::int64_t answer_kept_ms = 660'000;  // then its retry cannot come any more
inline constexpr std::int64_t push_again_passing_ms = 30'000;    // the partner had no room
inline constexpr std::int64_t push_again_ms = 900'000;           // the partner refused
inline constexpr std::int64_t operation_ms = 12'000;             // an operator waits for partners
inline constexpr std::int64_t housekeeping_ms = 3'600'000;       // what nobody needs is given up
inline constexpr std::int64_t housekeeping_scarce_ms = 60'000;   // the same, identities are scarce
inline constexpr std::int64_t unknown_group_ms = 10'000;         // negative cache
inline constexpr std::int64_t affiliation_grace_ms = 3'600'000;  // of a client that is gone

// Persisted record values
inline constexpr std::size_t record_bytes_max = 1024 * 1024;

static_assert(frame_bytes_max <= record_bytes_max);
static_assert(affiliation_groups_max * affiliation_clients_max < effects_max);
static_assert(frame_bytes_max <= queue_bytes_max);
static_assert(client_notifications_on_the_way_max * frame_bytes_max <= queue_bytes_max);
static_assert(provision_bytes_in_flight_max + frame_bytes_max <= queue_bytes_max);
static_assert(frame_header_bytes + frame_bytes_max <= forward_bytes_max);
static_assert(forward_bytes_max < queue_bytes_max && forward_frames_max < queue_frames_max);
static_assert(answer_kept_ms >= exchange_lifetime_ms + peer_dead_ms);
static_assert(peer_dead_ms >= 3 * heartbeat_ms);
static_assert(peer_dead_ms >= 3 * presence_ms);

}  // namespace bivouac::limits
