// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <string>

namespace bivouac::firmware {

/// The key of AES-256-GCM that seals key material on the disk; wiped at its end.
class SealingKey {
 public:
  static constexpr std::size_t bytes = 32;

  SealingKey() = default;
  ~SealingKey();
  SealingKey(const SealingKey&) = delete;
  SealingKey& operator=(const SealingKey&) = delete;
  SealingKey(SealingKey&& other) noexcept;
  SealingKey& operator=(SealingKey&&) = delete;

  std::array<std::uint8_t, bytes> value{};
};

struct SealingKeyFile {
  SealingKey key;
  bool created = false;
  std::string warning;  // for the operator; empty: all is well
};

/// Reads the file, or makes it when there is none: 32 random bytes that nobody else may read. A
/// file of another size is put aside as PATH.damaged and made anew, as a gateway must start. An
/// error is a sentence: others may read the file, it belongs to somebody else, the folder cannot be
/// written.
std::expected<SealingKeyFile, std::string> read_sealing_key(const std::string& path);

}  // namespace bivouac::firmware
