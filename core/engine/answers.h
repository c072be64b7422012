// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "core/engine/context.h"
#include "core/store/records_generated.h"

namespace bivouac::engine {

// Answers to requests that changed state, kept so that a retry gets the same answer and has no
// second effect (decision 5). A refusal is not kept: a peer cannot wear the flash with bad
// requests. An answer is kept until its origin says that it has it, or cannot ask for it any more.

/// The stored answer to this very request, as a whole frame.
std::optional<Bytes> stored_answer(const Context& context, const wire::fb::Envelope& request);

/// Whether the window of this origin has room for one more answer.
bool may_store_answer(const Context& context, const wire::fb::Envelope& request);

/// Keeps the answer, and forgets those which the origin says it has, a bounded number at a time.
void store_answer(Context& context, IdentityNumber origin, const wire::fb::Envelope& request,
                  const Bytes& frame);

/// Whether no retry of its request can come any more. Measured by the clock of a run, which starts
/// anew with each run: a wall clock that jumps makes nothing be forgotten (decision 9).
bool is_outlived(const Context& context, const store::fb::Answer& answer);

}  // namespace bivouac::engine
