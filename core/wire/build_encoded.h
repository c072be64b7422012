// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/wire/build.h"

// Messages around a configuration that was encoded once for many receivers (decision 3). The bytes
// are those of wire::encode without an alias; null makes a tombstone.

namespace bivouac::wire {

Bytes build_encoded_provision(const Address& address, std::string_view group_id,
                              ExposedRevision revision, const Bytes* encoded);
Bytes build_encoded_notification(const Address& address, std::string_view group_id,
                                 ExposedRevision revision, const Bytes* encoded,
                                 const std::vector<KeyEnvelope>* keys = nullptr);

}  // namespace bivouac::wire
