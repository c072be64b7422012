// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "core/store/sealer.h"
#include "firmware/crypto/sealing_key.h"

namespace bivouac::firmware {

/// AES-256-GCM with a random nonce for each value and the record's key as associated data, so that
/// no value passes for another record's (core/store/FORMAT.md). For one thread at a time.
class GcmSealer final : public store::Sealer {
 public:
  explicit GcmSealer(const SealingKey& key);
  ~GcmSealer();

  std::optional<Bytes> seal(const store::Key& key, ByteView value) override;
  std::optional<Bytes> open(const store::Key& key, ByteView sealed) override;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace bivouac::firmware
