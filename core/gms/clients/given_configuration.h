// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/gms/clients/client_view.h"
#include "core/wire/build_client.h"

namespace bivouac::gms::clients {

/// What a user's client is given of a group; the view must outlive it.
inline wire::GivenConfiguration given(const GroupView& view, std::string_view user,
                                      bool with_configuration) {
  wire::GivenConfiguration given{nullptr, digest_for(view, user), view.stale, view.age_ms, {}};
  if (with_configuration) {
    given.configuration = &*view.configuration;
    given.keys = keys_of(view, user);
  }
  return given;
}

/// The configuration and this user's key material do not go into one frame.
inline bool is_too_long(const Bytes& frame) {
  return frame.size() > limits::frame_header_bytes + limits::frame_bytes_max;
}

}  // namespace bivouac::gms::clients
