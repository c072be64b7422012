// SPDX-License-Identifier: Apache-2.0
#include "core/engine/housekeeping.h"

#include "core/engine/answers.h"
#include "core/store/record.h"

namespace bivouac::engine {
namespace {

constexpr std::size_t answers_per_slice = 64;
constexpr std::size_t identities_scarce = limits::identities_max / 4 * 3;

/// Answers that no retry can ask for: origins that fell silent would keep them for ever. True when
/// some are left.
bool forget_answers(Context& context) {
  std::size_t forgotten = 0;
  for (const auto& [key, value] : context.view.scan(store::prefix(store::RecordKind::answer))) {
    if (!is_outlived(context, store::get<store::fb::Answer>(value))) continue;
    if (forgotten++ == answers_per_slice) return true;
    context.effects.erase(key);
  }
  return false;
}

}  // namespace

bool Housekeeping::go_on(Context& context) {
  const bool scarce = context.identities.size() >= identities_scarce;
  if (context.now.mono >= (scarce ? scarce_ : next_)) {
    answers_left_ = identities_left_ = true;
    rest(context);
  }
  if (answers_left_) {
    answers_left_ = forget_answers(context);
  } else if (identities_left_) {
    identities_left_ = context.identities.reclaim_some(context.view, context.effects);
  }
  return answers_left_ || identities_left_;
}

void Housekeeping::rest(Context& context) {
  next_ = context.now.mono + DurationMs{limits::housekeeping_ms};
  scarce_ = context.now.mono + DurationMs{limits::housekeeping_scarce_ms};
  context.deadlines.set({DeadlineKind::work, 2}, next_);
}

}  // namespace bivouac::engine
