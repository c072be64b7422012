// SPDX-License-Identifier: Apache-2.0
#include "core/store/batch.h"

#include <algorithm>
#include <utility>

#include "core/base/assert.h"
#include "core/base/hash.h"
#include "core/base/limits.h"

namespace bivouac::store {
namespace {

constexpr std::uint8_t format_version = 1;
constexpr std::uint8_t erase_flag = 0x80;
constexpr std::size_t checksum_bytes = 4;
constexpr unsigned length_bits_max = 28;  // four groups of seven bits

/// Keys end in zeros mostly: those are not written.
std::size_t significant_bytes(const Key& key) {
  std::size_t size = key.bytes.size();
  while (size > 0 && key.bytes[size - 1] == 0) --size;
  return size;
}

void append_length(Bytes& out, std::size_t length) {
  while (length >= 0x80) {
    out.push_back(static_cast<std::uint8_t>(length | 0x80));
    length >>= 7U;
  }
  out.push_back(static_cast<std::uint8_t>(length));
}

void append(Bytes& out, ByteView bytes) {
  const std::size_t at = out.size();
  out.resize(at + bytes.size());
  std::copy(bytes.begin(), bytes.end(), out.begin() + static_cast<std::ptrdiff_t>(at));
}

/// Takes what is read off the front of `bytes`; every call says whether it was there.
struct Reader {
  ByteView bytes;

  bool byte(std::uint8_t& value) {
    if (bytes.empty()) return false;
    value = bytes.front();
    bytes = bytes.subspan(1);
    return true;
  }

  bool run(std::size_t size, ByteView& value) {
    if (bytes.size() < size) return false;
    value = bytes.first(size);
    bytes = bytes.subspan(size);
    return true;
  }

  bool length(std::size_t& value) {
    value = 0;
    for (unsigned shift = 0; shift < length_bits_max; shift += 7) {
      std::uint8_t next = 0;
      if (!byte(next)) return false;
      value |= static_cast<std::size_t>(next & 0x7FU) << shift;
      if ((next & 0x80U) == 0) return shift == 0 || next != 0;  // one spelling of each length
    }
    return false;
  }
};

bool read_mutation(Reader& reader, MutationView& mutation) {
  std::uint8_t head = 0;
  ByteView key;
  if (!reader.byte(head)) return false;
  mutation.erase = (head & erase_flag) != 0;
  const std::size_t key_size = head & static_cast<std::uint8_t>(~erase_flag);
  if (key_size == 0 || key_size > mutation.key.bytes.size()) return false;
  if (!reader.run(key_size, key) || key.back() == 0) return false;
  std::copy(key.begin(), key.end(), mutation.key.bytes.begin());
  if (mutation.erase) return true;

  std::size_t value_size = 0;
  if (!reader.length(value_size) || value_size > limits::record_bytes_max) return false;
  return reader.run(value_size, mutation.value);
}

/// Its mutations, once the checksum holds.
Result<Reader> open_batch(ByteView bytes) {
  if (bytes.size() < 1 + checksum_bytes) return refuse(Cause::envelope_malformed);
  const ByteView body = bytes.first(bytes.size() - checksum_bytes);
  std::uint32_t checksum = 0;
  for (std::size_t i = 0; i < checksum_bytes; ++i) {
    checksum |= static_cast<std::uint32_t>(bytes[body.size() + i]) << (8 * i);
  }
  if (checksum != crc32c(body)) return refuse(Cause::envelope_malformed);
  if (body.front() != format_version) return refuse(Cause::frame_version);
  return Reader{body.subspan(1)};
}

}  // namespace

void Batch::add(const Mutation& mutation) {
  const std::size_t key_size = significant_bytes(mutation.key);
  BIVOUAC_ASSERT(key_size > 0);  // no record kind is zero
  BIVOUAC_ASSERT(mutation.value.size() <= limits::record_bytes_max);
  if (bytes_.empty()) bytes_.push_back(format_version);
  const std::uint8_t flag = mutation.erase ? erase_flag : std::uint8_t{0};
  bytes_.push_back(static_cast<std::uint8_t>(key_size | flag));
  append(bytes_, ByteView(mutation.key.bytes).first(key_size));
  if (!mutation.erase) {
    append_length(bytes_, mutation.value.size());
    append(bytes_, mutation.value);
  }
  ++count_;
}

Bytes Batch::take() {
  if (bytes_.empty()) bytes_.push_back(format_version);
  const std::uint32_t checksum = crc32c(bytes_);
  for (std::size_t i = 0; i < checksum_bytes; ++i) {
    bytes_.push_back(static_cast<std::uint8_t>(checksum >> (8 * i)));
  }
  count_ = 0;
  return std::exchange(bytes_, {});
}

bool for_each_mutation(ByteView batch, const std::function<void(const MutationView&)>& visit) {
  Result<Reader> reader = open_batch(batch);
  if (!reader) return false;
  while (!reader->bytes.empty()) {
    MutationView mutation;
    if (!read_mutation(*reader, mutation)) return false;
    visit(mutation);
  }
  return true;
}

Result<std::vector<Mutation>> decode_batch(ByteView bytes) {
  Result<Reader> reader = open_batch(bytes);
  if (!reader) return refuse(reader.error());
  std::vector<Mutation> mutations;
  while (!reader->bytes.empty()) {
    MutationView mutation;
    if (!read_mutation(*reader, mutation)) return refuse(Cause::envelope_malformed);
    mutations.push_back(
        {mutation.key, Bytes(mutation.value.begin(), mutation.value.end()), mutation.erase});
  }
  return mutations;
}

}  // namespace bivouac::store
