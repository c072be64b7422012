// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "core/wire/operator_message.h"
#include "firmware/cli/json.h"
#include "firmware/cli/verbs.h"
#include "firmware/cli/words.h"

// affiliation list and affiliation show: who is affiliated to what, and how it came to that.

namespace bivouac::firmware::cli {
namespace {

namespace fb = wire::fb;

std::string text_of(const flatbuffers::String* text) { return text == nullptr ? "" : text->str(); }

AffiliationStatus status_of(const fb::AffiliationState& state) {
  return static_cast<AffiliationStatus>(state.status());
}
Services services_of(const fb::AffiliationState& state) {
  return Services{static_cast<std::uint8_t>(state.services())};
}

/// All pages, and their affiliations in the order of users, groups and clients.
struct Listed {
  std::vector<OperatorAnswer> pages;
  std::vector<const fb::AffiliationState*> states;
  const fb::AffiliationListAnswer& first() const {
    return *pages.front().message().body_as_AffiliationListAnswer();
  }
};

std::expected<Listed, std::string> ask_all(const Command& command) {
  auto client = reach_daemon(command);
  if (!client) return std::unexpected(client.error());
  Listed listed;
  wire::AffiliationQuestion question{command.user_id, command.group_id, command.pending};
  do {
    auto page = client->ask(wire::build_affiliation_list_request(question),
                            fb::OperatorBody::AffiliationListAnswer);
    if (!page) return std::unexpected(page.error());
    const auto& answer = *page->message().body_as_AffiliationListAnswer();
    question.after_user = answer.next_user();
    question.after_group = answer.next_group();
    question.after_client = answer.next_client();
    listed.pages.push_back(std::move(*page));
  } while (question.after_user != 0);
  for (const OperatorAnswer& page : listed.pages) {
    const auto* states = page.message().body_as_AffiliationListAnswer()->affiliations();
    if (states != nullptr)
      listed.states.insert(listed.states.end(), states->begin(), states->end());
  }
  std::ranges::sort(listed.states, {}, [](const fb::AffiliationState* one) {
    return std::tuple(text_of(one->mc_service_id()), text_of(one->group_id()),
                      text_of(one->client_id()));
  });
  return listed;
}

// ---- for a program

void write(Json& json, const fb::AffiliationState& state) {
  json.begin_object()
      .text("mc_service_id", text_of(state.mc_service_id()))
      .text("user_home", text_of(state.user_home()))
      .boolean("user_here", state.user_here())
      .text("client_id", text_of(state.client_id()))
      .text("group_id", text_of(state.group_id()))
      .text("group_home", text_of(state.group_home()))
      .boolean("group_here", state.group_here())
      .text("status", name(status_of(state)))
      .text("cause", name(static_cast<Cause>(state.cause())));
  json.key("services").begin_array();
  for (const Service service : all_services) {
    if (services_of(state).has(service)) json.text(name(service));
  }
  json.end_array().key("sources").begin_array();
  for (const std::string_view source : names_of(AffiliationSources{state.sources()}))
    json.text(source);
  json.end_array()
      .text("changed_by", text_of(state.changed_by()))
      .number("changed_wall_ms", state.changed_wall_ms())
      .boolean("permitted_area", state.permitted_area())
      .boolean("mandatory_area", state.mandatory_area())
      .end_object();
}

void write_states(Json& json, const Listed& listed) {
  json.begin_array();
  for (const fb::AffiliationState* state : listed.states) write(json, *state);
  json.end_array();
}

// ---- for a person

std::string client_in_words(const fb::AffiliationState& state) {
  const std::string client = text_of(state.client_id());
  return client.empty() ? "all clients" : "client " + client;
}

std::string state_in_words(const fb::AffiliationState& state) {
  std::string text = status_in_words(status_of(state), services_of(state));
  const auto cause = static_cast<Cause>(state.cause());
  return cause == Cause::none ? text : text + ", " + in_words(cause);
}

std::string change_in_words(const fb::AffiliationState& state) {
  std::string text = "wanted by";
  for (const std::string_view source : names_of(AffiliationSources{state.sources()}))
    text += (text.ends_with("by") ? " " : ", ") + std::string(source);
  text += "; changed " + wall_in_words(static_cast<std::int64_t>(state.changed_wall_ms()));
  const std::string by = text_of(state.changed_by());
  return by.empty() ? text : text + " by " + by;
}

/// Areas are stored with the group, and nothing here looks where anybody is.
std::string group_in_words(const fb::AffiliationState& state) {
  std::string text =
      state.group_here() ? "group defined here" : "group of " + text_of(state.group_home());
  if (!state.permitted_area() && !state.mandatory_area()) return text;
  text += ", with a ";
  if (state.permitted_area()) text += "permitted ";
  if (state.permitted_area() && state.mandatory_area()) text += "and a ";
  if (state.mandatory_area()) text += "mandatory ";
  return text + "area, which is not evaluated: see `bivouac group show`";
}

std::string line_of(const fb::AffiliationState& state) {
  std::string line = text_of(state.mc_service_id());
  if (!state.user_here()) line += " (of " + text_of(state.user_home()) + ")";
  line += "  " + text_of(state.group_id());
  if (!state.group_here()) line += " (of " + text_of(state.group_home()) + ")";
  return line + "  " + state_in_words(state) + ", " + client_in_words(state) + "; " +
         change_in_words(state) + '\n';
}

/// Pending ones count against N2, clients of one user do not.
std::size_t groups_counted(const Listed& listed) {
  std::set<std::string> groups;
  for (const fb::AffiliationState* state : listed.states) {
    if (status_of(*state) != AffiliationStatus::deaffiliating)
      groups.insert(text_of(state->group_id()));
  }
  return groups.size();
}

std::string show_in_words(const Command& command, const Listed& listed) {
  const fb::AffiliationListAnswer& first = listed.first();
  std::string text = command.user_id;
  text += first.user_here()
              ? "  of this system, affiliated to " + std::to_string(groups_counted(listed)) +
                    " of " + std::to_string(first.affiliations_max()) + " groups (N2)\n"
              : "  of " + text_of(first.user_home()) + ", which judges N2\n";
  for (const fb::AffiliationState* state : listed.states) {
    text += "  " + text_of(state->group_id()) + "  " + state_in_words(*state) + ", " +
            client_in_words(*state) + "\n    " + change_in_words(*state) + "\n    " +
            group_in_words(*state) + '\n';
  }
  return listed.states.empty() ? text + "  affiliated to no group\n" : text;
}

}  // namespace

int affiliation_list(const Command& command) {
  const auto listed = ask_all(command);
  if (!listed) return complain(listed.error());
  if (command.json) {
    Json json;
    write_states(json, *listed);
    print(json.take());
  } else if (listed->states.empty()) {
    print(command.pending ? "nothing is pending\n" : "no affiliations\n");
  } else {
    for (const fb::AffiliationState* state : listed->states) print(line_of(*state));
  }
  return exit_good;
}

int affiliation_show(const Command& command) {
  const auto listed = ask_all(command);
  if (!listed) return complain(listed.error());
  if (!command.json) {
    print(show_in_words(command, *listed));
    return exit_good;
  }
  const fb::AffiliationListAnswer& first = listed->first();
  Json json;
  json.begin_object()
      .text("mc_service_id", command.user_id)
      .text("user_home", text_of(first.user_home()))
      .boolean("user_here", first.user_here())
      .number("affiliations_max", first.affiliations_max())
      .number("groups", groups_counted(*listed))
      .key("affiliations");
  write_states(json, *listed);
  print(json.end_object().take());
  return exit_good;
}

}  // namespace bivouac::firmware::cli
