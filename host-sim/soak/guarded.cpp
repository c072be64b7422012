// SPDX-License-Identifier: Apache-2.0
#include "host-sim/soak/guarded.h"

#include <csetjmp>

#include "core/base/assert.h"

namespace bivouac::sim {
namespace {

constexpr const char* broken_rule_words = "broken rule: ";

/// Where a broken rule of this thread ends.
thread_local std::jmp_buf* guard = nullptr;
thread_local std::string broken_rule;

void on_broken_rule(const char* expression, const char* file, int line) {
  if (guard == nullptr) return;  // nobody waits for it: the process ends
  broken_rule = std::string(broken_rule_words) + std::string(expression) + " at " + file + ":" +
                std::to_string(line);
  std::longjmp(*guard, 1);
}

}  // namespace

bool is_broken_rule(const std::string& violation) {
  return violation.starts_with(broken_rule_words);
}

std::string guarded(const std::function<void()>& call) {
  set_assert_handler(on_broken_rule);
  std::jmp_buf here;
  guard = &here;
  broken_rule.clear();
  if (setjmp(here) == 0) call();
  guard = nullptr;
  return broken_rule;
}

}  // namespace bivouac::sim
