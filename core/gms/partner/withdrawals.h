// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <absl/container/btree_map.h>

#include "core/gms/partner/cached_group.h"

namespace bivouac::gms::partner {

/// What homes took back lately (P6). With the group its revision goes, so a message from before,
/// which comes late over another connection, would bring the group back: its revision is
/// remembered here until nothing that was sent before can come any more. Of this run only: no
/// connection outlives it.
class Withdrawals {
 public:
  void note(const Received& tombstone, MonoMs now);
  /// The home sent this before it took the group back.
  bool outdate(const Received& received, MonoMs now) const;
  bool has(std::string_view group_id, MonoMs now) const;

 private:
  struct Withdrawal {
    std::string home;
    Incarnation incarnation;
    ExposedRevision revision;
    MonoMs until;
  };
  absl::btree_map<std::string, Withdrawal, std::less<>> by_group_;
};

}  // namespace bivouac::gms::partner
