// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>

#include "core/wire/schema/envelope_generated.h"
#include "core/wire/schema/operator_generated.h"

// What the FlatBuffers verifier leaves out: that the elements of a list refer ahead. It adds the
// offset to an address first and looks then where that led. With addresses of 32 bits an offset
// near 4 GiB wraps round and leads back into the buffer, so that a frame which every other machine
// refuses is accepted there. Our flags define the wrap (-fno-strict-overflow); this check makes the
// verdict the same everywhere.

namespace bivouac::wire {

template <class Element>
bool refers_ahead(const flatbuffers::Vector<flatbuffers::Offset<Element>>* list) {
  if (list == nullptr) return true;
  constexpr std::size_t step = sizeof(flatbuffers::uoffset_t);
  for (std::size_t i = 0; i < list->size(); ++i) {
    const auto offset = flatbuffers::ReadScalar<flatbuffers::uoffset_t>(list->Data() + i * step);
    if (offset == 0 || offset > std::numeric_limits<flatbuffers::soffset_t>::max()) return false;
  }
  return true;
}

/// Every list of a buffer that the verifier has accepted.
bool refers_ahead(const fb::GroupConfiguration& configuration);
bool refers_ahead(const fb::UserProfile& profile);
bool refers_ahead(const fb::Envelope& envelope);
bool refers_ahead(const fb::OperatorMessage& message);

}  // namespace bivouac::wire
