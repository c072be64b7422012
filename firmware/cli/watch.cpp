// SPDX-License-Identifier: Apache-2.0
#include <cinttypes>
#include <cstdio>

#include "core/wire/operator_message.h"
#include "firmware/cli/verbs.h"
#include "firmware/cli/words.h"

namespace bivouac::firmware::cli {
namespace {

namespace fb = wire::fb;

std::string as_line(const fb::WatchNote& note) {
  std::string line = wall_in_words(static_cast<std::int64_t>(note.wall_ms()));
  const auto add = [&line](const flatbuffers::String* text) {
    if (text != nullptr && text->size() > 0) line += ' ' + text->str();
  };
  line += ' ';
  add(note.kind());
  add(note.clause_step());
  add(note.subject());
  add(note.object());
  if (note.client_id() != nullptr && note.client_id()->size() > 0)
    line += ", client " + note.client_id()->str();
  if (note.ground() != nullptr && note.ground()->size() > 0) {
    line += ", " + note.ground()->str();
    if (note.by() != nullptr && note.by()->size() > 0) line += " by " + note.by()->str();
  }
  if (note.number() != 0) line += " #" + std::to_string(note.number());
  if (note.cause() != 0) line += ": " + in_words(static_cast<Cause>(note.cause()));
  return line + '\n';
}

}  // namespace

int watch(const Command& command) {
  auto client = reach_daemon(command);
  if (!client) return complain(client.error());
  if (auto sent = client->send(wire::build_watch_request()); !sent) return complain(sent.error());
  while (true) {
    const auto received = client->receive(true);
    if (!received) return complain(received.error());
    if (const fb::WatchNote* note = received->message().body_as_WatchNote()) {
      print(as_line(*note));
      std::fflush(stdout);
      continue;
    }
    const auto* answer = received->message().body_as_OperationAnswer();
    if (answer != nullptr && answer->outcome() == fb::OutcomeKind::failed) {
      return complain("cannot watch: " + in_words(static_cast<Cause>(answer->cause())));
    }
  }
}

}  // namespace bivouac::firmware::cli
