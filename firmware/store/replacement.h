// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "firmware/store/files.h"
#include "firmware/store/salvage.h"

namespace bivouac::firmware {

// A new database is made whole under another name and takes the place of the old one by renames,
// each step of which can be done again after a power cut.

/// Makes the file layout::replacement(path), complete and durable. An SQLite code.
int build_replacement(Files& files, const char* vfs, const std::string& path,
                      const SalvagedRecords& records, const std::vector<std::string>& losses);

/// If there is a complete replacement: puts the old database aside as .damaged-1, with its
/// write-ahead log, and the new one in its place. False: a rename failed.
bool finish_replacement(Files& files, const std::string& path);

/// Removes what a power cut left unfinished.
void remove_unfinished(Files& files, const std::string& path);

}  // namespace bivouac::firmware
