// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/affiliation.h"

namespace bivouac::firmware::cli {

/// One affiliation in words, or for a program.
std::string affiliation_line(const GroupAffiliation& one, std::string_view event, bool json);

/// A client is told all that its user has each time that something changes; this is what is new.
class AffiliationNews {
 public:
  /// What differs from the list before; what is gone as deaffiliated.
  std::vector<GroupAffiliation> take(const std::vector<GroupAffiliation>& all);
  /// The end of it was told already, with its cause: the list without it is no news.
  void ended(const std::string& group_id) { told_.insert(group_id); }

 private:
  std::vector<GroupAffiliation> known_;
  std::set<std::string> told_;  // groups
};

}  // namespace bivouac::firmware::cli
