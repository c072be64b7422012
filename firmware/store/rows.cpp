// SPDX-License-Identifier: Apache-2.0
#include "firmware/store/rows.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>

namespace bivouac::firmware {
namespace {

constexpr std::uint8_t index_interior = 0x02;
constexpr std::uint8_t index_leaf = 0x0A;
constexpr std::uint8_t table_leaf = 0x0D;
constexpr std::size_t file_header_bytes = 100;  // before the b-tree on page 1
constexpr std::size_t usable = layout::page_bytes;

/// Takes numbers off the front of some bytes.
struct Cursor {
  std::span<const std::uint8_t> bytes;

  std::optional<std::uint64_t> varint() {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 9 && i < bytes.size(); ++i) {
      const std::uint8_t next = bytes[i];
      const bool ninth = i == 8;
      value = ninth ? (value << 8U) | next : (value << 7U) | (next & 0x7FU);
      if (ninth || (next & 0x80U) == 0) {
        bytes = bytes.subspan(i + 1);
        return value;
      }
    }
    return std::nullopt;
  }

  std::optional<std::span<const std::uint8_t>> run(std::uint64_t size) {
    if (size > bytes.size()) return std::nullopt;
    const auto value = bytes.first(static_cast<std::size_t>(size));
    bytes = bytes.subspan(static_cast<std::size_t>(size));
    return value;
  }
};

/// How much of a payload lies on the page itself; the rest follows on a chain of overflow pages.
std::size_t local_size(std::uint64_t payload, bool is_table) {
  const std::size_t local_max = is_table ? usable - 35 : (usable - 12) * 64 / 255 - 23;
  if (payload <= local_max) return static_cast<std::size_t>(payload);
  const std::size_t local_min = (usable - 12) * 32 / 255 - 23;
  const std::size_t wanted =
      local_min + static_cast<std::size_t>((payload - local_min) % (usable - 4));
  return wanted <= local_max ? wanted : local_min;
}

std::optional<Bytes> read_payload(PageReader& reader, Cursor& cell, std::uint64_t size,
                                  bool is_table) {
  if (size > std::uint64_t{reader.page_count()} * layout::page_bytes) return std::nullopt;
  const std::size_t local = local_size(size, is_table);
  const auto first = cell.run(local);
  if (!first) return std::nullopt;
  Bytes payload(first->begin(), first->end());
  if (local == size) return payload;

  const auto link = cell.run(4);
  if (!link) return std::nullopt;
  std::uint32_t next = be32(link->data());
  Page page;
  while (payload.size() < size) {  // each page brings bytes, so a ring of pages ends too
    if (!reader.read(next, page)) return std::nullopt;
    next = be32(page.data());
    const std::size_t wanted =
        std::min(usable - 4, static_cast<std::size_t>(size) - payload.size());
    payload.insert(payload.end(), page.begin() + 4,
                   page.begin() + 4 + static_cast<std::ptrdiff_t>(wanted));
  }
  return payload;
}

/// One column of a row: a number or bytes.
struct Column {
  std::uint64_t type = 0;
  std::span<const std::uint8_t> bytes;

