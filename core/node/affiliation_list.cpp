// SPDX-License-Identifier: Apache-2.0
#include "core/node/affiliation_list.h"

#include <algorithm>
#include <optional>
#include <vector>

#include <absl/container/btree_map.h>

#include "core/engine/user_record.h"
#include "core/gms/group_record.h"
#include "core/mcs/own/taking_part.h"
#include "core/store/record.h"
#include "core/wire/operator_message.h"

namespace bivouac::node {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;
using mcs::Affiliation;
using mcs::Affiliations;

/// A question that few records answer must not hold up the loop: then a page is short, or empty.
constexpr std::size_t records_looked_at_max = 4096;

struct Areas {
  bool permitted = false;
  bool mandatory = false;
};

/// What the list is asked for, in numbers.
struct Wanted {
  IdentityNumber user;   // none: all
  IdentityNumber group;  // none: all
  bool pending = false;

  bool has(const Affiliation& one) const {
    return (!group.is_set() || one.group == group) && (!pending || one.is_pending());
  }
};

std::string_view text_of(const flatbuffers::String* text) {
  return text == nullptr ? std::string_view() : text->string_view();
}

std::string_view system_of(const engine::Context& context, const engine::Partner* partner) {
  return partner == nullptr ? context.self() : std::string_view(partner->system_id);
}

/// Served here, claimed by a partner, or with something left of earlier times.
bool is_known_user(const engine::Context& context, std::string_view user) {
  return engine::find_user(context, user) != nullptr ||
         context.configuration.home_of_user(user) != nullptr ||
         !context.view
              .scan(store::prefix(store::RecordKind::affiliation,
                                  context.identities.find(user).value))
              .empty();
}

bool is_known_group(const engine::Context& context, const Affiliations& affiliations,
                    std::string_view group_id) {
  return gms::find_group(context, group_id) ||
         context.configuration.home_of_group(group_id) != nullptr ||
         !affiliations.users_of(context.identities.find(group_id)).empty();
}

Cause judge(const engine::Context& context, const Affiliations& affiliations,
            const wire::fb::AffiliationListRequest& request) {
  const std::string_view user = text_of(request.mc_service_id());
  if (!user.empty() && !is_known_user(context, user)) return Cause::user_unknown;
  const std::string_view group_id = text_of(request.group_id());
  if (!group_id.empty() && !is_known_group(context, affiliations, group_id))
    return Cause::group_unknown;
  return Cause::none;
}

/// Of the effective configuration, where the group is stored.
Areas areas_of(const engine::Context& context, IdentityNumber group) {
  const auto* record = store::find<store::fb::Group>(context.view, store::group_key(group));
  const auto* original = record == nullptr ? nullptr : gms::view_original(*record);
  if (original == nullptr) return {};
  const auto* overlay = record->overlay();
  const bool overlaid = overlay != nullptr && (overlay->permitted_corners() != nullptr ||
                                               overlay->permitted_arc() != nullptr);
  return {overlaid || original->permitted_area() != nullptr, original->mandatory_area() != nullptr};
}

/// A page under construction.
class Page {
 public:
  explicit Page(const engine::Context& context) : context_(context) {}

  void add(IdentityNumber user, const Affiliation& one) {
    auto [areas, is_new] = areas_.try_emplace(one.group);
    if (is_new) areas->second = areas_of(context_, one.group);
    const std::string_view user_id = text(user);
    const std::string_view group_id = text(one.group);
    const engine::Partner* of_user = context_.configuration.home_of_user(user_id);
    const engine::Partner* of_group = context_.configuration.home_of_group(group_id);
    const auto mc_service_id = builder_.CreateString(user_id);
    const auto user_home = builder_.CreateString(system_of(context_, of_user));
    const auto client_id = builder_.CreateString(text(one.client));
    const auto group = builder_.CreateString(group_id);
    const auto group_home = builder_.CreateString(system_of(context_, of_group));
    const auto changed_by = builder_.CreateString(text(one.changed_by));
    states_.push_back(wire::fb::CreateAffiliationState(
        builder_, mc_service_id, user_home, client_id, group, group_home,
        static_cast<wire::fb::AffiliationStatus>(one.status), static_cast<std::uint16_t>(one.cause),
        one.sources.bits,
        static_cast<wire::fb::Services>(mcs::own::taken_part_in(context_, user_id, one).bits),
        changed_by, one.changed_wall_ms, areas->second.permitted, areas->second.mandatory,
        of_user == nullptr, of_group == nullptr));
  }
  bool is_full() const { return states_.size() == wire::affiliations_page_max; }

