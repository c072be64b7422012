// SPDX-License-Identifier: Apache-2.0
#include "host-sim/ladder/captions.h"

#include <algorithm>

namespace bivouac::sim::ladder {
namespace {

bool is_upper(char letter) { return letter >= 'A' && letter <= 'Z'; }
char lower(char letter) {
  return is_upper(letter) ? static_cast<char>(letter - 'A' + 'a') : letter;
}
std::string capitalised(std::string text) {
  const bool is_lower = !text.empty() && text[0] >= 'a' && text[0] <= 'z';
  if (is_lower) text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

std::string clause_of(std::string_view clause_step) {
  return std::string(clause_step.substr(0, clause_step.find('/')));
}

std::string step_number(std::string_view clause_step) {
  const std::size_t slash = clause_step.find('/');
  const std::string_view step =
      slash == std::string_view::npos ? std::string_view{} : clause_step.substr(slash + 1);
  const bool is_number = !step.empty() && step[0] >= '0' && step[0] <= '9';
  return is_number ? std::string(step) : "";
}

/// Some clauses have no numbered steps.
bool has_number(std::string_view clause_step) { return !step_number(clause_step).empty(); }

std::string joined(const std::set<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : ", ") + text;
  return all;
}

std::string words(Cause cause) {
  std::string text(name(cause));
  std::ranges::replace(text, '_', ' ');
  return text;
}

}  // namespace

Subjects subjects_of(const std::vector<const TraceEvent*>& events) {
  Subjects subjects;
  for (const TraceEvent* event : events) {
    if (has_number(event->clause_step)) subjects.clauses.insert(clause_of(event->clause_step));
    const bool is_about_group = event->kind != TraceEvent::Kind::refused &&
                                event->kind != TraceEvent::Kind::remark && !event->group.empty();
    if (is_about_group) subjects.groups.insert(plain(event->group));
  }
  return subjects;
}

std::string spaced(std::string_view camel_case) {
  std::string text;
  for (const char letter : camel_case) {
    if (is_upper(letter) && !text.empty()) text += ' ';
    text += text.empty() ? letter : lower(letter);
  }
  return text;
}

std::string label_of(const TraceEvent& event) {
  const std::string number = step_number(event.clause_step);
  const bool is_message = event.kind == TraceEvent::Kind::message;
  const std::string what = is_message ? spaced(event.name) : capitalised(event.name);
  return number.empty() ? what : number + ". " + what;
}

std::string detail_of(const TraceEvent& event, const Subjects& subjects) {
  std::string text;
  const auto add = [&](const std::string& more) {
    if (!more.empty()) text += (text.empty() ? "" : ", ") + more;
  };
  const std::string clause = clause_of(event.clause_step);
  if (subjects.clauses.size() > 1 || !has_number(event.clause_step)) add(clause);
  const bool is_remark =
      event.kind == TraceEvent::Kind::refused || event.kind == TraceEvent::Kind::remark;
  if (is_remark) add(event.detail);
  if (subjects.groups.size() > 1 || is_remark) add(plain(event.group));
  if (event.revision != 0) {
    add((event.is_version ? "version " : "revision ") + std::to_string(event.revision));
  }
  if (!is_remark) add(event.detail);
  const bool cause_says_more = event.cause != Cause::none;
  if (!event.outcome.empty()) {
    add(cause_says_more ? event.outcome + ": " + words(event.cause) : event.outcome);
  } else if (cause_says_more) {
    add(words(event.cause));
  }
  return text;
}

std::string_view service_name(Entity mc_service_server) {
  switch (mc_service_server) {
    case Entity::mcptt_server: return "MCPTT";
    case Entity::mcvideo_server: return "MCVideo";
    case Entity::mcdata_server: return "MCData";
    case Entity::administrator:
    case Entity::client:
    case Entity::group_management_server: break;
  }
  return "";
}

std::vector<std::string> title_of(const TraceSystem& system, Entity entity, bool stands_for_all) {
  std::vector<std::string> lines;
  if (entity == Entity::administrator) {
    lines = {"Administrator"};
  } else if (entity == Entity::group_management_server && system.is_proxy && !system.is_primary &&
             !system.is_partner) {
    return {"Proxy"};
  } else if (entity == Entity::group_management_server) {
    lines = {"Group management", "server"};
  } else if (entity == Entity::client) {
    lines = {"MC service", "client"};
  } else if (stands_for_all) {
    lines = {"MC service", "server(s)"};
  } else {
    lines = {"MC service server", std::string(service_name(entity))};
  }
  if (entity == Entity::administrator) return lines;
  if (system.is_primary && system.is_partner) {
    lines.emplace_back("(primary and partner)");
  } else if (system.is_primary || system.is_partner) {
    lines.emplace_back(system.is_primary ? "(primary)" : "(partner)");
  }
  return lines;
}

std::string subtitle_of(const Subjects& subjects) {
  std::string text;
  if (!subjects.clauses.empty()) {
    text += subjects.clauses.size() == 1 ? "Clause " : "Clauses ";
    text += joined(subjects.clauses);
  }
  const bool says_group = !subjects.groups.empty() && subjects.groups.size() <= 3;
  if (says_group) {
    text += text.empty() ? "" : "; ";
    text += subjects.groups.size() == 1 ? "MC service group " : "MC service groups ";
    text += joined(subjects.groups);
  }
  return capitalised(text);
}

}  // namespace bivouac::sim::ladder
