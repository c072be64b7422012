// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "core/engine/context.h"
#include "core/engine/telemetry.h"
#include "core/gms/group_management_server.h"
#include "core/mcs/affiliations.h"
#include "core/node/clients.h"
#include "core/node/links.h"
#include "core/node/presence.h"

// Answers to an operator that only read: whole operator frames.

namespace bivouac::node {

/// What a status is about, beside what is stored.
struct StatusSources {
  const gms::GroupManagementServer& gms;
  const Links& links;
  const Presence& presence;
  const Clients& clients;
  const mcs::Affiliations& affiliations;
};

Bytes build_status(const engine::Context& context, const StatusSources& sources,
                   const engine::Telemetry* telemetry);
Bytes build_group_list(const engine::Context& context, const gms::GroupManagementServer& gms);
/// An OperationAnswer with group_unknown when the group is not stored here.
Bytes build_group_show(const engine::Context& context, const gms::GroupManagementServer& gms,
                       std::string_view group_id);

}  // namespace bivouac::node
