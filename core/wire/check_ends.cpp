// SPDX-License-Identifier: Apache-2.0
#include "core/wire/check_ends.h"

namespace bivouac::wire {
namespace {

bool check_between_systems(Check& check, const fb::Envelope& e) {
  return check.system(e.origin()) && check.system(e.target()) &&
         check.in_range(text_of(e.client_id()).empty());
}

bool check_from_client(Check& check, const fb::Envelope& e) {
  return check.identity(e.origin()) && check.system(e.target()) && check.client_id(e.client_id());
}

bool check_to_client(Check& check, const fb::Envelope& e) {
  return check.system(e.origin()) && check.identity(e.target()) && check.client_id(e.client_id());
}

bool check_names(Check& check, const fb::Envelope& e, Ends ends) {
  const bool names_client = !text_of(e.client_id()).empty();
  switch (ends) {
    case Ends::none: break;
    case Ends::request:
    case Ends::answer: return check_between_systems(check, e);
    case Ends::client_request:
    case Ends::client_answer: return check_from_client(check, e);
    case Ends::request_to_client:
    case Ends::answer_to_client: return check_to_client(check, e);
    case Ends::either_answer:
      if (!names_client) return check_between_systems(check, e);
      [[fallthrough]];
    case Ends::either_request:
      return is_canonical_system(text_of(e.origin())) ? check_to_client(check, e)
                                                      : check_from_client(check, e);
  }
  return true;
}

bool is_answer(Ends ends) {
  return ends == Ends::answer || ends == Ends::client_answer || ends == Ends::answer_to_client ||
         ends == Ends::either_answer;
}

}  // namespace

/// Sessions (Hello, Heartbeat) concern two neighbours and bear no address.
bool check_ends(Check& check, const fb::Envelope& e, Ends ends) {
  if (ends == Ends::none)
    return check.optional_system(e.origin()) && check.optional_system(e.target());
  return check_names(check, e, ends) &&
         check.that(e.exchange() != 0 && e.origin_incarnation() != 0, Cause::field_missing) &&
         check.in_range(is_answer(ends) || e.answered_up_to() < e.exchange());
}

}  // namespace bivouac::wire
