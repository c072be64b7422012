// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/engine/context.h"
#include "core/mcs/affiliations.h"
#include "core/wire/schema/operator_generated.h"

// Answers to an operator's questions about affiliations.

namespace bivouac::node {

/// One page. An OperationAnswer when the user or the group is not known here.
Bytes build_affiliation_list(const engine::Context& context, const mcs::Affiliations& affiliations,
                             const wire::fb::AffiliationListRequest& request);

/// Users of partners who are affiliated, or about to be, to groups of ours.
std::size_t count_hosted_users(const engine::Context& context);

using CountList =
    flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<wire::fb::NamedCount>>>;
/// How many there are of each status that is stored.
CountList pack_affiliation_counts(flatbuffers::FlatBufferBuilder& builder,
                                  const mcs::Affiliations& affiliations);
/// Groups of requests that were refused since the start.
CountList pack_affiliation_refusals(flatbuffers::FlatBufferBuilder& builder,
                                    const mcs::Affiliations& affiliations);

}  // namespace bivouac::node
