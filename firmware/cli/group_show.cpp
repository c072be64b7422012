// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <sstream>

#include "core/wire/configuration_codec.h"
#include "core/wire/operator_message.h"
#include "firmware/cli/json.h"
#include "firmware/cli/verbs.h"
#include "firmware/cli/words.h"
#include "firmware/config/group_file.h"

// Verbs that only look: group list and group show.

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

void write_summary(Json& json, const fb::GroupSummary& group) {
  json.text("group_id", text_of(group.group_id()))
      .text("display_name", text_of(group.display_name()))
      .text("home_system", text_of(group.home_system()))
      .boolean("home_here", group.home_here())
      .number("version", group.version())
      .number("exposed_revision", group.exposed_revision());
  write_services(json, "services", services_of(group.services()));
  json.number("members", group.members())
      .boolean("disabled", group.disabled())
      .number("stored_wall_ms", group.stored_wall_ms())
      .boolean("stale", group.stale())
      .number("stale_ms", group.stale_ms())
      .boolean("orphaned", group.orphaned());
}

/// Who defined it, and how sure we are that this is its newest state.
std::string state_in_words(const fb::GroupSummary& group) {
  std::string text = group.home_here() ? "defined here, version " + std::to_string(group.version())
                                       : "of " + text_of(group.home_system()) + ", revision " +
                                             std::to_string(group.exposed_revision());
  if (group.disabled()) text += ", disabled";
  if (group.stale())
    text += ", stale for " + span_in_words(group.stale_ms()) + ": its home is out of reach";
  if (group.orphaned()) text += ", orphaned: its home is no partner any more";
  return text;
}

