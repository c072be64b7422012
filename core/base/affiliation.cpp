// SPDX-License-Identifier: Apache-2.0
#include "core/base/affiliation.h"

namespace bivouac {

std::string_view name(AffiliationStatus status) {
  switch (status) {
    case AffiliationStatus::rejected: return "rejected";
    case AffiliationStatus::affiliated: return "affiliated";
    case AffiliationStatus::affiliating: return "affiliating";
    case AffiliationStatus::deaffiliated: return "deaffiliated";
    case AffiliationStatus::deaffiliating: return "deaffiliating";
    case AffiliationStatus::not_affiliated: return "not_affiliated";
  }
  return "unnamed";
}

}  // namespace bivouac
