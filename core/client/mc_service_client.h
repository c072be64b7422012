// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/container/btree_map.h>
#include <absl/container/btree_set.h>

#include "core/base/affiliation.h"
#include "core/base/group_configuration.h"
#include "core/base/key_envelope.h"
#include "core/base/user_profile.h"
#include "core/engine/deadlines.h"
#include "core/engine/effects.h"
#include "core/engine/event.h"
#include "core/engine/random.h"
#include "core/wire/build_client.h"
#include "core/wire/deframer.h"
#include "core/wire/inbound.h"

namespace bivouac::client {

/// What a client tells whoever uses it.
struct Report {
  enum class Kind : std::uint8_t {
    connected,     // the MC system said Hello
    disconnected,  // cause
    logged_on,     //
    logged_off,    // cause: none as wished, else why the system did it, or did not let us on
    got,           // group_id, configuration, stale, age_ms, keys
    subscribed,    // group_id
    unsubscribed,  // group_id
    notified,      // group_id: the copy is new
    freshness,     // group_id: the copy became stale, or fresh
    withdrawn,     // group_id, cause
    refused,       // group_id, cause: a request about it; mc_service_id where it is about a user
    affiliation,   // group_id, status, cause, and all of it in affiliations: what became of it in a
                   // request of ours
    deaffiliated,  // the same: it ended without our asking
    affiliations,  // mc_service_id, affiliations: all that the user has now
  };
  Kind kind = Kind::connected;
  std::string group_id;
  Cause cause = Cause::none;
  std::optional<GroupConfiguration> configuration;
  bool stale = false;
  std::uint64_t age_ms = 0;
  std::vector<KeyEnvelope> keys;  // with `got`
  AffiliationStatus status = AffiliationStatus::rejected;
  std::string mc_service_id;
  std::vector<GroupAffiliation> affiliations;
};

std::string_view name(Report::Kind kind);

/// A group as a group management client holds it: the newest that it was told.
struct Copy {
  GroupConfiguration configuration;
  std::uint64_t digest = 0;
  bool stale = false;        // its home was not reached, or this client is not logged on
  std::uint64_t age_ms = 0;  // as told with `stale`
  std::vector<KeyEnvelope> keys;
};

/// The client's end: an MC service client that logs on for one user, with the group management
/// client in it. As pure as the servers: events in, effects out, no clock, no I/O. It keeps a
/// session with one MC system for as long as it lives, logs on again over each new one, and
/// subscribes again with what it knows. Nothing is stored.
/// @clause S4 10.X.3.1
/// @clause S4 10.X.3.2.2
/// @clause S4 10.X.4.2
/// @clause S4 10.X.4.3
class McServiceClient {
 public:
  struct Options {
    std::string mc_service_id;
    std::string client_id;
    std::string system;  // the MC system that serves the user; empty: whichever answers
    Services services;   // to be authorised for; none: all of the profile
    bool dials_again = true;
  };
  McServiceClient(Options options, std::uint64_t entropy);

  // What its user wants. Each holds until it is taken back, over all sessions.
  void log_on(Now now, engine::Effects& effects);
  void log_off(Now now, engine::Effects& effects);
  /// Once: answered with a report.
  void get(Now now, engine::Effects& effects, std::string_view group_id);
  void subscribe(Now now, engine::Effects& effects, std::string_view group_id);
  void unsubscribe(Now now, engine::Effects& effects, std::string_view group_id);

  /// Once: answered with a report for each group; limits::affiliation_groups_max at most.
  void affiliate(Now now, engine::Effects& effects, std::vector<std::string> group_ids);
  void deaffiliate(Now now, engine::Effects& effects, std::vector<std::string> group_ids,
                   DeaffiliationScope scope = DeaffiliationScope::this_client);
  /// To hear of a user's affiliations; of its own user's it hears anyway, when they change.
  void watch_affiliations(Now now, engine::Effects& effects, std::string_view mc_service_id);
  void unwatch_affiliations(Now now, engine::Effects& effects, std::string_view mc_service_id);

  /// Boot, PeerUp, BytesIn, PeerDown, DialFailed, Tick and Stop; what else may happen to an MC
  /// system does not concern a client.
  void step(Now now, const engine::Event& event, engine::Effects& effects);
  MonoMs next_deadline() const { return deadlines_.next(); }

  std::vector<Report> take_reports() { return std::exchange(reports_, {}); }
  bool is_connected() const { return greeted_; }
  bool is_logged_on() const { return logged_on_; }
  const std::optional<UserProfile>& profile() const { return profile_; }
  Services services() const { return services_; }
  const Options& options() const { return options_; }
  /// The groups that it wants to hear of, and whether the server has said yes in this session.
  const absl::btree_map<std::string, bool, std::less<>>& subscriptions() const {
    return subscriptions_;
  }
  /// Of the groups that it is subscribed to.
  const absl::btree_map<std::string, Copy, std::less<>>& copies() const { return copies_; }

