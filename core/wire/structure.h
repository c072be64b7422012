// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <flatbuffers/flatbuffers.h>

#include "core/base/assert.h"
#include "core/base/bytes.h"
#include "core/base/limits.h"
#include "core/base/result.h"
#include "core/wire/references.h"

// What the schemas allow a buffer to look like, as numbers for the FlatBuffers verifier. Its own
// defaults (64 deep, a million tables) are no limit for a small box.
// tests/unit/wire/structure_test.cpp holds these numbers against real messages; FORMAT.md explains
// them.

namespace bivouac::wire {

/// Tables on the longest path: envelope, message, configuration, area, corner.
inline constexpr std::uint32_t link_depth_max = 5;
/// The same length: operator's message, answer, configuration, area, corner.
inline constexpr std::uint32_t operator_depth_max = 5;
inline constexpr std::uint32_t configuration_depth_max = 3;

inline constexpr std::uint32_t area_tables_max = 1 + limits::area_corners_max + 1;
/// Members count twice, so that a list that is somewhat too long is answered with too_many_members
/// instead of losing the link; one that is far too long is taken for an attack.
inline constexpr std::uint32_t configuration_tables_max =
    1 + 2 * area_tables_max + 2 * static_cast<std::uint32_t>(limits::group_members_max);
/// Groups count twice as well. A profile is as deep as a message with members.
inline constexpr std::uint32_t profile_depth_max = 2;
inline constexpr std::uint32_t profile_tables_max =
    1 + 2 * static_cast<std::uint32_t>(limits::profile_groups_max);
/// GroupInformationNotifyRequest is the largest: a configuration, and key material.
inline constexpr std::uint32_t link_tables_max =
    2 + configuration_tables_max + static_cast<std::uint32_t>(limits::key_envelopes_per_group_max);
/// GroupShowAnswer is the largest: a summary, two configurations, one exposure per partner.
inline constexpr std::uint32_t operator_tables_max =
    3 + 2 * configuration_tables_max + static_cast<std::uint32_t>(limits::partners_max);
static_assert(operator_tables_max > 2 + limits::groups_max);  // GroupListAnswer
static_assert(operator_tables_max > 2 + limits::users_max);   // UserListAnswer
static_assert(link_tables_max > 2 + profile_tables_max);
/// GroupKeysImportRequest and GroupKeysListAnswer; a list that is too long is answered.
static_assert(operator_tables_max > 2 + limits::key_envelopes_per_group_max * 3 / 2);

/// A table that is no copy of another takes eight bytes at least: its own start, and the reference
/// that leads to it. More tables than that are one table visited again and again.
inline constexpr std::size_t table_bytes_min = 8;

/// The verifier's options for a buffer of `bytes`, whose schema allows `tables_max`.
inline flatbuffers::Verifier::Options verifier_options(std::size_t bytes, std::uint32_t depth_max,
                                                       std::uint32_t tables_max) {
  flatbuffers::Verifier::Options options;
  options.max_depth = depth_max;
  options.max_tables = static_cast<flatbuffers::uoffset_t>(
      std::min<std::size_t>(bytes / table_bytes_min, tables_max));
  return options;
}

/// What a frame holds beside members and functional aliases: envelope, addresses, names, two areas,
/// virtual tables. Generous; structure_test.cpp measures the real number.
inline constexpr std::size_t frame_overhead_bytes = 4096;
/// A string as the builder lays it: reference, length, terminator, padding.
inline constexpr std::size_t string_overhead_bytes = 12;
/// A member: reference, virtual table offset, three references of strings, three bytes, padding.
inline constexpr std::size_t member_bytes = 24;

/// The largest scalars of the messages and of a configuration: where such a buffer must begin.
inline constexpr std::size_t message_alignment = 8;
inline constexpr std::size_t configuration_alignment = 4;
inline constexpr std::size_t profile_alignment = 4;

inline bool is_aligned(const void* address, std::size_t alignment) {
  return std::bit_cast<std::uintptr_t>(address) % alignment == 0;
}

/// The FlatBuffers verifier checks where a vector's length lies, not where its elements do: with
/// elements of eight bytes they can still be misaligned, which faults on some boards.
template <class Element>
bool elements_aligned(const flatbuffers::Vector<Element>& vector) {
  return is_aligned(vector.Data(), alignof(std::remove_pointer_t<Element>));
}

struct Structure {
  const char* identifier;
  std::size_t alignment;
  std::uint32_t depth_max;
  std::uint32_t tables_max;
};

/// The root of a buffer that is safe to read; what it says is not judged yet.
template <class Root>
Result<const Root*> open(ByteView bytes, const Structure& structure) {
  constexpr std::size_t root_and_identifier = 2 * sizeof(flatbuffers::uoffset_t);
  if (bytes.size() < root_and_identifier) return refuse(Cause::envelope_malformed);
  if (!is_aligned(bytes.data(), structure.alignment)) return refuse(Cause::vector_misaligned);
  if (!flatbuffers::BufferHasIdentifier(bytes.data(), structure.identifier)) {
    return refuse(Cause::frame_identifier);
  }
  flatbuffers::Verifier verifier(
      bytes.data(), bytes.size(),
      verifier_options(bytes.size(), structure.depth_max, structure.tables_max));
  if (!verifier.VerifyBuffer<Root>(nullptr)) return refuse(Cause::envelope_malformed);
  const Root* root = flatbuffers::GetRoot<Root>(bytes.data());
  if (!refers_ahead(*root)) return refuse(Cause::envelope_malformed);
  return root;
}

/// The root of a buffer that was opened and judged before, and has not changed since.
template <class Root>
const Root& trust(ByteView bytes, const Structure& structure) {
  BIVOUAC_ASSERT(bytes.size() >= 2 * sizeof(flatbuffers::uoffset_t) &&
                 flatbuffers::BufferHasIdentifier(bytes.data(), structure.identifier));
  return *flatbuffers::GetRoot<Root>(bytes.data());
}

}  // namespace bivouac::wire
