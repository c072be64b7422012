// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "core/wire/operator_message.h"
#include "core/wire/user_profile_codec.h"
#include "firmware/cli/json.h"
#include "firmware/cli/verbs.h"
#include "firmware/cli/words.h"
#include "firmware/config/user_file.h"

// Verbs about the users who are served here.

namespace bivouac::firmware::cli {
namespace {

namespace fb = wire::fb;

std::string text_of(const flatbuffers::String* text) { return text == nullptr ? "" : text->str(); }

Services services_of(fb::Services services) {
  return Services{static_cast<std::uint8_t>(services)};
}

void write_services(Json& json, std::string_view key, Services services) {
  json.key(key).begin_array();
  for (const Service service : all_services) {
    if (services.has(service)) json.text(name(service));
  }
  json.end_array();
}

int operate(const Command& command, const Bytes& request, const std::string& done) {
  auto client = reach_daemon(command);
  if (!client) return complain(client.error());
  const auto received = client->ask(request, fb::OperatorBody::OperationAnswer);
  if (!received) return complain(received.error());
  const fb::OperationAnswer& answer = *received->message().body_as_OperationAnswer();
  const auto cause = static_cast<Cause>(answer.cause());
  if (answer.outcome() != fb::OutcomeKind::done)
    return complain(in_words(cause) + ". " + std::string(explain(cause).hint));
  print(done + '\n');
  return exit_good;
}

void write_summary(Json& json, const fb::UserSummary& user) {
  json.begin_object().text("mc_service_id", text_of(user.mc_service_id()));
  write_services(json, "services", services_of(user.services()));
  json.number("groups", user.groups())
      .number("affiliations_max", user.affiliations_max())
      .number("clients", user.clients())
      .end_object();
}

std::string counted(std::uint64_t count, std::string_view one, std::string_view many) {
  return std::to_string(count) + ' ' + std::string(count == 1 ? one : many);
}

std::string summary_in_words(const fb::UserSummary& user) {
  return text_of(user.mc_service_id()) + "  (" + services_in_words(services_of(user.services())) +
         "; " + counted(user.groups(), "group", "groups") + ", N2 " +
         std::to_string(user.affiliations_max()) + ")  " +
         (user.clients() == 0 ? "not logged on"
                              : counted(user.clients(), "client", "clients") + " logged on") +
         '\n';
}

std::string as_screen(const fb::UserShowAnswer& answer) {
  std::string text = write_user(wire::unpack(*answer.profile()));
  if (answer.clients() == nullptr || answer.clients()->size() == 0)
    return text + "\nnot logged on\n";
  text += "\nclients that are logged on:\n";
  for (const fb::ClientStatus* client : *answer.clients()) {
    text += "  " + text_of(client->client_id()) + "  for " +
            services_in_words(services_of(client->services())) + ", since " +
            span_in_words(client->logged_on_ms_ago()) +
            (text_of(client->address()).empty() ? "" : ", from " + text_of(client->address())) +
            '\n';
  }
  return text;
}

std::string as_json(const fb::UserShowAnswer& answer) {
  const UserProfile profile = wire::unpack(*answer.profile());
  Json json;
  json.begin_object().text("mc_service_id", profile.mc_service_id);
  write_services(json, "services", profile.services);
  json.number("affiliations_max", profile.affiliations_max)
      .boolean("request_affiliated_groups", profile.request_affiliated_groups)
      .boolean("change_mandatory", profile.change_mandatory)
      .boolean("change_negotiated", profile.change_negotiated)
      .boolean("regroup", profile.regroup)
      .number("stored_wall_ms", answer.stored_wall_ms());
  json.key("groups").begin_array();
  for (const ProfileGroup& group : profile.groups) {
    json.begin_object().text("group_id", group.group_id).text("server", group.server).end_object();
  }
  json.end_array().key("implicit_affiliations").begin_array();
  for (const std::string& group : profile.implicit_affiliations) json.text(group);
  json.end_array().key("clients").begin_array();
  if (answer.clients() != nullptr) {
    for (const fb::ClientStatus* client : *answer.clients()) {
      json.begin_object().text("client_id", text_of(client->client_id()));
      write_services(json, "services", services_of(client->services()));
      json.number("logged_on_ms_ago", client->logged_on_ms_ago())
          .text("address", text_of(client->address()))
          .end_object();
    }
  }
  return json.end_array().end_object().take();
}

}  // namespace

int user_import(const Command& command) {
  const UserResult user = read_user(command.file);
  for (const Problem& problem : user.problems) {
    std::fprintf(stderr, "%s\n", to_string(problem).c_str());
  }
  if (!user.ok) return exit_bad;
  return operate(command, wire::build_user_import_request(user.profile),
                 user.profile.mc_service_id + " is served here");
}

int user_remove(const Command& command) {
  return operate(command, wire::build_user_remove_request(command.user_id),
                 command.user_id + " is not served here any more");
}

int user_list(const Command& command) {
  auto client = reach_daemon(command);
  if (!client) return complain(client.error());
  const auto received =
      client->ask(wire::build_user_list_request(), fb::OperatorBody::UserListAnswer);
  if (!received) return complain(received.error());
  const auto* users = received->message().body_as_UserListAnswer()->users();
  const bool none = users == nullptr || users->size() == 0;
  if (command.json) {
    Json json;
    json.begin_array();
    if (!none) {
      for (const fb::UserSummary* user : *users) write_summary(json, *user);
    }
    print(json.end_array().take());
  } else if (none) {
    print("no users yet: `bivouac user import FILE` defines one\n");
  } else {
    for (const fb::UserSummary* user : *users) print(summary_in_words(*user));
  }
  return exit_good;
}

int user_show(const Command& command) {
  auto client = reach_daemon(command);
  if (!client) return complain(client.error());
  const auto received =
      client->ask(wire::build_user_show_request(command.user_id), fb::OperatorBody::UserShowAnswer);
  if (!received) return complain(received.error());
  const fb::UserShowAnswer& answer = *received->message().body_as_UserShowAnswer();
  if (answer.profile() == nullptr) return complain("the daemon's answer is empty");
  if (command.toml) {
    print(write_user(wire::unpack(*answer.profile())));
  } else {
    print(command.json ? as_json(answer) : as_screen(answer));
  }
  return exit_good;
}

}  // namespace bivouac::firmware::cli
