// SPDX-License-Identifier: Apache-2.0
#include "core/base/service.h"

namespace bivouac {

std::string_view name(Service service) {
  switch (service) {
    case Service::mcptt: return "mcptt";
    case Service::mcvideo: return "mcvideo";
    case Service::mcdata: return "mcdata";
  }
  return "unknown";
}

}  // namespace bivouac
