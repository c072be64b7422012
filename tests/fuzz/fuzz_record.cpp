// SPDX-License-Identifier: Apache-2.0
// Any bytes as what a damaged disk gives back: a sealed batch, a record's value, a stored
// configuration. What is accepted can be written again and is then the same.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "core/base/assert.h"
#include "core/base/hash.h"
#include "core/store/batch.h"
#include "core/store/record.h"
#include "core/store/table.h"
#include "core/wire/configuration_codec.h"
#include "core/wire/user_profile_codec.h"

using namespace bivouac;

namespace {

std::size_t size_of(const flatbuffers::Vector<std::uint8_t>* bytes) {
  std::size_t sum = 0;
  if (bytes == nullptr) return sum;
  for (const std::uint8_t byte : *bytes) sum += byte;
  return sum;
}

void read_configuration(ByteView bytes) {
  const auto configuration = wire::decode(bytes);
  if (!configuration) return;
  BIVOUAC_ASSERT(wire::validate(*configuration) == Cause::none);
  BIVOUAC_ASSERT(wire::decode(wire::encode(*configuration)) == *configuration);
}

void read_profile(ByteView bytes) {
  const auto profile = wire::decode_profile(bytes);
  if (!profile) return;
  BIVOUAC_ASSERT(wire::validate(*profile) == Cause::none);
  BIVOUAC_ASSERT(wire::decode_profile(wire::encode(*profile)) == *profile);
}

/// Reads every part that is no plain number: what was accepted must be safe to read.
void read_record(const store::Key& key, const Bytes& value) {
  if (!store::is_valid_record(key, value)) return;
  using store::RecordKind;
  if (key.kind() == RecordKind::identity) {
    BIVOUAC_ASSERT(!store::get<store::fb::Identity>(value).text()->str().empty());
  } else if (key.kind() == RecordKind::group) {
    const auto& group = store::get<store::fb::Group>(value);
    read_configuration({group.configuration()->data(), group.configuration()->size()});
    if (group.overlay() != nullptr && group.overlay()->alias() != nullptr) {
      static_cast<void>(group.overlay()->alias()->str());
    }
  } else if (key.kind() == RecordKind::policy) {
    const auto& policy = store::get<store::fb::Policy>(value);
    read_configuration({policy.configuration()->data(), policy.configuration()->size()});
  } else if (key.kind() == RecordKind::user) {
    const auto& user = store::get<store::fb::User>(value);
    read_profile({user.profile()->data(), user.profile()->size()});
  } else if (key.kind() == RecordKind::answer) {
    size_of(store::get<store::fb::Answer>(value).frame());
  }
}

void read_batch(ByteView bytes) {
  const auto mutations = store::decode_batch(bytes);
  if (!mutations) return;
  store::Batch batch;
  store::Table table;
  for (const store::Mutation& mutation : *mutations) {
    batch.add(mutation);
    table.apply(mutation);
    if (!mutation.erase) read_record(mutation.key, mutation.value);
  }
  // Every batch has one spelling.
  const Bytes again = batch.take();
  BIVOUAC_ASSERT(std::equal(again.begin(), again.end(), bytes.begin(), bytes.end()));
}

Bytes sealed(ByteView body) {
  Bytes bytes(body.begin(), body.end());
  const std::uint32_t checksum = crc32c(body);
  for (unsigned i = 0; i < 4; ++i) bytes.push_back(static_cast<std::uint8_t>(checksum >> (8 * i)));
  return bytes;
}

}  // namespace

/// The first byte chooses what the others are.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView rest(data + 1, size - 1);
  if (data[0] == 0) {
    read_batch(rest);
  } else if (data[0] == 1) {
    read_batch(sealed(rest));  // a fuzzer does not guess checksums
  } else if (data[0] == 2) {
    read_configuration(rest);
  } else {
    store::Key key;
    key.bytes[0] = static_cast<std::uint8_t>(data[0] - 2);
    read_record(key, Bytes(rest.begin(), rest.end()));
  }
  return 0;
}
