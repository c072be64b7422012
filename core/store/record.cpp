// SPDX-License-Identifier: Apache-2.0
#include "core/store/record.h"

#include "core/base/limits.h"

namespace bivouac::store {
namespace {

// Derived from records.fbs: no record has more than one table inside another.
constexpr flatbuffers::uoffset_t depth_max = 3;
constexpr flatbuffers::uoffset_t tables_max = 2;

template <class T>
bool is_valid(ByteView value, flatbuffers::uoffset_t tables = tables_max) {
  flatbuffers::Verifier verifier(value.data(), value.size(), depth_max, tables);
  return verifier.VerifyBuffer<T>(nullptr);
}

bool is_valid_identity(ByteView value) {
  if (!is_valid<fb::Identity>(value)) return false;
  const std::size_t size = flatbuffers::GetRoot<fb::Identity>(value.data())->text()->size();
  return size > 0 && size <= limits::identity_bytes_max;
}

bool is_valid_keys(ByteView value) {
  constexpr auto tables = static_cast<flatbuffers::uoffset_t>(limits::key_envelopes_per_group_max);
  return is_valid<fb::GroupKeys>(value, 1 + tables);
}

}  // namespace

bool is_valid_record(const Key& key, ByteView value) {
  if (value.empty() || value.size() > limits::record_bytes_max) return false;
  switch (key.kind()) {
    case RecordKind::meta: return is_valid<fb::Meta>(value);
    case RecordKind::identity: return is_valid_identity(value);
    case RecordKind::peer: return is_valid<fb::Peer>(value);
    case RecordKind::group: return is_valid<fb::Group>(value);
    case RecordKind::exposure: return is_valid<fb::Exposure>(value);
    case RecordKind::outbox: return is_valid<fb::Outbox>(value);
    case RecordKind::answer: return is_valid<fb::Answer>(value);
    case RecordKind::fan_out: return is_valid<fb::FanOut>(value);
    case RecordKind::policy: return is_valid<fb::Policy>(value);
    case RecordKind::resync: return is_valid<fb::Resync>(value);
    case RecordKind::recheck: return is_valid<fb::Recheck>(value);
    case RecordKind::subscription: return is_valid<fb::Subscription>(value);
    case RecordKind::subscribed: return is_valid<fb::Subscribed>(value);
    case RecordKind::user: return is_valid<fb::User>(value);
    case RecordKind::keys: return is_valid_keys(value);
    case RecordKind::affiliation: return is_valid<fb::Affiliation>(value);
    case RecordKind::affiliated: return is_valid<fb::Affiliated>(value);
  }
  return false;  // a kind of a later version
}

}  // namespace bivouac::store
