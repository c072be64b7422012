// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/context.h"

namespace bivouac::engine {

/// Gives up what nobody needs any more, slice by slice: once an hour, and earlier when identities
/// get scarce.
class Housekeeping {
 public:
  /// After Boot.
  void start(Context& context) { rest(context); }
  /// One slice; true when more can be done at once.
  bool go_on(Context& context);

 private:
  void rest(Context& context);

  MonoMs next_ = MonoMs::never();    // an hour after the last time
  MonoMs scarce_ = MonoMs::never();  // when identities are scarce
  bool answers_left_ = false;
  bool identities_left_ = false;
};

}  // namespace bivouac::engine
