// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>

#include "core/engine/context.h"
#include "core/store/record.h"

namespace bivouac::gms::home {

/// What partners see of a group, encoded once for all who see the same (decision 3): a change for a
/// thousand subscribers is not unpacked, modified and encoded a thousand times. What depends on the
/// partner's own users is not shared. In memory only, a few groups at a time.
class ShownGroups {
 public:
  struct Shown {
    std::uint64_t digest = 0;  // of what is shown; 0: nothing
    Bytes encoded;             // as wire::encode makes it; empty: nothing
  };
  /// Dies with the next call. `record` is defined here and not lost.
  const Shown& of(IdentityNumber group, const store::fb::Group& record,
                  const engine::Partner& partner);
  /// Our rules are others now.
  void forget() { shared_ = {}; }

 private:
  struct Entry {
    IdentityNumber group;
    std::uint32_t checksum = 0;  // of its definition: one that was removed may come back with the
                                 // versions that it had
    GroupVersion version;
    Services dropped;
    Shown shown;
  };
  std::array<std::optional<Entry>, 4> shared_;
  std::size_t oldest_ = 0;
  Shown own_;
};

}  // namespace bivouac::gms::home
