// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/bytes.h"
#include "core/store/key.h"
#include "firmware/store/pages.h"

namespace bivouac::firmware {

/// A row of `record` or `journal` whose checksum holds.
struct Row {
  bool is_journal = false;
  std::int64_t seq = 0;
  store::Key key;  // of a record
  Bytes bytes;     // its value, or the batch
};

struct PageRows {
  std::vector<Row> rows;
  std::size_t broken = 0;       // rows that do not hold
  bool is_record_leaf = false;  // with records only, all of which hold
};

/// The rows of our two tables on one b-tree page
/// (https://sqlite.org/fileformat2.html#b_tree_pages); pages of other kinds have none. Nothing that
/// the page says is trusted.
PageRows read_rows(PageReader& reader, const Page& page, std::uint32_t page_number);

}  // namespace bivouac::firmware
