// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/gms/clients/client_view.h"
#include "core/wire/build_client.h"

namespace bivouac::gms::clients {

/// What a client is given of a group; the view must outlive it.
inline wire::GivenConfiguration given(const GroupView& view, bool with_configuration) {
  return {with_configuration ? &*view.configuration : nullptr, view.digest, view.stale,
          view.age_ms};
}

}  // namespace bivouac::gms::clients
