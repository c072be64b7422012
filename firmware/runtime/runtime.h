// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/driver/group_commit.h"
#include "core/engine/configuration.h"
#include "core/node/gateway.h"
#include "firmware/crypto/credentials.h"
#include "firmware/platform/clock_trust.h"
#include "firmware/platform/store_port.h"
#include "firmware/runtime/admission.h"

namespace bivouac::firmware {

/// What SIGHUP reads anew.
struct Reloaded {
  std::shared_ptr<const engine::Configuration> configuration;
  std::shared_ptr<const Credentials> credentials;
};

struct ListenOn {
  std::string host;        // literal address or localhost; empty: all addresses
  std::uint16_t port = 0;  // 0: any free one (tests)
};

struct RuntimeOptions {
  std::shared_ptr<const engine::Configuration> configuration;
  std::shared_ptr<const Credentials> credentials;
  std::vector<ListenOn> listen;
  std::string operator_socket;  // path; empty: none
  ClockTrust::Mode clock = ClockTrust::Mode::automatic;
  AdmissionLimits admission;
  /// Reads files anew. On an error the old ones stay and the text is logged.
  std::function<std::expected<Reloaded, std::string>()> reload;
  /// Bytes of the store's salvage report, for telemetry.
  std::vector<std::string> store_losses;
};

/// One loop, which never blocks: sockets, TLS, timers, signals, watchdog, and between them the
/// core.
///
///   Runtime runtime(options);
///   driver::GroupCommit commit(gateway, table, store, runtime.outbox(), runtime.alarm());
///   return runtime.run(gateway, commit, store, boot);
class Runtime {
 public:
  explicit Runtime(RuntimeOptions options);
  ~Runtime();

  driver::Outbox& outbox();
  driver::Alarm& alarm();

  /// Binds the sockets; an error says which address and why. Before run().
  std::expected<void, std::string> bind();
  /// Ports in the order of `listen`, after bind().
  std::vector<std::uint16_t> ports() const;

  /// Until SIGTERM, SIGINT, stop() or a failed commit; the value is the exit code of the process.
  int run(node::Gateway& gateway, driver::GroupCommit& commit, StorePort& store, engine::Boot boot);
  /// Graceful end; may be called on any thread.
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace bivouac::firmware
