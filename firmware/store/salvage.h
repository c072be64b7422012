// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/store/key.h"
#include "firmware/store/files.h"

namespace bivouac::firmware {

/// Records that a salvage found, by key.
using SalvagedRecords = std::map<store::Key, Bytes>;

struct Salvage {
  SalvagedRecords records;
  std::vector<std::string> losses;  // sentences for the operator
};

/// Saves what holds from a damaged database and its write-ahead log: every row on every page that
/// can be read and whose checksum holds, whatever became of the pages that lead there. What the
/// database seems to have lost is taken from `snapshot_path` when that file is there.
/// Reads only; SQLite is not involved, so no damage can lead it astray.
Salvage salvage(Files& files, const std::string& path, const std::string& snapshot_path);

}  // namespace bivouac::firmware
