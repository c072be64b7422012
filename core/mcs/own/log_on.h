// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/context.h"

// Service authorisation: an MC service client of a user who is served here logs on and off. Who it
// is, its certificate has said; whether it may, the profile says. The log-on lives as long as the
// client's session, and does not survive a restart of ours.

namespace bivouac::mcs::own::log_on {

/// True when the client is logged on now.
bool on_request(engine::Context& context, const wire::fb::Envelope& envelope);
void on_log_off(engine::Context& context, const wire::fb::Envelope& envelope);
/// The client's session ended. Nothing when it was not logged on.
void on_gone(engine::Context& context, const engine::ClientAddress& client);
/// The profile changed, or our rules did: clients who may no longer be logged on are told so and
/// logged off, and the others keep the services that are left.
void judge_again(engine::Context& context, std::string_view mc_service_id);

}  // namespace bivouac::mcs::own::log_on
