// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "core/wire/operator_message.h"
#include "firmware/cli/verbs.h"
#include "firmware/cli/words.h"
#include "firmware/config/group_file.h"

// Verbs that change something: each sends one request and says in words what became of it.

namespace bivouac::firmware::cli {
namespace {

namespace fb = wire::fb;

std::string text_of(const flatbuffers::String* text) { return text == nullptr ? "" : text->str(); }

/// What a partner's part in the outcome is called.
struct PartnerWords {
  std::string_view done;
  std::string_view queued;
};
constexpr PartnerWords of_provision{"stored there as revision ", "will be told as revision "};
constexpr PartnerWords of_subscription{"its newest is revision ",
                                       "is asked as soon as it is in reach"};

std::string partner_in_words(const fb::PartnerOutcome& partner, const PartnerWords& words) {
  std::string line = "  " + text_of(partner.system_id()) + ": ";
  const auto cause = static_cast<Cause>(partner.cause());
  const std::uint64_t revision = partner.exposed_revision();
  const std::string number = revision == 0 ? "" : std::to_string(revision);
  switch (partner.outcome()) {
    case fb::OutcomeKind::done:
      if (revision == 0) return line + "knows it\n";
      return line + std::string(words.done) + number + '\n';
    case fb::OutcomeKind::queued:
      line += std::string(words.queued) + number;
      if (cause != Cause::none) line += ", since " + in_words(cause);
      return line + '\n';
    case fb::OutcomeKind::failed: break;
  }
  return line + "refused, " + in_words(cause) + "; " + std::string(explain(cause).hint) + '\n';
}

/// Sends, prints, and turns the outcome into an exit code. `done` and `queued` say what happened.
int operate(const Command& command, const Bytes& request, const std::string& done,
            const std::string& queued, const PartnerWords& words = of_provision) {
  auto client = reach_daemon(command);
  if (!client) return complain(client.error());
  const auto received = client->ask(request, fb::OperatorBody::OperationAnswer);
  if (!received) return complain(received.error());
  const fb::OperationAnswer& answer = *received->message().body_as_OperationAnswer();
  const auto cause = static_cast<Cause>(answer.cause());
  bool good = answer.outcome() != fb::OutcomeKind::failed;
  if (good) {
    std::string text = answer.outcome() == fb::OutcomeKind::done ? done : queued;
    if (answer.version() != 0) text += ", version " + std::to_string(answer.version());
    print(text + '\n');
  }
  if (answer.partners() != nullptr) {
    for (const fb::PartnerOutcome* partner : *answer.partners()) {
      print(partner_in_words(*partner, words));
      good = good && partner->outcome() != fb::OutcomeKind::failed;
    }
  }
  if (answer.outcome() != fb::OutcomeKind::failed) return good ? exit_good : exit_bad;
  return complain(in_words(cause) + ". " + std::string(explain(cause).hint));
}

Services service_named(const std::string& name_of_service) {
  for (const Service service : all_services) {
    if (name(service) == name_of_service) return Services::of(service);
  }
  return {};
}

}  // namespace

int group_import(const Command& command) {
  const GroupResult group = read_group(command.file);
  for (const Problem& problem : group.problems) {
    std::fprintf(stderr, "%s\n", to_string(problem).c_str());
  }
  if (!group.ok) return exit_bad;
  const std::string& id = group.configuration.group_id;
  return operate(command, wire::build_group_import_request(group.configuration),
                 id + " is defined here", id + " is defined here; partners are told");
}

int group_push(const Command& command) {
  return operate(command, wire::build_group_push_request(command.group_id, command.partner),
                 command.group_id + " was provided (10.2.7.2)",
                 command.group_id + " will be provided (10.2.7.2)");
}

int group_fetch(const Command& command) {
  return operate(command,
                 wire::build_group_fetch_request(command.group_id, service_named(command.service)),
                 command.group_id + " was requested from its home and stored (10.2.7.3)",
                 command.group_id + " will be requested from its home (10.2.7.3)");
}

int group_remove(const Command& command) {
  return operate(command, wire::build_group_remove_request(command.group_id),
                 command.group_id + " is removed",
                 command.group_id + " is removed; partners are told");
}

int group_subscribe(const Command& command) {
  return operate(command, wire::build_group_subscribe_request(command.group_id, command.lease_s),
                 command.group_id + " is subscribed to (10.2.7.4)",
                 command.group_id + " will be subscribed to (10.2.7.4)", of_subscription);
}

int group_unsubscribe(const Command& command) {
  return operate(command, wire::build_group_unsubscribe_request(command.group_id),
                 command.group_id + " is subscribed to no more (10.2.7.4)",
                 command.group_id + " will be subscribed to no more (10.2.7.4)", of_subscription);
}

}  // namespace bivouac::firmware::cli
