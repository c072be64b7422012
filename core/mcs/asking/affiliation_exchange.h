// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <string>
#include <string_view>

#include <absl/container/btree_map.h>

#include "core/mcs/affiliation_exchange.h"
#include "core/mcs/own/affiliation_status.h"
#include "core/mcs/user_affiliations.h"

namespace bivouac::mcs::asking {

/// When a partner can be reached again, its MC service server and ours compare the affiliations of
/// our users to its groups (F7). What differs becomes pending: it goes to the partner in the way of
/// every other wish, and until then nothing of it is called affiliated.
/// @clause S4 10.X.3.2.2
/// @clause S4 10.X.4.3
///
/// Nothing of it is stored: with the next link it begins anew, from the first user on.
class AffiliationExchange {
 public:
  AffiliationExchange(Affiliations& affiliations, own::AffiliationStatusNotification& status)
      : affiliations_(affiliations), status_(status) {}

  void on_link_up(std::string_view system);
  void on_link_down(engine::Context& context, std::string_view system);
  /// The partner holds something of our users.
  void on_notification(std::string_view system);
  void on_response(engine::Context& context, const wire::fb::Envelope& envelope);
  /// No answer, or one that says nothing of the users: a passing trouble is tried again after a
  /// while, another one with the next link.
  void on_failure(engine::Context& context, ExchangeId id, Cause cause);
  void on_again();

  /// One slice; true when more can be done at once.
  bool go_on(engine::Context& context);

 private:
  struct Talk {
    std::string after;  // the users up to here are done
    ExchangeId on_the_way;
    bool asks_anyway = false;  // though nothing is known here
    bool once_more = false;
    bool done = false;
    bool failed = false;
    std::deque<HostedUser> differ;  // of the answer, not looked at yet
  };
  using Talks = absl::btree_map<std::string, Talk, std::less<>>;
  void ask(engine::Context& context, const std::string& system, Talk& talk);
  void end_request(engine::Context& context, const std::string& system, Talk& talk);
  bool doubt_some(engine::Context& context, std::string_view system, const HostedUser& told);

  Affiliations& affiliations_;
  own::AffiliationStatusNotification& status_;
  Talks talks_;
};

}  // namespace bivouac::mcs::asking
