// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "core/base/time.h"

namespace bivouac::firmware {

/// Where the PEM files lie, and how strictly revocation is judged.
struct CredentialFiles {
  std::string certificate;  // own certificate, then its intermediates
  std::string key;
  std::string ca;            // trusted certificate authorities
  std::string crl;           // revocation lists of these; empty: none
  bool crl_required = true;  // without a valid list of its CA nobody is let in
  /// How long after its nextUpdate a list still counts: the backhaul may have been away.
  DurationMs crl_grace = {7LL * 24 * 60 * 60 * 1000};
};

/// What is wrong with which file, in words for the operator.
struct CredentialProblem {
  std::string file;
  std::string text;
};

/// Handshakes run at the same time on this many lanes at most; each lane has parsed keys of its
/// own.
inline constexpr std::size_t lanes_max = 16;

/// Own certificate, key, trusted authorities and revocation lists: read once, immutable, shared. A
/// reload makes a new one; sessions keep the one that they were made with.
class Credentials {
 public:
  /// Reads and checks everything; own dates are judged at `judged_at`.
  static std::expected<std::shared_ptr<const Credentials>, CredentialProblem> load(
      const CredentialFiles& files, WallMs judged_at);

  ~Credentials();
  Credentials(const Credentials&) = delete;
  Credentials& operator=(const Credentials&) = delete;

  /// Canonical URI subject alternative name of the own certificate.
  const std::string& identity() const;
  WallMs expires() const;
  /// The clock cannot be before this: newest start of our own certificate and of the signed lists.
  WallMs clock_floor() const;
  /// Things that work now and soon will not, in words: certificate or list near its end.
  std::vector<std::string> warnings(WallMs at) const;

  struct Inside;
  const Inside& inside() const { return *inside_; }

 private:
  explicit Credentials(std::unique_ptr<const Inside> inside);
  std::unique_ptr<const Inside> inside_;
};

/// Prepares the library, once per process and before any thread. The error says what to do: the
/// daemon does not run with a library older than 3.6.6, which lets a client certificate be
/// bypassed.
std::expected<void, std::string> start_crypto();

/// Random bytes of cryptographic quality; false when the source failed.
bool random_bytes(void* out, std::size_t size);

}  // namespace bivouac::firmware
