// SPDX-License-Identifier: Apache-2.0
#include "firmware/cli/affiliation_line.h"

#include <algorithm>

#include "firmware/cli/json.h"
#include "firmware/cli/words.h"

namespace bivouac::firmware::cli {

std::string affiliation_line(const GroupAffiliation& one, std::string_view event, bool json) {
  if (json) {
    Json object;
    object.begin_object()
        .text("event", event)
        .text("group_id", one.group_id)
        .text("status", name(one.status))
        .text("cause", name(one.cause))
        .text("client_id", one.client_id);
    object.key("services").begin_array();
    for (const Service service : all_services) {
      if (one.services.has(service)) object.text(name(service));
    }
    object.end_array().end_object();
    return object.take();
  }
  std::string line = one.group_id + ": " + status_in_words(one.status, one.services);
  if (!one.client_id.empty()) line += ", client " + one.client_id;
  if (one.cause != Cause::none) line += ", " + in_words(one.cause);
  return line + '\n';
}

std::vector<GroupAffiliation> AffiliationNews::take(const std::vector<GroupAffiliation>& all) {
  std::vector<GroupAffiliation> news;
  for (const GroupAffiliation& one : all) {
    if (std::ranges::find(known_, one) == known_.end()) news.push_back(one);
  }
  for (GroupAffiliation& one : known_) {
    const bool stays = std::ranges::any_of(all, [&](const GroupAffiliation& now) {
      return now.group_id == one.group_id && now.client_id == one.client_id;
    });
    if (stays || told_.contains(one.group_id)) continue;
    one.status = AffiliationStatus::deaffiliated;
    one.cause = Cause::none;
    one.services = {};
    news.push_back(one);
  }
  known_ = all;
  told_.clear();
  return news;
}

}  // namespace bivouac::firmware::cli
