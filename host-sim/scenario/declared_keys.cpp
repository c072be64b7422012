// SPDX-License-Identifier: Apache-2.0
#include "host-sim/scenario/declared_keys.h"

#include <algorithm>

#include "core/base/hash.h"
#include "host-sim/scenario/settings.h"
#include "host-sim/scenario/words.h"
#include "host-sim/world/system.h"

namespace bivouac::sim {
namespace {

/// The mark, then what no two envelopes have in common.
Bytes marked_bytes(std::string_view group, std::string_view user, const KeySettings& settings) {
  const ByteView mark = as_bytes(key_mark);
  Bytes bytes(mark.begin(), mark.end());
  std::uint64_t word = siphash(settings.gmk, siphash(1, 2, as_bytes(group)), as_bytes(user));
  while (bytes.size() < settings.bytes) {
    bytes.push_back(static_cast<std::uint8_t>(word >> 56U));
    word = word * 0x9E3779B97F4A7C15U + 1;
  }
  return bytes;
}

bool is_chosen(const KeyChoice& choice, const KeyEnvelope& envelope) {
  if (choice.gmk != 0 && envelope.gmk.value != choice.gmk) return false;
  return choice.users.empty() ||
         std::ranges::find(choice.users, envelope.recipient) != choice.users.end();
}

}  // namespace

std::vector<KeyEnvelope> declared_keys(const Scenario& scenario, std::string_view group,
                                       const KeyChoice& choice) {
  std::vector<KeyEnvelope> envelopes;
  for (const Statement& one : scenario.declarations) {
    if (one.verb != Verb::keys || one.group != group) continue;
    KeySettings settings;
    apply_all(one.settings, settings);
    const std::int64_t expires_ms =
        settings.expires.ms == 0 ? 0 : wall_at_beginning_ms + settings.expires.ms;
    KeyEnvelope envelope{full_identity(one.user),
                         {settings.gmk},
                         static_cast<std::uint64_t>(expires_ms),
                         marked_bytes(group, one.user, settings)};
    if (is_chosen(choice, envelope)) envelopes.push_back(std::move(envelope));
  }
  std::ranges::sort(envelopes, stands_before);
  return envelopes;
}

}  // namespace bivouac::sim
