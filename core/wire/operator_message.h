// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "core/base/bytes.h"
#include "core/base/cause.h"
#include "core/base/group_configuration.h"
#include "core/base/ids.h"
#include "core/base/key_envelope.h"
#include "core/base/result.h"
#include "core/base/user_profile.h"
#include "core/wire/deframer.h"
#include "core/wire/schema/operator_generated.h"

// The operator's socket: frames as on a link, with a root of their own. A deframer for it is told
// allow_large() at once, as the socket's file permissions have decided who may speak. Whatever is
// refused here closes the connection: the other end is our own program, and has a bug.

namespace bivouac::wire {

/// Subscriptions of partners in one answer.
inline constexpr std::size_t subscriptions_page_max = 1024;
/// Affiliations in one answer.
inline constexpr std::size_t affiliations_page_max = 256;

/// Verified and validated; borrows the frame.
Result<const fb::OperatorMessage*> verify_operator(const Frame& frame);
Cause validate(const fb::OperatorMessage& message);

/// The whole frame. A message that is too long for one becomes an OperationAnswer with
/// frame_too_long.
Bytes finish_operator_frame(flatbuffers::FlatBufferBuilder& builder,
                            flatbuffers::Offset<fb::OperatorMessage> message);
/// The same from the message inside, as in finish_operator_frame(builder, fb::CreateX(builder,
/// ...)).
template <class Body>
Bytes finish_operator_frame(flatbuffers::FlatBufferBuilder& builder,
                            flatbuffers::Offset<Body> body) {
  return finish_operator_frame(
      builder,
      fb::CreateOperatorMessage(builder, fb::OperatorBodyTraits<Body>::enum_value, body.Union()));
}

Bytes build_status_request();
Bytes build_watch_request();
Bytes build_group_list_request();
Bytes build_group_show_request(std::string_view group_id);
Bytes build_group_import_request(const GroupConfiguration& configuration);
Bytes build_group_remove_request(std::string_view group_id);
/// An empty partner: every partner that the rules name.
Bytes build_group_push_request(std::string_view group_id, std::string_view partner);
/// No service: the first one that has an MC service server there. At most one.
Bytes build_group_fetch_request(std::string_view group_id, Services service);
Bytes build_user_import_request(const UserProfile& profile);
Bytes build_user_list_request();
Bytes build_user_show_request(std::string_view mc_service_id);
Bytes build_user_remove_request(std::string_view mc_service_id);
/// The envelopes in their order.
Bytes build_group_keys_import_request(std::string_view group_id,
                                      std::span<const KeyEnvelope> envelopes);
Bytes build_group_keys_list_request(std::string_view group_id);
/// No GMK: all.
Bytes build_group_keys_remove_request(std::string_view group_id, GmkId gmk);
/// A lease of 0: as configured for the group's home.
Bytes build_group_subscribe_request(std::string_view group_id, std::uint32_t lease_s);
Bytes build_group_unsubscribe_request(std::string_view group_id);
/// From the beginning, or after what the answer before named.
Bytes build_subscription_list_request(std::uint32_t after_group, std::uint32_t after_system);
/// Which affiliations are asked for: of a user, to a group, only unsettled ones; all in the order
/// of their keys, behind the one named.
struct AffiliationQuestion {
  std::string mc_service_id{};  // empty: of all users
  std::string group_id{};       // empty: to all groups
  bool pending = false;
  std::uint32_t after_user = 0, after_group = 0, after_client = 0;
};
Bytes build_affiliation_list_request(const AffiliationQuestion& question);
/// An answer without partners; no group where it is about a user.
Bytes build_operation_answer(fb::OutcomeKind outcome, Cause cause, std::string_view group_id,
                             GroupVersion version);

}  // namespace bivouac::wire
