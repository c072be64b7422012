// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "core/engine/context.h"
#include "core/engine/telemetry.h"
#include "core/node/clients.h"
#include "core/wire/schema/operator_generated.h"

// Answers to an operator's questions about users.

namespace bivouac::node {

Bytes build_user_list(const engine::Context& context);
/// An OperationAnswer when the user is not known.
Bytes build_user_show(const engine::Context& context, const Clients& clients,
                      const engine::Telemetry* telemetry, std::string_view mc_service_id);

/// The clients that are logged on; of one user, or of all when none is named.
using ClientList =
    flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<wire::fb::ClientStatus>>>;
ClientList pack_clients(flatbuffers::FlatBufferBuilder& builder, const engine::Context& context,
                        const Clients& clients, const engine::Telemetry* telemetry,
                        std::string_view mc_service_id);

}  // namespace bivouac::node
