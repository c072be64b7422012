// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host-sim/world/observer.h"

namespace bivouac::sim {

class World;

/// A judge of one property, with its own state and its own idea of what is right: it shares no code
/// with what it judges. It sees what happens and speaks when it must not have.
class Checker : public Observer {
 public:
  explicit Checker(const World& world) : world_(world) {}
  virtual std::string_view name() const = 0;
  /// Faults have ended, nothing new was asked for, and there was time to converge.
  virtual void at_rest() {}
  const std::vector<std::string>& violations() const { return violations_; }

 protected:
  /// A sentence; the time and the checker's name are put before it.
  void violated(const std::string& what);
  const World& world() const { return world_; }

 private:
  const World& world_;
  std::vector<std::string> violations_;
};

}  // namespace bivouac::sim
