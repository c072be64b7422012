// SPDX-License-Identifier: Apache-2.0
#include "host-sim/checkers/key_checker.h"

#include <algorithm>

#include "core/wire/key_envelope_codec.h"
#include "host-sim/checkers/records.h"
#include "host-sim/scenario/declared_keys.h"
#include "host-sim/world/system.h"
#include "host-sim/world/world.h"

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

/// Of the messages that may bear key material; null: the message is none of them, or bears none.
const wire::KeyEnvelopes* envelopes_in(const wire::fb::Envelope& envelope) {
  if (const auto* m = envelope.body_as_GroupInformationNotifyRequest()) return m->key_envelopes();
  if (const auto* m = envelope.body_as_ClientGetGroupConfigurationResponse())
    return m->key_envelopes();
  if (const auto* m = envelope.body_as_ClientNotifyGroupConfigurationRequest())
    return m->key_envelopes();
  return nullptr;
}

/// A client has its user's envelopes; a system those of whose users the origin takes it for the
/// home.
bool may_have(const System& origin, const wire::fb::Envelope& envelope, std::string_view user) {
  const std::string_view target = envelope.target()->string_view();
  if (envelope.body_as_GroupInformationNotifyRequest() == nullptr) return target == user;
  const engine::Partner* its_system = origin.configuration().home_of_user(user);
  return its_system != nullptr && its_system->system_id == target;
}

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
  const auto* envelopes = envelopes_in(envelope);
  if (envelopes == nullptr) return violated(who + " by a message that is not for it");
  if (envelopes->size() != found) return violated(who + " beside its envelopes");
  const auto& systems = world().systems();
  const auto origin = std::ranges::find_if(systems, [&](const auto& system) {
    return system->id() == envelope.origin()->string_view();  // the sender may be a proxy
  });
  if (origin == systems.end()) return violated(who + " in the name of nobody");
  for (const auto* one : *envelopes) {
    const std::string_view recipient = one->recipient()->string_view();
    if (!may_have(**origin, envelope, recipient)) violated(who + " of " + std::string(recipient));
  }
}

}  // namespace bivouac::sim
