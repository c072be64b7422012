// SPDX-License-Identifier: Apache-2.0
#include "firmware/runtime/resolve_now.h"

#include <optional>

#include "core/base/assert.h"
#include "firmware/runtime/resolver.h"

namespace bivouac::firmware {

Resolver::Result resolve_now(const std::string& host, std::uint16_t port) {
  uv_loop_t loop;
  const int begun = uv_loop_init(&loop);
  BIVOUAC_ASSERT(begun == 0);
  std::optional<Resolver::Result> answer;
  {
    Resolver resolver(&loop);
    resolver.resolve(host, port, [&](Resolver::Result found) { answer = std::move(found); });
    while (!answer) uv_run(&loop, UV_RUN_ONCE);
    resolver.close();
    while (uv_run(&loop, UV_RUN_DEFAULT) != 0) continue;
  }
  const int ended = uv_loop_close(&loop);
  BIVOUAC_ASSERT(ended == 0);
  return *std::move(answer);
}

}  // namespace bivouac::firmware
