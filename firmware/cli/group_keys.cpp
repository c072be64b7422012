// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "core/wire/operator_message.h"
#include "firmware/cli/json.h"
#include "firmware/cli/verbs.h"
#include "firmware/cli/words.h"
#include "firmware/config/key_file.h"
#include "firmware/platform/process.h"

// Verbs about key material. None of them shows what is in an envelope.

namespace bivouac::firmware::cli {
namespace {

namespace fb = wire::fb;

std::string text_of(const flatbuffers::String* text) { return text == nullptr ? "" : text->str(); }

int operate(const Command& command, const Bytes& request, const std::string& done) {
  auto client = reach_daemon(command);
  if (!client) return complain(client.error());
  const auto received = client->ask(request, fb::OperatorBody::OperationAnswer);
  if (!received) return complain(received.error());
  const fb::OperationAnswer& answer = *received->message().body_as_OperationAnswer();
  const auto cause = static_cast<Cause>(answer.cause());
  if (answer.outcome() == fb::OutcomeKind::failed)
    return complain(in_words(cause) + ". " + std::string(explain(cause).hint));
  print(done + '\n');
  return exit_good;
}

std::string as_screen(const fb::GroupKeysListAnswer& answer) {
  std::string text;
  if (answer.lost())
    text += "key material was lost with its sealing key, and is not here again yet\n";
  const auto* envelopes = answer.envelopes();
  if (envelopes == nullptr || envelopes->size() == 0) return text + "no key material\n";
  for (const fb::KeySummary* one : *envelopes) {
    char gmk[16];
    std::snprintf(gmk, sizeof gmk, "0x%08x", one->gmk_id());
    text += text_of(one->recipient()) + "  GMK " + gmk + ", " + bytes_in_words(one->bytes()) +
            ", " +
            (one->expiry_wall_ms() == 0
                 ? std::string("does not expire")
                 : "expires " + wall_in_words(static_cast<std::int64_t>(one->expiry_wall_ms()))) +
            '\n';
  }
  return text;
}

std::string as_json(const fb::GroupKeysListAnswer& answer) {
  Json json;
  json.begin_object().text("group_id", text_of(answer.group_id())).boolean("lost", answer.lost());
  json.key("envelopes").begin_array();
  if (answer.envelopes() != nullptr) {
    for (const fb::KeySummary* one : *answer.envelopes()) {
      json.begin_object()
          .text("recipient", text_of(one->recipient()))
          .number("gmk_id", one->gmk_id())
          .number("expiry_wall_ms", one->expiry_wall_ms())
          .number("bytes", one->bytes())
          .end_object();
    }
  }
  return json.end_array().end_object().take();
}

}  // namespace

int group_keys_import(const Command& command) {
  harden_process();  // what is read here is in no core dump either
  const KeyResult keys = read_keys(command.file);
  for (const Problem& problem : keys.problems) {
    std::fprintf(stderr, "%s\n", to_string(problem).c_str());
  }
  if (!keys.ok) return exit_bad;
  return operate(command, wire::build_group_keys_import_request(command.group_id, keys.envelopes),
                 "key material of " + command.group_id +
                     " is stored, sealed; subscribers are notified (10.2.7.5)");
}

int group_keys_list(const Command& command) {
  auto client = reach_daemon(command);
  if (!client) return complain(client.error());
  const auto received = client->ask(wire::build_group_keys_list_request(command.group_id),
                                    fb::OperatorBody::GroupKeysListAnswer);
  if (!received) return complain(received.error());
  const auto& answer = *received->message().body_as_GroupKeysListAnswer();
  print(command.json ? as_json(answer) : as_screen(answer));
  return exit_good;
}

int group_keys_remove(const Command& command) {
  return operate(command, wire::build_group_keys_remove_request(command.group_id, {command.gmk_id}),
                 "key material of " + command.group_id + " is removed");
}

}  // namespace bivouac::firmware::cli
