// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/cause.h"

namespace bivouac {

/// What kind of fact a Note states. Names as in logs, `bivouac watch` and transcripts.
enum class NoteKind : std::uint8_t {
  started,        // number: incarnation
  link_up,        // subject: MC system
  link_down,      // subject: MC system; cause
  refused,        // subject: who; object: what; cause
  step,           // a step of a procedure was done: clause_step, subject, object
  group_stored,   // subject: group; object: home; number: version or exposed revision
  group_removed,  // subject: group
  right_missing,  // subject: MC system; object: right and group
  resync,         // subject: MC system; number: groups
  space_low,
  space_recovered,
  clock,         // number: 1 trusted
  message,       // between our own servers; subject: its table; object: group; number: exchange
  user_stored,   // subject: user
  user_removed,  // subject: user
  keys_stored,   // subject: group; object: home; number: envelopes that there are now
  keys_expired,  // subject: group; number: envelopes that were erased
  subscribed,    // subject: subscriber; object: group; number: lease in seconds, 0: ended
  subscription_ended,  // not by its subscriber; subject: subscriber; object: group; cause
  fresh,               // subject: group; object: home; number: exposed revision
  stale,               // subject: home; number: its groups that were fresh
  client_on,           // subject: user; object: client id; number: MC services
  client_off,          // subject: user; object: client id; cause
  // An affiliation changed, one note for each record; subject: user; object: group; cause; number:
  // MC services; and the client, who made it, and on what ground.
  affiliated,
  affiliating,
  deaffiliated,
  deaffiliating,
};

std::string_view name(NoteKind kind);
/// Of a change of an affiliation, which has to be found in the log (an audit).
constexpr bool is_audit(NoteKind kind) {
  return kind == NoteKind::affiliated || kind == NoteKind::affiliating ||
         kind == NoteKind::deaffiliated || kind == NoteKind::deaffiliating;
}

/// One structured fact for field logs, `bivouac watch` and transcripts; no free text. Best effort:
/// it may be dropped, but for an audit's, and is never awaited.
struct Note {
  NoteKind kind = NoteKind::step;
  std::string_view clause_step;  // a literal such as "10.2.7.2/3"; empty when none
  std::string subject;
  std::string object;
  Cause cause = Cause::none;
  std::uint64_t number = 0;
  // Of a change of an affiliation
  std::string client_id{};    // of the user; empty: all clients
  std::string by{};           // the user or the MC system that made it; empty: a rule did
  std::string_view ground{};  // a literal, as AffiliationGround is named
};

}  // namespace bivouac