  /// By user, as the server told it last in this session.
  const absl::btree_map<std::string, std::vector<GroupAffiliation>, std::less<>>& affiliations()
      const {
    return affiliations_;
  }
  /// Of this client to a group; null when there is none, or none is known of.
  const GroupAffiliation* affiliation(std::string_view group_id) const;

 private:
  struct Pending {
    wire::fb::Body request = wire::fb::Body::NONE;
    std::string group_id;  // or the user whom it is about
    bool unsubscribe = false;
    std::vector<std::string> group_ids = {};
  };

  void dial(engine::Effects& effects);
  void dial_later(Now now);
  void on_up(Now now, const engine::PeerUp& event, engine::Effects& effects);
  void on_bytes(Now now, const engine::BytesIn& event, engine::Effects& effects);
  void on_down(Now now, Cause cause);
  void on_tick(Now now, engine::Effects& effects);
  void on_message(Now now, const wire::fb::Envelope& envelope, engine::Effects& effects);
  void on_hello(Now now, const wire::fb::Hello& hello, engine::Effects& effects);
  void on_answer(Now now, const wire::fb::Envelope& envelope, engine::Effects& effects);
  void on_logged_on(Now now, const wire::fb::LogOnResponse& response, engine::Effects& effects);
  void on_log_off_request(Now now, const wire::fb::Envelope& envelope, engine::Effects& effects);
  void on_got(const wire::fb::ClientGetGroupConfigurationResponse& response);
  void on_subscribed(const Pending& pending, Cause cause);
  void on_notify(const wire::fb::Envelope& envelope, engine::Effects& effects);
  void on_affiliated(const wire::fb::ClientGroupAffiliationResponse& response);
  void on_deaffiliated(const wire::fb::ClientGroupDeaffiliationResponse& response);
  void on_watched(const Pending& pending,
                  const wire::fb::SubscribeAffiliationStatusResponse& response);
  void on_affiliation_status(const wire::fb::Envelope& envelope, engine::Effects& effects);
  void on_ended(const wire::fb::ClientGroupDeaffiliationNotification& notification);
  void take_affiliations(const std::string& user, std::vector<GroupAffiliation> groups);
  void stop_watching(const std::string& user, Cause cause);
  void learn(const GroupAffiliation& told, bool leaves, bool all_clients);
  void report_group(Report::Kind kind, const GroupAffiliation& group);
  void send_watch(Now now, engine::Effects& effects, const std::string& user, bool unsubscribe);
  bool on_affiliation_answer(const Pending& pending, const wire::fb::Envelope& envelope);
  void not_let_on(Now now, Cause cause);
  void drop_copies(Cause cause);
  void fail(const Pending& pending, Now now, Cause cause);
  wire::Address request(Now now, Pending pending);
  wire::Address answer(const wire::fb::Envelope& request) const;
  void send_log_on(Now now, engine::Effects& effects);
  void send_subscribe(Now now, engine::Effects& effects, const std::string& group_id,
                      bool unsubscribe);
  void close(engine::Effects& effects, Cause cause);
  void report(Report::Kind kind, std::string_view group_id = {}, Cause cause = Cause::none);

  Options options_;
  engine::Random random_;
  Incarnation incarnation_;
  engine::Deadlines deadlines_;
  std::uint64_t next_exchange_ = 1;

  // The session
  ConnectionId connection_;
  bool greeted_ = false;
  std::string system_;
  Incarnation system_incarnation_;
  wire::LargeFrames large_frames_{1};
  std::optional<wire::Deframer> deframer_;  // none while there is no session that is read
  MonoMs last_received_;
  std::uint32_t attempts_ = 0;
  absl::btree_map<std::uint64_t, Pending> pending_;  // by exchange

  // What is wanted, and what is known
  bool stopping_ = false;
  bool wants_log_on_ = false;
  bool logged_on_ = false;
  Services services_;
  std::optional<UserProfile> profile_;
  absl::btree_map<std::string, bool, std::less<>> subscriptions_;  // and whether confirmed
  absl::btree_map<std::string, Copy, std::less<>> copies_;
  absl::btree_set<std::string, std::less<>> watched_;  // users
  absl::btree_map<std::string, std::vector<GroupAffiliation>, std::less<>> affiliations_;
  std::vector<Report> reports_;
};

}  // namespace bivouac::client