  /// `next`: where to go on; none when this is all.
  Bytes finish(const std::optional<store::Key>& next, std::string_view user) {
    const auto states = builder_.CreateVector(states_);
    const auto* profile = user.empty() ? nullptr : engine::find_user(context_, user);
    const engine::Partner* partner =
        user.empty() ? nullptr : context_.configuration.home_of_user(user);
    const auto user_home = user.empty() ? Offset<flatbuffers::String>{}
                                        : builder_.CreateString(system_of(context_, partner));
    const auto number = [&next](std::size_t at) { return next ? next->number_at(at) : 0; };
    const auto body = wire::fb::CreateAffiliationListAnswer(
        builder_, states, number(4), number(8), number(12), user_home,
        profile != nullptr && partner == nullptr ? profile->affiliations_max() : 0,
        partner == nullptr);
    return wire::finish_operator_frame(builder_, body);
  }

 private:
  std::string_view text(IdentityNumber number) const {
    return context_.identities.text(context_.view, number);
  }

  const engine::Context& context_;
  FlatBufferBuilder builder_{4096};
  std::vector<Offset<wire::fb::AffiliationState>> states_;
  absl::btree_map<IdentityNumber, Areas> areas_;
};

}  // namespace

Bytes build_affiliation_list(const engine::Context& context, const Affiliations& affiliations,
                             const wire::fb::AffiliationListRequest& request) {
  const std::string_view user = text_of(request.mc_service_id());
  const std::string_view group_id = text_of(request.group_id());
  if (const Cause cause = judge(context, affiliations, request); cause != Cause::none)
    return wire::build_operation_answer(wire::fb::OutcomeKind::failed, cause, group_id, {});
  const Wanted wanted{context.identities.find(user), context.identities.find(group_id),
                      request.pending()};
  Page page(context);
  // Known by a partner's pattern alone: there is nothing of it.
  const bool nothing =
      (!user.empty() && !wanted.user.is_set()) || (!group_id.empty() && !wanted.group.is_set());
  if (nothing) return page.finish(std::nullopt, user);
  const store::Prefix prefix =
      user.empty() ? store::prefix(store::RecordKind::affiliation)
                   : store::prefix(store::RecordKind::affiliation, wanted.user.value);
  store::Key last = store::affiliation_key({request.after_user()}, {request.after_group()},
                                           {request.after_client()});
  std::size_t looked_at = 0;
  for (const auto& [key, value] : context.view.scan_after(prefix, last)) {
    if (page.is_full() || looked_at++ == records_looked_at_max) return page.finish(last, user);
    const Affiliation one = mcs::read_affiliation(key, store::get<store::fb::Affiliation>(value));
    if (wanted.has(one)) page.add({key.number_at(4)}, one);
    last = key;
  }
  return page.finish(std::nullopt, user);
}

std::size_t count_hosted_users(const engine::Context& context) {
  const auto users = Affiliations::users_after(context, {}, limits::affiliations_max);
  return static_cast<std::size_t>(std::ranges::count_if(users, [&](IdentityNumber user) {
    // Our own are many more; to see that there is a profile costs less than to look for a home.
    return context.view.find(store::user_key(user)) == nullptr &&
           context.configuration.home_of_user(context.identities.text(context.view, user)) !=
               nullptr;
  }));
}

CountList pack_affiliation_counts(FlatBufferBuilder& builder, const Affiliations& affiliations) {
  std::vector<Offset<wire::fb::NamedCount>> counts;
  for (const auto status : {AffiliationStatus::affiliated, AffiliationStatus::affiliating,
                            AffiliationStatus::deaffiliating}) {
    const auto text = builder.CreateString(name(status));
    counts.push_back(wire::fb::CreateNamedCount(builder, text, affiliations.count(status)));
  }
  return builder.CreateVector(counts);
}

CountList pack_affiliation_refusals(FlatBufferBuilder& builder, const Affiliations& affiliations) {
  std::vector<Offset<wire::fb::NamedCount>> counts;
  for (const auto& [cause, count] : affiliations.refusals()) {
    const auto text = builder.CreateString(name(cause));
    counts.push_back(wire::fb::CreateNamedCount(builder, text, count));
  }
  return builder.CreateVector(counts);
}

}  // namespace bivouac::node
