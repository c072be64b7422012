// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "core/driver/ports.h"
#include "core/store/table.h"
#include "firmware/platform/store_port.h"
#include "firmware/store/options.h"

namespace bivouac::firmware {

/// The durable copy of the record table: an SQLite database (core/store/FORMAT.md), and the one
/// thread that ever touches it after open().
class Store final : public driver::Transaction, public StorePort {
 public:
  /// Makes the database, or reads it into `table`, and starts the thread. A damaged database is put
  /// aside and what holds is saved from it. An error is a sentence for the operator: another
  /// process has the store, a newer version wrote it, or the folder cannot be written.
  static std::expected<std::unique_ptr<Store>, std::string> open(const StoreOptions& options,
                                                                 store::Table& table);
  /// Without checkpoint_and_close it leaves what a crash would leave, and nothing committed is
  /// lost.
  ~Store();

  /// Records may be missing or old: engine::Boot::store_salvaged. Holds until the first commit.
  bool salvaged() const;
  /// What a salvage could not save, in sentences; also in Telemetry::store_losses.
  const std::vector<std::string>& losses() const;
  /// Why the outcome was `failed`; empty before.
  std::string failure() const;

  // driver::Transaction
  void commit(Bytes batch) override;

  // StorePort
  void attach(std::function<void()> wake) override;
  void collect(Listener& listener) override;
  void ping() override;
  void fill(engine::Telemetry& telemetry) override;
  void checkpoint_and_close() override;

 private:
  struct State;
  explicit Store(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace bivouac::firmware
