// SPDX-License-Identifier: Apache-2.0
#include "firmware/store/salvage.h"

#include <algorithm>
#include <set>
#include <utility>

#include "core/store/batch.h"
#include "core/store/sealer.h"
#include "firmware/store/pages.h"
#include "firmware/store/rows.h"

namespace bivouac::firmware {
namespace {

using store::Key;

struct Versioned {
  std::int64_t seq = 0;
  Bytes value;
};

/// All that one database file, damaged or not, still says.
struct Found {
  std::map<Key, Versioned> records;
  std::map<std::int64_t, Bytes> journal;
  std::map<Key, Key> leaves;  // first and last key of each page of records that holds entirely
  std::set<Key> erased;
  std::size_t rows_broken = 0;
  std::uint32_t pages_unreadable = 0;
  std::uint32_t page_count = 0;
};

void keep(Found& found, Row row) {
  if (row.is_journal) {
    found.journal[row.seq] = std::move(row.bytes);
    return;
  }
  if (!store::is_valid_stored(row.key, row.bytes)) return;
  const auto known = found.records.find(row.key);
  if (known != found.records.end() && known->second.seq >= row.seq) return;
  found.records[row.key] = {row.seq, std::move(row.bytes)};
}

void read_pages(Files& files, const std::string& path, Found& found) {
  PageReader reader(files, path);
  found.page_count = reader.page_count();
  Page page;
  for (std::uint32_t number = 1; number <= reader.page_count(); ++number) {
    if (!reader.read(number, page)) {
      ++found.pages_unreadable;
      continue;
    }
    PageRows rows = read_rows(reader, page, number);
    found.rows_broken += rows.broken;
    if (rows.is_record_leaf) {
      const auto [first, last] = std::ranges::minmax(rows.rows, {}, &Row::key);
      found.leaves[first.key] = last.key;
    }
    for (Row& row : rows.rows) keep(found, std::move(row));
  }
}

/// The journal over the records. What a row was folded into has the row's number already.
void replay(Found& found) {
  for (const auto& [seq, batch] : found.journal) {
    const auto mutations = store::decode_batch(batch);
    if (!mutations) continue;
    for (const store::Mutation& mutation : *mutations) {
      const auto known = found.records.find(mutation.key);
      if (known != found.records.end() && known->second.seq > seq) continue;
      if (mutation.erase) {
        found.records.erase(mutation.key);
        found.erased.insert(mutation.key);
      } else if (store::is_valid_stored(mutation.key, mutation.value)) {
        found.records[mutation.key] = {seq, mutation.value};
        found.erased.erase(mutation.key);
      }
    }
  }
}

void tell_missing_commits(const Found& found, std::vector<std::string>& losses) {
  std::int64_t expected = 0;
  for (const auto& [seq, batch] : found.journal) {
    if (expected != 0 && seq != expected) {
      losses.push_back("commits " + std::to_string(expected) + " to " + std::to_string(seq - 1) +
                       " are missing");
    }
    expected = seq + 1;
  }
}

/// Whether the key lies between two records of one whole page: then it is not lost, but erased.
bool is_known_erased(const Found& found, const Key& key) {
  if (found.erased.contains(key)) return true;
  auto leaf = found.leaves.upper_bound(key);
  if (leaf == found.leaves.begin()) return false;
  --leaf;
  return key <= leaf->second;
}

std::size_t add_from_snapshot(Files& files, const std::string& path, Found& found) {
  if (files.size(path) <= 0) return 0;
  Found snapshot;
  read_pages(files, path, snapshot);
  replay(snapshot);
  std::size_t added = 0;
  for (auto& [key, record] : snapshot.records) {
    if (found.records.contains(key) || is_known_erased(found, key)) continue;
    found.records.emplace(key, std::move(record));
    ++added;
  }
  return added;
}

}  // namespace

Salvage salvage(Files& files, const std::string& path, const std::string& snapshot_path) {
  Found found;
  Salvage result;
  read_pages(files, path, found);
  tell_missing_commits(found, result.losses);
  replay(found);
  const std::size_t kept = found.records.size();
  const std::size_t added = add_from_snapshot(files, snapshot_path, found);
  if (found.pages_unreadable > 0) {
    result.losses.push_back(std::to_string(found.pages_unreadable) + " of " +
                            std::to_string(found.page_count) + " pages cannot be read");
  }
  if (found.rows_broken > 0) {
    result.losses.push_back(std::to_string(found.rows_broken) + " rows have a wrong checksum");
  }
  result.losses.push_back(std::to_string(kept) + " records were saved, " + std::to_string(added) +
                          " more were taken from the last good copy and may be old");
  for (auto& [key, record] : found.records) {
    result.records.emplace(key, std::move(record.value));
  }
  return result;
}

}  // namespace bivouac::firmware
