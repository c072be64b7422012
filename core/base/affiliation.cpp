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

std::string_view name(AffiliationGround ground) {
  switch (ground) {
    case AffiliationGround::request: return "request";
    case AffiliationGround::log_on: return "log_on";
    case AffiliationGround::partner: return "partner";
    case AffiliationGround::answer: return "answer";
    case AffiliationGround::policy: return "policy";
    case AffiliationGround::profile: return "profile";
    case AffiliationGround::services: return "services";
    case AffiliationGround::log_off: return "log_off";
    case AffiliationGround::exchange: return "exchange";
    case AffiliationGround::grace_end: return "grace_end";
  }
  return "unnamed";
}

}  // namespace bivouac
