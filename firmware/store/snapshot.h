// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "firmware/store/database.h"
#include "firmware/store/files.h"
#include "firmware/store/options.h"
#include "firmware/store/pages.h"

namespace bivouac::firmware {

/// Makes the last good copy of the database, in small steps between which commits may happen: they
/// go into the copy too. The old copy stays until the new one is complete, verified and durable.
class Snapshot {
 public:
  enum class Step { more, published, abandoned };

  Snapshot(const StoreOptions& options, Files& files) : options_(options), files_(files) {}
  ~Snapshot() { abandon(); }
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

  bool is_running() const { return copy_ != nullptr || reader_ != nullptr; }
  /// `vfs` counts the bytes. False: it cannot be made now.
  bool begin(Database& source, const char* vfs);
  Step step();
  void abandon();

 private:
  Step copy();
  Step verify();
  Step publish();

  const StoreOptions& options_;
  Files& files_;
  Database target_;
  sqlite3_backup* copy_ = nullptr;
  std::unique_ptr<PageReader> reader_;
  std::uint32_t verified_ = 0;
};

}  // namespace bivouac::firmware
