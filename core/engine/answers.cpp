// SPDX-License-Identifier: Apache-2.0
#include "core/engine/answers.h"

#include "core/base/planted.h"
#include "core/store/record.h"

namespace bivouac::engine {
namespace {

constexpr std::size_t forgotten_per_step_max = 8;

/// Nobody will ask for it any more.
bool is_done(const Context& context, const wire::fb::Envelope& request, const store::Key& key,
             const store::fb::Answer& answer) {
  return key.long_at(8) <= request.answered_up_to() ||
         answer.incarnation() != request.origin_incarnation() || is_outlived(context, answer);
}

}  // namespace

std::optional<Bytes> stored_answer(const Context& context, const wire::fb::Envelope& request) {
  if (is_planted(Planted::retried_request_repeated)) return std::nullopt;
  const IdentityNumber origin = context.identities.find(request.origin()->string_view());
  if (!origin.is_set()) return std::nullopt;
  const auto* answer = store::find<store::fb::Answer>(
      context.view, store::answer_key(origin, ExchangeId{request.exchange()}));
  if (answer == nullptr || answer->incarnation() != request.origin_incarnation())
    return std::nullopt;
  return Bytes(answer->frame()->begin(), answer->frame()->end());
}

bool may_store_answer(const Context& context, const wire::fb::Envelope& request) {
  const IdentityNumber origin = context.identities.find(request.origin()->string_view());
  if (!origin.is_set()) return true;
  std::size_t kept = 0;
  for (const auto& [key, value] :
       context.view.scan(store::prefix(store::RecordKind::answer, origin.value))) {
    kept += is_done(context, request, key, store::get<store::fb::Answer>(value)) ? 0U : 1U;
  }
  return kept < limits::exchanges_per_peer_max;
}

void store_answer(Context& context, IdentityNumber origin, const wire::fb::Envelope& request,
                  const Bytes& frame) {
  // Several are forgotten for one that is kept, so that the window shrinks while it is used.
  std::size_t forgotten = 0;
  for (const auto& [key, value] :
       context.view.scan(store::prefix(store::RecordKind::answer, origin.value))) {
    if (forgotten == forgotten_per_step_max) break;
    if (!is_done(context, request, key, store::get<store::fb::Answer>(value))) continue;
    context.effects.erase(key);
    ++forgotten;
  }
  flatbuffers::FlatBufferBuilder builder(frame.size() + 64);
  const auto bytes = builder.CreateVector(frame);
  const auto since_start = static_cast<std::uint64_t>((context.now.mono - context.started).ms);
  context.effects.put(
      store::answer_key(origin, ExchangeId{request.exchange()}),
      store::finish(builder, store::fb::CreateAnswer(builder, request.origin_incarnation(), bytes,
                                                     context.boots, since_start)));
}

bool is_outlived(const Context& context, const store::fb::Answer& answer) {
  const DurationMs run = context.now.mono - context.started;
  const bool this_run = answer.boots() == context.boots;
  const auto stored = this_run ? static_cast<std::int64_t>(answer.stored_mono_ms()) : 0;
  return run.ms - stored > limits::answer_kept_ms;
}

}  // namespace bivouac::engine
