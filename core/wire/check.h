// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "core/base/cause.h"
#include "core/base/identity.h"
#include "core/base/limits.h"
#include "core/wire/schema/affiliation_generated.h"
#include "core/wire/schema/common_generated.h"
#include "core/wire/structure.h"

// The tools of the validators of core/wire; not for other layers.

namespace bivouac::wire {

inline std::string_view text_of(const flatbuffers::String* text) {
  return text == nullptr ? "" : text->string_view();
}

template <class Enum>
constexpr auto number_of(Enum value) {
  return std::to_underlying(value);
}

/// Only bits that the schema names.
template <class Flags>
constexpr bool known_bits(Flags flags) {
  return (number_of(flags) & ~number_of(Flags::ANY)) == 0;
}

/// Runs checks until one fails and keeps its cause. Every check answers whether all is well still,
/// so that they chain with &&, cheap ones first.
class Check {
 public:
  Cause cause() const { return cause_; }

  bool that(bool holds, Cause otherwise) {
    if (!holds && cause_ == Cause::none) cause_ = otherwise;
    return holds;
  }
  bool in_range(bool holds) { return that(holds, Cause::value_out_of_range); }
  bool present(const void* field) { return that(field != nullptr, Cause::field_missing); }

  bool optional_identity(const flatbuffers::String* text) {
    return text_of(text).empty() ||
           that(is_canonical_identity(text->string_view()), Cause::identity_malformed);
  }
  bool identity(const flatbuffers::String* text) {
    return that(!text_of(text).empty(), Cause::field_missing) && optional_identity(text);
  }
  bool optional_system(const flatbuffers::String* text) {
    return text_of(text).empty() ||
           that(is_canonical_system(text->string_view()), Cause::identity_malformed);
  }
  bool system(const flatbuffers::String* text) {
    return that(!text_of(text).empty(), Cause::field_missing) && optional_system(text);
  }
  /// What a client calls itself: no more than a name.
  bool client_id(const flatbuffers::String* text) {
    return that(!text_of(text).empty(), Cause::field_missing) &&
           in_range(text_of(text).size() <= limits::client_id_bytes_max) &&
           that(is_clean_text(text_of(text)), Cause::text_malformed);
  }
  bool text(const flatbuffers::String* text) {
    return in_range(text_of(text).size() <= limits::display_name_bytes_max) &&
           that(is_clean_text(text_of(text)), Cause::text_malformed);
  }

  template <class Element>
  bool vector(const flatbuffers::Vector<Element>* vector, std::size_t count_max, Cause too_many) {
    return vector == nullptr || (that(vector->size() <= count_max, too_many) &&
                                 that(elements_aligned(*vector), Cause::vector_misaligned));
  }

 private:
  Cause cause_ = Cause::none;
};

template <class Element>
std::size_t size_of(const flatbuffers::Vector<Element>* vector) {
  return vector == nullptr ? 0 : vector->size();
}

/// Success has no cause, anything else has one.
inline bool check_outcome(Check& check, fb::Result result, std::uint16_t cause) {
  return check.in_range((result == fb::Result::success) == (cause == 0));
}

struct ConfigurationRules {
  bool alias_allowed = false;
  bool home_required = true;
};

inline constexpr ConfigurationRules between_systems{};
inline constexpr ConfigurationRules within_system{.alias_allowed = true};
/// The daemon fills in the home of a group that the operator defines.
inline constexpr ConfigurationRules from_operator{.home_required = false};

bool check_configuration(Check& check, const fb::GroupConfiguration& configuration,
                         const ConfigurationRules& rules);
struct ProfileRules {
  bool servers_required = true;
};

inline constexpr ProfileRules complete_profile{};
/// The daemon fills in the server of a group where none is given.
inline constexpr ProfileRules profile_from_operator{.servers_required = false};

bool check_profile(Check& check, const fb::UserProfile& profile, const ProfileRules& rules);
/// In their order, each within its limit, and all together.
bool check_key_envelopes(
    Check& check, const flatbuffers::Vector<flatbuffers::Offset<fb::KeyEnvelope>>* envelopes);
/// A list of groups as a request has it: one at least. That one is there twice is no matter of
/// the message, but of that group.
bool check_group_ids(
    Check& check, const flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>* group_ids);
/// The statuses that a message may bear, as bits 1 << AffiliationStatus.
struct AffiliationRules {
  unsigned statuses = 0;
  std::size_t groups_min = 1;
  std::size_t groups_max = limits::affiliation_groups_max;
  bool client_ids = false;  // then the list ascends, by group and client
};
bool check_affiliations(
    Check& check, const flatbuffers::Vector<flatbuffers::Offset<fb::GroupAffiliation>>* groups,
    const AffiliationRules& rules);
/// Exactly one MC service.
bool check_one_service(Check& check, fb::Services service);

}  // namespace bivouac::wire
