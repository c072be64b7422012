// SPDX-License-Identifier: Apache-2.0
#include "host-sim/checkers/key_checker.h"

#include <algorithm>

#include "host-sim/scenario/declared_keys.h"
#include "host-sim/world/system.h"

namespace bivouac::sim {
namespace {

bool has_mark(ByteView bytes) { return !std::ranges::search(bytes, as_bytes(key_mark)).empty(); }

}  // namespace

void KeyChecker::on_durable(const System& system, std::span<const store::Mutation> batch) {
  for (const store::Mutation& mutation : batch) {
    if (has_mark(mutation.value)) violated(system.id() + " has key material on its disk");
  }
}

void KeyChecker::on_answer(const System& system, RequestId, ByteView frame) {
  if (has_mark(frame)) violated(system.id() + " tells an operator key material");
}

void KeyChecker::on_note(const System& system, const Note& note) {
  if (has_mark(as_bytes(note.subject)) || has_mark(as_bytes(note.object)))
    violated(system.id() + " has key material in a note");
}

void KeyChecker::on_sent(const Flight& flight) {
  if (has_mark(*flight.frame))
    violated(flight.from->id() + " tells " + flight.to->id() + " key material");
}

}  // namespace bivouac::sim
