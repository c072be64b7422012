// SPDX-License-Identifier: Apache-2.0
#include "core/wire/check.h"

namespace bivouac::wire {
namespace {

using flatbuffers::uoffset_t;

bool may_be(const AffiliationRules& rules, fb::AffiliationStatus status) {
  return status <= fb::AffiliationStatus::MAX && (rules.statuses >> number_of(status) & 1U) != 0;
}

/// A refusal has a cause; what is as it was asked for has none.
bool check_cause(Check& check, const fb::GroupAffiliation& one) {
  if (one.status() == fb::AffiliationStatus::rejected) return check.in_range(one.cause() != 0);
  const bool settled = one.status() == fb::AffiliationStatus::affiliated ||
                       one.status() == fb::AffiliationStatus::not_affiliated;
  return check.in_range(!settled || one.cause() == 0);
}

bool check_affiliation(Check& check, const fb::GroupAffiliation& one,
                       const AffiliationRules& rules) {
  // An affiliation covers at least one service of its group.
  const bool holds = one.status() == fb::AffiliationStatus::affiliated;
  return check.identity(one.group_id()) && check.in_range(may_be(rules, one.status())) &&
         check_cause(check, one) && check.in_range(known_bits(one.services())) &&
         check.in_range(!holds || one.services() != fb::Services::NONE) &&
         (rules.client_ids ? text_of(one.client_id()).empty() || check.client_id(one.client_id())
                           : check.in_range(text_of(one.client_id()).empty()));
}

bool ascends(const fb::GroupAffiliation* before, const fb::GroupAffiliation& one) {
  if (before == nullptr) return true;
  const int order = text_of(before->group_id()).compare(text_of(one.group_id()));
  return order < 0 || (order == 0 && text_of(before->client_id()) < text_of(one.client_id()));
}

}  // namespace

bool check_group_ids(
    Check& check, const flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>* group_ids) {
  if (!check.present(group_ids) || !check.that(size_of(group_ids) != 0, Cause::field_missing) ||
      !check.vector(group_ids, limits::affiliation_groups_max, Cause::too_many_elements)) {
    return false;
  }
  for (std::size_t i = 0; i < size_of(group_ids); ++i) {
    if (!check.identity(group_ids->Get(static_cast<uoffset_t>(i)))) return false;
  }
  return true;
}

bool check_affiliations(
    Check& check, const flatbuffers::Vector<flatbuffers::Offset<fb::GroupAffiliation>>* groups,
    const AffiliationRules& rules) {
  if (!check.that(size_of(groups) >= rules.groups_min, Cause::field_missing) ||
      !check.vector(groups, rules.groups_max, Cause::too_many_elements)) {
    return false;
  }
  const fb::GroupAffiliation* before = nullptr;
  for (std::size_t i = 0; i < size_of(groups); ++i) {
    const auto& one = *groups->Get(static_cast<uoffset_t>(i));
    if (!check_affiliation(check, one, rules)) return false;
    if (rules.client_ids && !check.in_range(ascends(before, one))) return false;
    before = &one;
  }
  return true;
}

}  // namespace bivouac::wire
