// SPDX-License-Identifier: Apache-2.0
#include "firmware/cli/affiliation_line.h"

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
        .text("services", services_in_words(one.services))
        .text("client_id", one.client_id)
        .end_object();
    return object.take();
  }
  std::string line = one.group_id + ": " + std::string(name(one.status));
  if (!one.services.empty()) line += " for " + services_in_words(one.services);
  if (!one.client_id.empty()) line += ", client " + one.client_id;
  if (one.cause != Cause::none) line += ", " + in_words(one.cause);
  return line + '\n';
}

}  // namespace bivouac::firmware::cli
