// SPDX-License-Identifier: Apache-2.0
// Any bytes as the body of a frame on the operator's socket: what is accepted is safe to read, and
// configurations in it survive being stored.
#include <cstddef>
#include <cstdint>

#include "core/base/assert.h"
#include "core/base/identity.h"
#include "core/wire/configuration_codec.h"
#include "core/wire/key_envelope_codec.h"
#include "core/wire/operator_message.h"
#include "core/wire/user_profile_codec.h"
#include "tests/support/wire_frames.h"

using namespace bivouac;
using namespace bivouac::wire;
using bivouac::test::WholeFrame;

namespace {

std::string_view text(const flatbuffers::String* s) {
  return s == nullptr ? std::string_view{} : s->string_view();
}

void survives_storage(const fb::GroupConfiguration* table) {
  if (table == nullptr) return;
  const GroupConfiguration configuration = unpack(*table);
  BIVOUAC_ASSERT(decode(encode(configuration)) == configuration);
}

void accepted_again(const Bytes& bytes) {
  const WholeFrame whole(bytes);
  BIVOUAC_ASSERT(verify_operator(whole.frame()).has_value());
}

void read_import(const fb::GroupImportRequest& m) {
  GroupConfiguration configuration = unpack(*m.configuration());
  accepted_again(build_group_import_request(configuration));
  configuration.home_system = "sip:alpha.example";  // as the daemon does
  BIVOUAC_ASSERT(validate(configuration) == Cause::none);
}

template <class List>
std::size_t printed(const List* list) {
  std::size_t bytes = 0;
  if (list == nullptr) return bytes;
  for (const auto* element : *list) {
    if constexpr (requires { element->name(); }) {
      BIVOUAC_ASSERT(is_clean_text(text(element->name())));
    } else if constexpr (requires { element->system_id(); }) {
      BIVOUAC_ASSERT(is_clean_text(text(element->system_id())));
    } else if constexpr (requires { element->changed_by(); }) {
      BIVOUAC_ASSERT(is_clean_text(text(element->client_id())));
      BIVOUAC_ASSERT(is_clean_text(text(element->changed_by())));
    } else if constexpr (requires { element->recipient(); }) {
      BIVOUAC_ASSERT(is_clean_text(text(element->recipient())));
    } else if constexpr (requires { element->display_name(); }) {
      BIVOUAC_ASSERT(is_clean_text(text(element->display_name())));
    } else {
      BIVOUAC_ASSERT(is_clean_text(element->string_view()));
    }
    ++bytes;
  }
  return bytes;
}

void read(const fb::OperatorMessage& message) {
  if (const auto* m = message.body_as_GroupImportRequest()) read_import(*m);
  if (const auto* m = message.body_as_UserImportRequest()) {
    accepted_again(build_user_import_request(unpack(*m->profile())));
  }
  if (const auto* m = message.body_as_UserShowAnswer(); m != nullptr && m->profile() != nullptr) {
    const UserProfile profile = unpack(*m->profile());
    BIVOUAC_ASSERT(decode_profile(encode(profile)) == profile);
  }
  if (const auto* m = message.body_as_GroupKeysImportRequest()) {
    accepted_again(build_group_keys_import_request(text(m->group_id()), unpack(m->envelopes())));
  }
  if (const auto* m = message.body_as_GroupKeysListAnswer()) printed(m->envelopes());
  if (const auto* m = message.body_as_GroupPushRequest()) {
    accepted_again(build_group_push_request(text(m->group_id()), text(m->partner())));
  }
  if (const auto* m = message.body_as_GroupFetchRequest()) {
    accepted_again(
        build_group_fetch_request(text(m->group_id()), {static_cast<std::uint8_t>(m->service())}));
  }
  if (const auto* m = message.body_as_GroupShowAnswer()) {
    survives_storage(m->original());
    survives_storage(m->effective());
    printed(m->exposures());
  }
  if (const auto* m = message.body_as_AffiliationListRequest()) {
    accepted_again(build_affiliation_list_request(
        {std::string(text(m->mc_service_id())), std::string(text(m->group_id())), m->pending(),
         m->after_user(), m->after_group(), m->after_client()}));
  }
  if (const auto* m = message.body_as_AffiliationListAnswer()) printed(m->affiliations());
  if (const auto* m = message.body_as_GroupListAnswer()) printed(m->groups());
  if (const auto* m = message.body_as_OperationAnswer()) printed(m->partners());
  if (const auto* m = message.body_as_StatusAnswer()) {
    printed(m->links());
    printed(m->refusals());
    printed(m->handshake_failures());
    printed(m->store_losses());
    printed(m->affiliations());
    printed(m->affiliation_refusals());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const WholeFrame received = WholeFrame::around({data, size});
  const auto message = verify_operator(received.frame());
  if (message) {
    read(**message);
  } else {
    BIVOUAC_ASSERT(message.error() != Cause::none);
  }
  return 0;
}
