// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "core/node/gateway.h"
#include "core/store/table.h"

namespace bivouac::test {

/// One gateway without disk and network: every event is one step and what it leads to.
class GatewayBench {
 public:
  explicit GatewayBench(engine::Configuration configuration)
      : gateway(std::make_shared<const engine::Configuration>(std::move(configuration))) {
    boot();
  }
  /// Takes over the records of another one, as after a restart.
  GatewayBench(engine::Configuration configuration, const GatewayBench& before)
      : table(before.table),
        gateway(std::make_shared<const engine::Configuration>(std::move(configuration))),
        now(before.now) {
    boot();
  }

  void feed(const engine::Event& event) {
    run(event);
    while (gateway.has_more()) run(engine::Continue{});
  }
  void reload(engine::Configuration configuration) {
    feed(engine::Reload{std::make_shared<const engine::Configuration>(std::move(configuration))});
  }
  /// Lets time pass, from deadline to deadline.
  void pass(std::int64_t ms) {
    const MonoMs end = now.mono + DurationMs{ms};
    while (gateway.next_deadline() <= end) {
      now.mono = std::max(now.mono, gateway.next_deadline());
      feed(engine::Tick{});
    }
    now.mono = end;
  }

  std::size_t count(engine::Outgoing::Kind kind) const {
    return static_cast<std::size_t>(std::ranges::count(out, kind, &engine::Outgoing::kind));
  }
  std::size_t closed(Cause cause) const {
    return static_cast<std::size_t>(std::ranges::count_if(out, [&](const auto& one) {
      return one.kind == engine::Outgoing::Kind::close && one.cause == cause;
    }));
  }

  store::Table table;
  node::Gateway gateway;
  Now now{{1'000}, {1'760'000'000'000}};
  std::vector<engine::Outgoing> out;
  std::vector<Note> notes;

 private:
  void boot() {
    engine::Boot boot;
    boot.entropy[0] = 0x1001;
    boot.entropy[1] = 0x2002;
    feed(boot);
  }
  void run(const engine::Event& event) {
    engine::Effects effects;
    gateway.step(now, event, store::View(table), effects);
    for (const store::Mutation& mutation : effects.mutations()) table.apply(mutation);
    out.insert(out.end(), effects.outgoing().begin(), effects.outgoing().end());
    notes.insert(notes.end(), effects.notes().begin(), effects.notes().end());
  }
};

}  // namespace bivouac::test
