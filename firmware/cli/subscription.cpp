// SPDX-License-Identifier: Apache-2.0
#include "core/wire/operator_message.h"
#include "firmware/cli/json.h"
#include "firmware/cli/verbs.h"
#include "firmware/cli/words.h"

// subscription list: whom we notify of which group, and to which groups of partners we subscribed.

namespace bivouac::firmware::cli {
namespace {

namespace fb = wire::fb;

constexpr std::uint64_t ms_per_s = 1'000;

std::string text_of(const flatbuffers::String* text) { return text == nullptr ? "" : text->str(); }

std::string_view wish_in_words(fb::SubscriptionWish wish) {
  switch (wish) {
    case fb::SubscriptionWish::automatic: return "by configuration";
    case fb::SubscriptionWish::wanted: return "by operator";
    case fb::SubscriptionWish::unwanted: return "ended by operator";
  }
  return "unnamed";
}

std::string notified_in_words(const fb::SubscriptionState& state) {
  std::string line = "  " + text_of(state.system_id()) + "  " + text_of(state.group_id()) +
                     "  revision " + std::to_string(state.exposed_revision());
  if (state.acknowledged_revision() != state.exposed_revision())
    line += ", holds " + std::to_string(state.acknowledged_revision());
  line += ", lease " + span_in_words(state.lease_left_s() * ms_per_s);
  if (!state.reachable()) line += ", out of reach";
  if (state.pending()) line += ", to be notified";
  const auto refused = static_cast<Cause>(state.refused_cause());
  if (refused != Cause::none) line += ", refused: " + in_words(refused);
  if (state.failures() != 0) line += ", failed " + std::to_string(state.failures()) + " times";
  return line + '\n';
}

std::string subscribed_in_words(const fb::SubscribedState& state) {
  std::string line = "  " + text_of(state.home_system()) + "  " + text_of(state.group_id()) + "  " +
                     std::string(wish_in_words(state.wish()));
  line += state.stored() ? ", revision " + std::to_string(state.stored_revision()) : ", not stored";
  if (state.exposed_revision() > state.stored_revision())
    line += " of " + std::to_string(state.exposed_revision());
  if (state.granted()) line += ", lease " + span_in_words(state.lease_left_s() * ms_per_s);
  if (state.stale()) line += ", stale";
  const auto refused = static_cast<Cause>(state.refused_cause());
  if (refused != Cause::none)
    line += ", refused: " + in_words(refused) + "; " + std::string(explain(refused).hint);
  return line + '\n';
}

void write(Json& json, const fb::SubscriptionState& state) {
  json.begin_object()
      .text("system_id", text_of(state.system_id()))
      .text("group_id", text_of(state.group_id()))
      .boolean("reachable", state.reachable())
      .number("lease_left_s", state.lease_left_s())
      .number("interval_min_ms", state.interval_min_ms())
      .number("exposed_revision", state.exposed_revision())
      .number("acknowledged_revision", state.acknowledged_revision())
      .boolean("pending", state.pending())
      .text("refused_cause", name(static_cast<Cause>(state.refused_cause())))
      .number("failures", state.failures())
      .end_object();
}

void write(Json& json, const fb::SubscribedState& state) {
  json.begin_object()
      .text("home_system", text_of(state.home_system()))
      .text("group_id", text_of(state.group_id()))
      .text("wish", fb::EnumNameSubscriptionWish(state.wish()))
      .boolean("granted", state.granted())
      .number("lease_left_s", state.lease_left_s())
      .boolean("stored", state.stored())
      .number("stored_revision", state.stored_revision())
      .number("exposed_revision", state.exposed_revision())
      .boolean("stale", state.stale())
      .text("refused_cause", name(static_cast<Cause>(state.refused_cause())))
      .end_object();
}

using Pages = std::vector<OperatorAnswer>;

const fb::SubscriptionListAnswer& list_in(const OperatorAnswer& page) {
  return *page.message().body_as_SubscriptionListAnswer();
}

std::expected<Pages, std::string> ask_all(OperatorClient& client) {
  Pages pages;
  std::uint32_t group = 0;
  std::uint32_t system = 0;
  do {
    auto page = client.ask(wire::build_subscription_list_request(group, system),
                           fb::OperatorBody::SubscriptionListAnswer);
    if (!page) return std::unexpected(page.error());
    group = list_in(*page).next_group();
    system = list_in(*page).next_system();
    pages.push_back(std::move(*page));
  } while (group != 0);
  return pages;
}

/// Calls `one` for each element of the list in each page.
template <class List, class One>
void for_each(const Pages& pages, const List& list, const One& one) {
  for (const OperatorAnswer& page : pages) {
    const auto* elements = list(list_in(page));
    if (elements == nullptr) continue;
    for (const auto* element : *elements) one(*element);
  }
}

const auto notified_of = [](const auto& answer) { return answer.notified(); };
const auto subscribed_of = [](const auto& answer) { return answer.subscribed(); };

std::string as_json(const Pages& pages) {
  Json json;
  json.begin_object().key("notified").begin_array();
  for_each(pages, notified_of, [&](const auto& state) { write(json, state); });
  json.end_array().key("subscribed").begin_array();
  for_each(pages, subscribed_of, [&](const auto& state) { write(json, state); });
  return json.end_array().end_object().take();
}

std::string as_screen(const Pages& pages) {
  std::string notified;
  std::string subscribed;
  for_each(pages, notified_of, [&](const auto& state) { notified += notified_in_words(state); });
  for_each(pages, subscribed_of,
           [&](const auto& state) { subscribed += subscribed_in_words(state); });
  return "partners that subscribed to our groups:\n" + (notified.empty() ? "  none\n" : notified) +
         "groups of partners that we subscribed to:\n" +
         (subscribed.empty() ? "  none\n" : subscribed);
}

}  // namespace

int subscription_list(const Command& command) {
  auto client = reach_daemon(command);
  if (!client) return complain(client.error());
  const auto pages = ask_all(*client);
  if (!pages) return complain(pages.error());
  print(command.json ? as_json(*pages) : as_screen(*pages));
  return exit_good;
}

}  // namespace bivouac::firmware::cli
