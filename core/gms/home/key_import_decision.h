// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/cause.h"

namespace bivouac::gms::home::key_import {

/// What is known when an operator imports key material.
struct Facts {
  bool stored = false;
  bool home_here = false;
  bool has_stranger = false;  // a recipient who is no member
  bool has_expired = false;   // an envelope that nobody could use
  bool too_much = false;      // with what there is
  bool same = false;
  bool space_low = false;
};

inline Cause decide(const Facts& facts) {
  if (!facts.stored) return Cause::group_unknown;
  if (!facts.home_here) return Cause::not_home_here;
  if (facts.has_stranger) return Cause::key_stranger;
  if (facts.has_expired) return Cause::key_expired;
  if (facts.too_much) return Cause::key_limit;
  if (!facts.same && facts.space_low) return Cause::storage_full;
  return Cause::none;
}

}  // namespace bivouac::gms::home::key_import
