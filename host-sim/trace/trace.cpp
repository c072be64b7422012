// SPDX-License-Identifier: Apache-2.0
#include "host-sim/trace/trace.h"

namespace bivouac::sim {

std::string_view name(Entity entity) {
  switch (entity) {
    case Entity::administrator: return "operator";
    case Entity::group_management_server: return "gms";
    case Entity::client: return "client";
    case Entity::mcptt_server: return "mcptt";
    case Entity::mcvideo_server: return "mcvideo";
    case Entity::mcdata_server: return "mcdata";
  }
  return "";
}

std::string seconds(MonoMs time) {
  std::string thousandths = std::to_string(time.ms % 1000);
  thousandths.insert(0, 3 - thousandths.size(), '0');
  return std::to_string(time.ms / 1000) + "." + thousandths;
}

std::string plain(std::string_view identity) {
  constexpr std::string_view scheme = "sip:";
  if (identity.starts_with(scheme)) identity.remove_prefix(scheme.size());
  return std::string(identity);
}

}  // namespace bivouac::sim
