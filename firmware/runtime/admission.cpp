// SPDX-License-Identifier: Apache-2.0
#include "firmware/runtime/admission.h"

#include <algorithm>

#include "core/base/assert.h"

namespace bivouac::firmware {

Admission::Verdict Admission::enter(MonoMs now, const std::string& source) {
  const double seconds = static_cast<double>((now - refilled_).ms) / 1000.0;
  tokens_ = std::min(limits_.connections_burst, tokens_ + seconds * limits_.connections_per_s);
  refilled_ = now;
  if (tokens_ < 1.0) return Verdict::rate_limited;
  tokens_ -= 1.0;
  const auto found = per_source_.find(source);
  if (found != per_source_.end() && found->second >= limits_.waiting_per_source_max)
    return Verdict::source_full;
  ++per_source_[source];
  ++waiting_;
  return Verdict::admitted;
}

void Admission::leave(const std::string& source) {
  const auto found = per_source_.find(source);
  BIVOUAC_ASSERT(found != per_source_.end() && waiting_ > 0);
  --waiting_;
  // Forgotten at zero, so that the table is no longer than the number of strangers.
  if (--found->second == 0) per_source_.erase(found);
}

std::string source_of(const std::string& address) {
  if (address.find(':') == std::string::npos) return address;
  // An IPv4 address in IPv6 clothes is held to the whole of it.
  if (address.starts_with("::ffff:") && address.find('.') != std::string::npos)
    return address.substr(7);
  const std::size_t gap = address.find("::");
  std::string prefix;
  std::size_t groups = 0;
  std::size_t at = 0;
  while (groups < 4 && at < address.size() && at != gap) {
    const std::size_t end = std::min(address.find(':', at), address.size());
    prefix += address.substr(at, end - at) + ":";
    ++groups;
    if (end == gap) break;
    at = end + 1;
  }
  return prefix + "/64";
}

}  // namespace bivouac::firmware
