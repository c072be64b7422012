// SPDX-License-Identifier: Apache-2.0
#include "host-sim/scenario/operators.h"

#include <algorithm>

#include "core/base/cause.h"
#include "core/base/limits.h"
#include "core/wire/schema/operator_generated.h"

namespace bivouac::sim {
namespace {

constexpr DurationMs time_before_asking_again{1000};

std::string words_of(const Bytes& frame) {
  const auto* message = wire::fb::GetOperatorMessage(frame.data() + limits::frame_header_bytes);
  const auto* answer = message->body_as_OperationAnswer();
  if (answer == nullptr) return "another answer";
  switch (answer->outcome()) {
    case wire::fb::OutcomeKind::done: return "done";
    case wire::fb::OutcomeKind::queued: return "queued";
    case wire::fb::OutcomeKind::failed: break;
  }
  return "failed " + std::string(name(static_cast<Cause>(answer->cause())));
}

}  // namespace

void ScenarioOperators::ask(System& system, Bytes frame) {
  Operator& one = operators_[system.number()];
  one.system = &system;
  if (is_persistent_) {
    one.last = frame;
    one.refused = {};
    one.waiting.push_back(std::move(frame));
    return look(one);
  }
  const RequestId id = world_.request(system, frame);
  one.asked = Asked{id, system.boots()};
}

void ScenarioOperators::look() {
  if (!is_persistent_) return;
  for (auto& [number, one] : operators_) look(one);
}

void ScenarioOperators::look(Operator& one) {
  if (one.waiting.empty() || !one.system->is_up()) return;
  if (one.asked && world_.answer(one.asked->id) != nullptr) {
    one.waiting.pop_front();
    one.answered = one.asked->id;
    one.asked.reset();
  } else if (one.asked && one.asked->boot != one.system->boots()) {
    one.asked.reset();
  }
  if (one.asked || one.waiting.empty()) return;
  const std::uint32_t boot = one.system->boots();
  one.asked = Asked{world_.request(*one.system, one.waiting.front()), boot};
}

std::string ScenarioOperators::last_answer(const System& system) const {
  const auto found = operators_.find(system.number());
  if (found == operators_.end()) return "none";
  const Operator& one = found->second;
  if (!one.asked && !one.answered) return "none";
  const Bytes* frame = world_.answer(one.asked ? one.asked->id : *one.answered);
  return frame == nullptr ? "none" : words_of(*frame);
}

void ScenarioOperators::insist(System& system) {
  Operator& one = operators_[system.number()];
  if (!one.waiting.empty() || !last_answer(system).starts_with("failed")) return;
  if (one.refused == MonoMs{}) one.refused = world_.now();
  if (world_.now() < one.refused + time_before_asking_again) return;
  one.refused = {};
  one.waiting.push_back(one.last);
  look(one);
}

}  // namespace bivouac::sim
