// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <absl/container/btree_map.h>

#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/engine/effects.h"
#include "core/store/table.h"

namespace bivouac::engine {

/// Canonical identities, and ids of clients, <-> persisted 32-bit numbers, so that keys are of one
/// size. Numbers are not reused within a run; those that no record names any more are given up,
/// slice by slice.
class Identities {
 public:
  /// After Boot: reads what is stored, and erases a bounded number of identities that no record
  /// refers to any more.
  void start(const store::View& view, Effects& effects);
  /// Before each step: what the step before interned is in the table now.
  void begin_step() { fresh_.clear(); }

  /// None (0) when the text is not interned.
  IdentityNumber find(std::string_view text) const;
  /// The first one behind the text, in the order of texts; null when there is none.
  const std::pair<const std::string, IdentityNumber>* after(std::string_view text) const;
  /// The number of the text, interning it if need be. Refused: identity_limit.
  Result<IdentityNumber> intern(Effects& effects, std::string_view text);
  /// One slice of a look at all identities: erases those that no record refers to. True when some
  /// were not looked at yet; then the next call goes on with them.
  bool reclaim_some(const store::View& view, Effects& effects);
  std::size_t size() const { return numbers_.size(); }

  /// The text of a number; empty when it is not in use. Dies with the step.
  std::string_view text(const store::View& view, IdentityNumber number) const;

 private:
  /// A salvaged store may lack the text of a group or of its home: the group's own record has both.
  void mend(const store::View& view, Effects& effects);
  void put(Effects& effects, IdentityNumber number, std::string_view text);

  absl::btree_map<std::string, IdentityNumber, std::less<>> numbers_;
  absl::btree_map<IdentityNumber, std::string>
      fresh_;  // interned in this step, not yet in the table
  std::uint32_t next_ = 1;
  std::string reclaimed_to_;  // the look at all identities goes on after this one
};

}  // namespace bivouac::engine
