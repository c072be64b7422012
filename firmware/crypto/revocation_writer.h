// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/time.h"
#include "firmware/crypto/mbed.h"

namespace bivouac::firmware {

/// A certificate revocation list (RFC 5280, section 5) in DER, signed with ECDSA and SHA-256. The
/// library reads such lists but cannot write them. Serial numbers are big-endian bytes.
std::expected<Bytes, std::string> write_revocation_list(mbedtls_x509_crt* ca,
                                                        mbedtls_pk_context* key,
                                                        const std::vector<std::string>& serials,
                                                        WallMs this_update, WallMs next_update,
                                                        std::uint64_t number);

}  // namespace bivouac::firmware