  std::optional<std::int64_t> number() const {
    if (type == 8 || type == 9) return static_cast<std::int64_t>(type - 8);
    if (type == 0 || type > 6) return std::nullopt;
    std::uint64_t value = (bytes[0] & 0x80U) != 0 ? ~std::uint64_t{0} : 0;
    for (const std::uint8_t byte : bytes) value = (value << 8U) | byte;
    return static_cast<std::int64_t>(value);
  }
};

std::optional<std::uint64_t> column_size(std::uint64_t type) {
  static constexpr std::array<std::uint8_t, 10> sizes{0, 1, 2, 3, 4, 6, 8, 8, 0, 0};
  if (type < sizes.size()) return sizes[static_cast<std::size_t>(type)];
  if (type < 12) return std::nullopt;
  return (type - 12) / 2;
}

std::vector<Column> read_columns(const Bytes& payload) {
  Cursor header{payload};
  const auto header_size = header.varint();
  if (!header_size || *header_size > payload.size()) return {};
  const std::size_t consumed = payload.size() - header.bytes.size();
  if (*header_size < consumed) return {};
  Cursor body{std::span(payload).subspan(static_cast<std::size_t>(*header_size))};
  header.bytes = header.bytes.first(static_cast<std::size_t>(*header_size) - consumed);

  std::vector<Column> columns;
  while (!header.bytes.empty() && columns.size() < 5) {
    const auto type = header.varint();
    const auto size = type ? column_size(*type) : std::nullopt;
    const auto bytes = size ? body.run(*size) : std::nullopt;
    if (!bytes) return {};
    columns.push_back({*type, *bytes});
  }
  return columns;
}

enum class Cell { other, broken, row };  // other: a row of another table

Cell record_row(const std::vector<Column>& columns, Row& row) {
  if (columns.size() != 4) return Cell::other;
  const auto seq = columns[1].number();
  const auto crc = columns[3].number();
  if (columns[0].bytes.size() != row.key.bytes.size() || !seq || !crc) return Cell::broken;
  if (*crc != layout::record_checksum(*seq, columns[0].bytes, columns[2].bytes))
    return Cell::broken;
  row.seq = *seq;
  std::copy(columns[0].bytes.begin(), columns[0].bytes.end(), row.key.bytes.begin());
  row.bytes.assign(columns[2].bytes.begin(), columns[2].bytes.end());
  return Cell::row;
}

Cell journal_row(std::int64_t seq, const std::vector<Column>& columns, Row& row) {
  if (columns.size() != 3) return Cell::other;
  const auto crc = columns[2].number();
  if (!crc || *crc != layout::journal_checksum(seq, columns[1].bytes)) return Cell::broken;
  row.is_journal = true;
  row.seq = seq;
  row.bytes.assign(columns[1].bytes.begin(), columns[1].bytes.end());
  return Cell::row;
}

Cell read_cell(PageReader& reader, std::span<const std::uint8_t> bytes, std::uint8_t kind,
               Row& row) {
  Cursor cell{bytes};
  if (kind == index_interior && !cell.run(4)) return Cell::broken;  // the child to the left
  const auto size = cell.varint();
  if (!size) return Cell::broken;
  const bool is_table = kind == table_leaf;
  std::optional<std::uint64_t> rowid = 0;
  if (is_table) rowid = cell.varint();
  if (!rowid) return Cell::broken;
  const auto payload = read_payload(reader, cell, *size, is_table);
  if (!payload) return Cell::broken;
  const std::vector<Column> columns = read_columns(*payload);
  if (columns.empty()) return Cell::broken;
  return is_table ? journal_row(static_cast<std::int64_t>(*rowid), columns, row)
                  : record_row(columns, row);
}

}  // namespace

PageRows read_rows(PageReader& reader, const Page& page, std::uint32_t page_number) {
  PageRows result;
  const std::size_t start = page_number == 1 ? file_header_bytes : 0;
  const std::uint8_t kind = page[start];
  if (kind != index_interior && kind != index_leaf && kind != table_leaf) return result;
  const std::size_t cells = be16(&page[start + 3]);
  const std::size_t pointers = start + (kind == index_interior ? 12 : 8);
  for (std::size_t i = 0; i < cells && pointers + 2 * i + 2 <= page.size(); ++i) {
    const std::size_t offset = be16(&page[pointers + 2 * i]);
    if (offset >= page.size()) {
      ++result.broken;
      continue;
    }
    Row row;
    const Cell cell = read_cell(reader, std::span(page).subspan(offset), kind, row);
    if (cell == Cell::row) result.rows.push_back(std::move(row));
    if (cell == Cell::broken) ++result.broken;
  }
  result.is_record_leaf = kind == index_leaf && !result.rows.empty() && result.broken == 0;
  return result;
}

}  // namespace bivouac::firmware
