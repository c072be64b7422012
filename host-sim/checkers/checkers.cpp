// SPDX-License-Identifier: Apache-2.0
#include "host-sim/checkers/checkers.h"

#include <algorithm>

#include "host-sim/checkers/affiliation_agreement.h"
#include "host-sim/checkers/affiliation_checker.h"
#include "host-sim/checkers/bounds_checker.h"
#include "host-sim/checkers/client_checker.h"
#include "host-sim/checkers/convergence_checker.h"
#include "host-sim/checkers/durability_checker.h"
#include "host-sim/checkers/exactly_once_checker.h"
#include "host-sim/checkers/key_checker.h"
#include "host-sim/checkers/replay_checker.h"
#include "host-sim/checkers/secrecy_checker.h"
#include "host-sim/checkers/version_checker.h"
#include "host-sim/world/world.h"

namespace bivouac::sim {

Checkers::Checkers(World& world) {
  all_.push_back(std::make_unique<ConvergenceChecker>(world));
  all_.push_back(std::make_unique<DurabilityChecker>(world));
  all_.push_back(std::make_unique<VersionChecker>(world));
  all_.push_back(std::make_unique<ExactlyOnceChecker>(world));
  all_.push_back(std::make_unique<SecrecyChecker>(world));
  all_.push_back(std::make_unique<KeyChecker>(world));
  all_.push_back(std::make_unique<BoundsChecker>(world));
  all_.push_back(std::make_unique<ClientChecker>(world));
  all_.push_back(std::make_unique<AffiliationChecker>(world));
  all_.push_back(std::make_unique<AffiliationAgreement>(world));
  all_.push_back(std::make_unique<ReplayChecker>(world));
  for (const auto& checker : all_) world.observe(*checker);
}

Checkers::~Checkers() = default;

void Checkers::at_rest() {
  for (const auto& checker : all_) checker->at_rest();
}

bool Checkers::has_violations() const {
  return std::ranges::any_of(all_,
                             [](const auto& checker) { return !checker->violations().empty(); });
}

std::vector<std::string> Checkers::violations() const {
  std::vector<std::string> all;
  for (const auto& checker : all_) {
    all.insert(all.end(), checker->violations().begin(), checker->violations().end());
  }
  return all;
}

}  // namespace bivouac::sim
