// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "core/base/bytes.h"
#include "core/base/ids.h"

namespace bivouac {

/// A group master key for one recipient, closed for everybody else: we carry it and cannot open it
/// (TS 33.180). Lists of them are in the order of recipients, then of GMK ids, each pair once.
struct KeyEnvelope {
  std::string recipient;  // MC service ID
  GmkId gmk;
  std::uint64_t expiry_wall_ms = 0;  // 0: does not expire
  Bytes bytes;
  friend bool operator==(const KeyEnvelope&, const KeyEnvelope&) = default;
};

/// Where an envelope stands in a list.
inline bool stands_before(const KeyEnvelope& a, const KeyEnvelope& b) {
  return a.recipient != b.recipient ? a.recipient < b.recipient : a.gmk < b.gmk;
}

}  // namespace bivouac