std::string summary_in_words(const fb::GroupSummary& group) {
  return text_of(group.group_id()) + "  " + text_of(group.display_name()) + "  (" +
         services_in_words(services_of(group.services())) + "; " + std::to_string(group.members()) +
         (group.members() == 1 ? " member)  " : " members)  ") + state_in_words(group) + '\n';
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// What the overlay changed: lines of the one that the other lacks. Members are no matter of
/// overlays.
std::vector<std::string> overlay_lines(GroupConfiguration original, GroupConfiguration effective) {
  original.members.clear();
  effective.members.clear();
  const std::vector<std::string> before = lines_of(write_group(original));
  const std::vector<std::string> after = lines_of(write_group(effective));
  std::vector<std::string> lines;
  for (const std::string& line : before) {
    if (std::ranges::find(after, line) == after.end()) lines.push_back("- " + line);
  }
  for (const std::string& line : after) {
    if (std::ranges::find(before, line) == before.end()) lines.push_back("+ " + line);
  }
  return lines;
}

std::string exposure_in_words(const fb::ExposureState& exposure) {
  std::string line = "  " + text_of(exposure.system_id()) + ": ";
  const auto refused = static_cast<Cause>(exposure.refused_cause());
  const std::string revision = "revision " + std::to_string(exposure.exposed_revision());
  if (refused != Cause::none) {
    line += "refused " + revision + ", " + in_words(refused) + "; " +
            std::string(explain(refused).hint);
  } else if (exposure.pending()) {
    line += (exposure.withdrawn() ? "to be told that it is withdrawn, " : "to be told ") + revision;
    if (exposure.acknowledged_revision() != 0) {
      line += ", holds revision " + std::to_string(exposure.acknowledged_revision());
    }
  } else {
    line += exposure.withdrawn() ? "knows that it is withdrawn" : "holds " + revision;
  }
  return line + '\n';
}

std::string as_screen(const fb::GroupShowAnswer& answer) {
  std::string text = summary_in_words(*answer.summary());
  text += "held by our MC service servers: " +
          services_in_words(services_of(answer.services_notified())) + '\n';
  if (answer.original() == nullptr) return text;
  const GroupConfiguration original = wire::unpack(*answer.original());
  const GroupConfiguration effective =
      answer.effective() != nullptr ? wire::unpack(*answer.effective()) : original;
  const std::vector<std::string> changes = overlay_lines(original, effective);
  text += "\noriginal, as its home defined it:\n";
  for (const std::string& line : lines_of(write_group(original))) {
    text += line.empty() ? "\n" : "  " + line + '\n';
  }
  text += changes.empty() ? "\noverlay: nothing is changed here; effective is the original\n"
                          : "\noverlay, what we change of it (- original, + effective):\n";
  for (const std::string& line : changes) text += "  " + line + '\n';
  if (answer.summary()->home_here()) {
    text += "\nwhat partners were told:\n";
    if (answer.exposures() == nullptr || answer.exposures()->size() == 0) text += "  nobody\n";
  }
  if (answer.exposures() != nullptr) {
    for (const fb::ExposureState* exposure : *answer.exposures()) {
      text += exposure_in_words(*exposure);
    }
  }
  return text;
}

void write_configuration(Json& json, std::string_view key, const fb::GroupConfiguration* table) {
  if (table == nullptr) return;
  const GroupConfiguration group = wire::unpack(*table);
  json.key(key).begin_object();
  json.text("display_name", group.display_name)
      .text("alias", group.alias)
      .number("group_priority", group.group_priority);
  write_services(json, "services", group.services);
  json.key("members").begin_array();
  for (const GroupMember& member : group.members) json.text(member.mc_service_id);
  // All items, in the one format that has them all.
  json.end_array().text("toml", write_group(group)).end_object();
}

std::string as_json(const fb::GroupShowAnswer& answer) {
  Json json;
  json.begin_object();
  write_summary(json, *answer.summary());
  write_services(json, "services_notified", services_of(answer.services_notified()));
  write_configuration(json, "original", answer.original());
  write_configuration(json, "effective", answer.effective());
  json.key("exposures").begin_array();
  if (answer.exposures() != nullptr) {
    for (const fb::ExposureState* exposure : *answer.exposures()) {
      json.begin_object()
          .text("system_id", text_of(exposure->system_id()))
          .number("exposed_revision", exposure->exposed_revision())
          .number("acknowledged_revision", exposure->acknowledged_revision())
          .boolean("pending", exposure->pending())
          .boolean("withdrawn", exposure->withdrawn())
          .text("refused_cause", name(static_cast<Cause>(exposure->refused_cause())))
          .end_object();
    }
  }
  return json.end_array().end_object().take();
}

}  // namespace

int group_list(const Command& command) {
  auto client = reach_daemon(command);
  if (!client) return complain(client.error());
  const auto received =
      client->ask(wire::build_group_list_request(), fb::OperatorBody::GroupListAnswer);
  if (!received) return complain(received.error());
  const auto* groups = received->message().body_as_GroupListAnswer()->groups();
  Json json;
  json.begin_array();
  if (groups != nullptr) {
    for (const fb::GroupSummary* group : *groups) {
      if (command.json) {
        json.begin_object();
        write_summary(json, *group);
        json.end_object();
      } else {
        print(summary_in_words(*group));
      }
    }
  }
  if (command.json) {
    print(json.end_array().take());
  } else if (groups == nullptr || groups->size() == 0) {
    print("no groups yet: `bivouac group import FILE` defines one\n");
  }
  return exit_good;
}

int group_show(const Command& command) {
  auto client = reach_daemon(command);
  if (!client) return complain(client.error());
  const auto received = client->ask(wire::build_group_show_request(command.group_id),
                                    fb::OperatorBody::GroupShowAnswer);
  if (!received) return complain(received.error());
  const fb::GroupShowAnswer& answer = *received->message().body_as_GroupShowAnswer();
  if (answer.summary() == nullptr) return complain("the daemon's answer is empty");
  if (command.toml && answer.original() != nullptr) {
    print(write_group(wire::unpack(*answer.original())));
  } else {
    print(command.json ? as_json(answer) : as_screen(answer));
  }
  return exit_good;
}

}  // namespace bivouac::firmware::cli
