// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/context.h"

namespace bivouac::gms {

/// An MC service that an operator added has an MC service server that knows nothing yet: it is told
/// of every group that is stored, slice by slice. Which ones were told outlives a restart.
class AddedServices {
 public:
  /// Those that were told in an earlier run.
  void start(Services told) { told_ = told; }
  Services told() const { return told_; }
  /// One slice; true when more can be done at once.
  bool go_on(engine::Context& context);

 private:
  Services told_;
  Services telling_;
  IdentityNumber after_;  // of those being told: groups up to this one
};

}  // namespace bivouac::gms
