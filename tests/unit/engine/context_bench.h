// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/engine/context.h"

namespace bivouac::test {

/// What a procedure is given, without a node around it: steps are made by hand.
class ContextBench final : engine::Post, engine::Operations {
 public:
  ContextBench() { configuration.system_id = "sip:bravo.example"; }

  /// One step: what it changes is in the table afterwards.
  template <class Step>
  void step(const Step& body) {
    effects.clear();
    identities.begin_step();
    engine::Context context{now,        store::View(table),
                            effects,    configuration,
                            identities, exchanges,
                            deadlines,  counters,
                            log_ons,    *this,
                            *this,      {5},
                            1,          {},
                            {},         false,
                            false};
    body(context);
    for (const store::Mutation& mutation : effects.mutations()) table.apply(mutation);
  }

  Now now{{1'000}, {1'760'000'000'000}};
  store::Table table;
  engine::Effects effects;
  engine::Configuration configuration;
  engine::Identities identities;
  engine::Exchanges exchanges;
  engine::Deadlines deadlines;
  engine::Counters counters;
  engine::LogOns log_ons;

 private:
  void send(std::string_view, Bytes, engine::Priority) override {}
  void send_to_client(const engine::ClientAddress&, Bytes, engine::Priority) override {}
  bool is_reachable(std::string_view) const override { return false; }
  Incarnation incarnation_of(std::string_view) const override { return {}; }
  std::size_t frame_bytes_max_of(std::string_view) const override {
    return limits::frame_bytes_max;
  }
  void settled(ExchangeId, Cause, ExposedRevision) override {}
};

}  // namespace bivouac::test
