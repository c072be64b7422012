// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/engine/context.h"

namespace bivouac::gms::home {

/// Notices, after a start and after a reload, partners for whom our rules changed, who were added
/// or removed, and has everything compared again for them.
class PolicyWatch {
 public:
  /// After Boot, when an earlier run's store was salvaged: it may have lost what it was about to
  /// tell, and kept that it was told.
  void mistrust() { resend_ = true; }
  void restart() { after_.clear(), left_ = true; }
  /// One slice; true when more can be done at once.
  bool go_on(engine::Context& context);

 private:
  std::string after_;  // partners up to this one were looked at
  bool left_ = true;
  bool resend_ = false;  // until the first look has ended
};

}  // namespace bivouac::gms::home
