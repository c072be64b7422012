// SPDX-License-Identifier: Apache-2.0
#include "host-sim/checkers/key_checker.h"

#include <algorithm>

#include "host-sim/checkers/records.h"
#include "host-sim/scenario/declared_keys.h"
#include "host-sim/world/system.h"

namespace bivouac::sim {
namespace {

std::size_t count_marks(ByteView bytes) {
  const ByteView mark = as_bytes(key_mark);
  std::size_t count = 0;
  for (;;) {
    const auto found = std::ranges::search(bytes, mark);
    if (found.empty()) return count;
    ++count;
    bytes = bytes.subspan(static_cast<std::size_t>(found.end() - bytes.begin()));
  }
}

bool has_mark(ByteView bytes) { return count_marks(bytes) != 0; }

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
  const std::size_t found = count_marks(*flight.frame);
  if (found == 0) return;
  const std::string who = flight.from->id() + " tells " + flight.to->id() + " key material";
  const auto& envelope = envelope_in(flight);
  const auto* notify = envelope.body_as_GroupInformationNotifyRequest();
  if (notify == nullptr || notify->key_envelopes() == nullptr)
    return violated(who + " by another message than a notification");
  if (notify->key_envelopes()->size() != found) return violated(who + " beside its envelopes");
  for (const auto* one : *notify->key_envelopes()) {
    const std::string recipient = one->recipient()->str();
    // By the name, as no rule of a scenario moves a user: sip:ben@bravo.example is bravo's.
    const std::string home = "sip:" + recipient.substr(recipient.find('@') + 1);
    if (home != envelope.target()->string_view()) violated(who + " of " + recipient);
  }
}

}  // namespace bivouac::sim
