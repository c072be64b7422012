// SPDX-License-Identifier: Apache-2.0
#include <cinttypes>
#include <cstdio>

#include "core/wire/operator_message.h"
#include "firmware/cli/json.h"
#include "firmware/cli/verbs.h"
#include "firmware/cli/words.h"

// The schema of `status --json` is that of StatusAnswer in operator.fbs, name by name; keys are
// added, never renamed or removed.

namespace bivouac::firmware::cli {
namespace {

namespace fb = wire::fb;

std::string_view text_of(const flatbuffers::String* text) {
  return text == nullptr ? std::string_view() : text->string_view();
}

std::string hex(std::uint64_t value) {
  char text[24];
  std::snprintf(text, sizeof text, "%016" PRIx64, value);
  return text;
}

template <class Vector>
std::uint64_t total(const Vector* counts) {
  std::uint64_t sum = 0;
  if (counts == nullptr) return sum;
  for (const fb::NamedCount* count : *counts) sum += count->count();
  return sum;
}

// ---- for a program

void write_counts(Json& json, std::string_view key,
                  const flatbuffers::Vector<flatbuffers::Offset<fb::NamedCount>>* counts) {
  json.key(key).begin_object();
  if (counts != nullptr) {
    for (const fb::NamedCount* count : *counts) json.number(text_of(count->name()), count->count());
  }
  json.end_object();
}

void write_link(Json& json, const fb::LinkStatus& link) {
  json.begin_object()
      .text("system_id", text_of(link.system_id()))
      .boolean("up", link.up())
      .text("via", text_of(link.via()))
      .text("down_cause", link.via() == nullptr || link.up()
                              ? std::string_view()
                              : bivouac::name(static_cast<Cause>(link.down_cause())))
      .text("address", text_of(link.address()))
      .number("last_contact_ms_ago", link.last_contact_ms_ago())
      .number("round_trip_ms", link.round_trip_ms())
      .number("queue_bytes", link.queue_bytes())
      .key("certificate_days")
      .signed_number(link.certificate_days())
      .text("tls_version", text_of(link.tls_version()))
      .number("pending_provisions", link.pending_provisions())
      .number("dial_attempts", link.dial_attempts())
      .text("peer_incarnation", hex(link.peer_incarnation()))
      .end_object();
}

std::string as_json(const fb::StatusAnswer& status) {
  Json json;
  json.begin_object()
      .text("system_id", text_of(status.system_id()))
      .text("incarnation", hex(status.incarnation()))
      .number("boots", status.boots())
      .number("uptime_ms", status.uptime_ms())
      .boolean("clock_trusted", status.clock_trusted())
      .number("clock_floor_ms", status.clock_floor_ms())
      .number("wall_ms", status.wall_ms())
      .key("own_certificate_days")
      .signed_number(status.own_certificate_days());
  json.key("links").begin_array();
  if (status.links() != nullptr) {
    for (const fb::LinkStatus* link : *status.links()) write_link(json, *link);
  }
  json.end_array()
      .number("groups_home", status.groups_home())
      .number("groups_cached", status.groups_cached())
      .number("groups_stale", status.groups_stale());
  json.key("stale_groups").begin_array();
  if (status.stale_groups() != nullptr) {
    for (const fb::StaleGroup* group : *status.stale_groups()) {
      json.begin_object()
          .text("group_id", text_of(group->group_id()))
          .text("home_system", text_of(group->home_system()))
          .number("stale_ms", group->stale_ms())
          .end_object();
    }
  }
  json.end_array()
      .number("users", status.users())
      .number("records", status.records())
      .number("store_bytes", status.store_bytes())
      .number("store_free_bytes", status.store_free_bytes())
      .boolean("space_low", status.space_low())
      .number("commits", status.commits())
      .number("commit_bytes", status.commit_bytes())
      .number("sync_last_us", status.sync_last_us())
      .number("sync_max_us", status.sync_max_us())
      .number("resident_bytes", status.resident_bytes())
      .number("loop_lag_max_us", status.loop_lag_max_us())
      .number("forwarded_frames", status.forwarded_frames())
      .number("forwarded_bytes", status.forwarded_bytes())
      .number("handshakes", status.handshakes());
  json.key("clients").begin_array();
  if (status.clients() != nullptr) {
    for (const fb::ClientStatus* client : *status.clients()) {
      json.begin_object()
          .text("mc_service_id", text_of(client->mc_service_id()))
          .text("client_id", text_of(client->client_id()))
          .number("logged_on_ms_ago", client->logged_on_ms_ago())
          .text("address", text_of(client->address()))
          .end_object();
    }
  }
  json.end_array();
  write_counts(json, "handshake_failures", status.handshake_failures());
  write_counts(json, "refusals", status.refusals());
  write_counts(json, "affiliations", status.affiliations());
  json.number("users_hosted", status.users_hosted());
  write_counts(json, "affiliation_refusals", status.affiliation_refusals());
  json.key("store_losses").begin_array();
  if (status.store_losses() != nullptr) {
    for (const flatbuffers::String* loss : *status.store_losses()) json.text(text_of(loss));
  }
  return json.end_array().end_object().take();
}

// ---- for a person

std::string row(std::string_view label, const std::string& text) {
  std::string line(label);
  line.resize(12, ' ');
  return line + text + '\n';
}

std::string link_in_words(const fb::LinkStatus& link) {
  std::string text = "  " + std::string(text_of(link.system_id()));
  text.resize(text.size() < 28 ? 28 : text.size() + 1, ' ');
  const std::string via(text_of(link.via()));
  if (!via.empty() && link.up()) {
    text += "up    via " + via + ", heard " + span_in_words(link.last_contact_ms_ago()) +
            " ago, round trip " + std::to_string(link.round_trip_ms()) + " ms";
  } else if (!via.empty()) {
    text += "down  via " + via + ": " +
            std::string(bivouac::name(static_cast<Cause>(link.down_cause())));
  } else if (link.up()) {
    text += "up    " + std::string(text_of(link.address())) + ' ' +
            std::string(text_of(link.tls_version())) + ", heard " +
            span_in_words(link.last_contact_ms_ago()) + " ago, round trip " +
            std::to_string(link.round_trip_ms()) + " ms, queue " +
            bytes_in_words(link.queue_bytes()) + ", certificate " +
            days_in_words(link.certificate_days());
  } else {
    text += "down  ";
    text += link.last_contact_ms_ago() == 0
                ? "not heard since the start"
                : "heard " + span_in_words(link.last_contact_ms_ago()) + " ago";
    if (link.dial_attempts() > 0)
      text += ", dialled " + std::to_string(link.dial_attempts()) + " times";
  }
  if (link.pending_provisions() > 0) {
    text += ", " + std::to_string(link.pending_provisions()) + " to be told";
  }
  return text + '\n';
}

std::string client_in_words(const fb::ClientStatus& client) {
  std::string text = "  " + std::string(text_of(client.mc_service_id()));
  text.resize(text.size() < 28 ? 28 : text.size() + 1, ' ');
  text += std::string(text_of(client.client_id())) + ", since " +
          span_in_words(client.logged_on_ms_ago());
  const std::string address(text_of(client.address()));
  return text + (address.empty() ? "" : ", from " + address) + '\n';
}

std::string clock_in_words(const fb::StatusAnswer& status) {
  const std::string wall = wall_in_words(static_cast<std::int64_t>(status.wall_ms()));
  if (status.clock_trusted()) return "trusted, " + wall;
  return "not trusted (" + wall + "): certificates are judged at " +
         wall_in_words(static_cast<std::int64_t>(status.clock_floor_ms())) + ", or by network time";
}

std::string store_in_words(const fb::StatusAnswer& status) {
  std::string text = bytes_in_words(status.store_bytes()) + " for " +
                     std::to_string(status.records()) + " records, " +
                     bytes_in_words(status.store_free_bytes()) + " free";
  if (status.space_low()) text += ": LOW, nothing that grows is taken";
  text += "; " + std::to_string(status.commits()) + " commits";
  if (status.commits() > 0) {
    text += " of " + bytes_in_words(status.commit_bytes() / status.commits()) + ", sync " +
            microseconds_in_words(status.sync_last_us()) + ", worst " +
            microseconds_in_words(status.sync_max_us());
  }
  return text;
}

std::string counts_in_words(const flatbuffers::Vector<flatbuffers::Offset<fb::NamedCount>>* counts,
                            bool handshakes) {
  std::string text;
  if (counts == nullptr) return text;
  for (const fb::NamedCount* count : *counts) {
    if (count->count() == 0) continue;
    const std::string name(text_of(count->name()));
    const Explanation explanation =
        handshakes ? explain_handshake(name) : explain(cause_named(name));
    text += "  " + name + ' ' + std::to_string(count->count()) + ": " +
            std::string(explanation.words) + "; " + std::string(explanation.hint) + '\n';
  }
  return text;
}

/// Which groups may be old, and since when.
std::string stale_in_words(const fb::StatusAnswer& status) {
  std::string text;
  if (status.stale_groups() == nullptr) return text;
  for (const fb::StaleGroup* group : *status.stale_groups()) {
    text += row("", std::string(text_of(group->group_id())) + " stale for " +
                        span_in_words(group->stale_ms()) + ": " +
                        std::string(text_of(group->home_system())) + " is out of reach");
  }
  if (status.groups_stale() > status.stale_groups()->size())
    text += row("", "and more: `bivouac group list`");
  return text;
}

/// By status, and why groups of requests were refused: in one line each.
std::string affiliations_in_words(const fb::StatusAnswer& status) {
  const auto listed = [](const auto* counts) {
    std::string text;
    if (counts == nullptr) return text;
    for (const fb::NamedCount* one : *counts) {
      if (one->count() == 0) continue;
      if (!text.empty()) text += ", ";
      text += std::to_string(one->count()) + ' ' + std::string(text_of(one->name()));
    }
    return text;
  };
  const std::string counts = listed(status.affiliations());
  std::string text = row("affiliation", (counts.empty() ? "none" : counts) + "; " +
                                            std::to_string(status.users_hosted()) +
                                            " users of partners at groups of ours");
  const std::string refused = listed(status.affiliation_refusals());
  return refused.empty() ? text : text + row("", "refused: " + refused);
}

std::string as_screen(const fb::StatusAnswer& status) {
  std::string text = std::string(text_of(status.system_id())) + "  up " +
                     span_in_words(status.uptime_ms()) + ", incarnation " +
                     hex(status.incarnation()) + ", start " + std::to_string(status.boots()) + '\n';
  text += row("clock", clock_in_words(status));
  text += row("certificate", "ours " + days_in_words(status.own_certificate_days()));
  text += row("groups", std::to_string(status.groups_home()) + " defined here, " +
                            std::to_string(status.groups_cached()) + " of others, of which " +
                            std::to_string(status.groups_stale()) + " stale");
  text += stale_in_words(status);
  text += row("store", store_in_words(status));
  text += row("memory", bytes_in_words(status.resident_bytes()) + ", loop late by at most " +
                            microseconds_in_words(status.loop_lag_max_us()));
  text += "links\n";
  if (status.links() != nullptr) {
    for (const fb::LinkStatus* link : *status.links()) text += link_in_words(*link);
  }
  if (status.forwarded_frames() > 0) {
    text += row("forwarded", std::to_string(status.forwarded_frames()) + " messages, " +
                                 bytes_in_words(status.forwarded_bytes()));
  }
  const std::size_t clients = status.clients() == nullptr ? 0 : status.clients()->size();
  text += row("users", std::to_string(status.users()) + " served here, " + std::to_string(clients) +
                           " clients logged on");
  for (std::size_t i = 0; i < clients; ++i)
    text += client_in_words(*status.clients()->Get(static_cast<flatbuffers::uoffset_t>(i)));
  text += affiliations_in_words(status);
  text += row("handshakes", std::to_string(status.handshakes()) + " good, " +
                                std::to_string(total(status.handshake_failures())) + " failed");
  text += counts_in_words(status.handshake_failures(), true);
  text += row("refusals", std::to_string(total(status.refusals())));
  text += counts_in_words(status.refusals(), false);
  if (status.store_losses() != nullptr && status.store_losses()->size() > 0) {
    text += "lost with a damaged store, and fetched again where it has a home elsewhere\n";
    for (const flatbuffers::String* loss : *status.store_losses()) {
      text += "  " + std::string(text_of(loss)) + '\n';
    }
  }
  return text;
}

}  // namespace

int status(const Command& command) {
  auto client = reach_daemon(command);
  if (!client) return complain(client.error());
  const auto answer = client->ask(wire::build_status_request(), fb::OperatorBody::StatusAnswer);
  if (!answer) return complain(answer.error());
  const fb::StatusAnswer& status = *answer->message().body_as_StatusAnswer();
  print(command.json ? as_json(status) : as_screen(status));
  return exit_good;
}

}  // namespace bivouac::firmware::cli
