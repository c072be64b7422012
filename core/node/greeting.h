// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/engine/context.h"

namespace bivouac::node {

/// What it leads to that a system told its incarnation: in Hello, or behind proxies in a sign of
/// life.
struct Greeting {
  bool link_up = false;
  Incarnation before;  // that we knew of the partner; none at the first contact
  Incarnation told;    // the same as `before` while there is no space to remember another one
  IdentityNumber system;
};

/// Remembers the incarnation. What a new one leads to grows: while space is low, another one than
/// before is neither remembered nor told (`later`), until it is done with space. Refused:
/// identity_limit.
Result<Greeting> greet(engine::Context& context, const std::string& system_id, Incarnation told,
                       bool& later);

}  // namespace bivouac::node
