// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <flatbuffers/flatbuffers.h>

#include "core/base/bytes.h"
#include "core/store/key.h"
#include "core/store/records_generated.h"
#include "core/store/table.h"

// Typed access to record values. A value enters the table either from our own builder or through
// is_valid_record; what is in the table is read without another check.

namespace bivouac::store {

/// Whether the value is a well-formed record of the key's kind. `value` must be aligned as
/// memory from malloc is: a std::vector of its own, not the middle of a row or a frame.
bool is_valid_record(const Key& key, ByteView value);

/// The record in a value of the table, for example get<fb::Group>(value).
template <class T>
const T& get(const Bytes& value) {
  return *flatbuffers::GetRoot<T>(value.data());
}

/// The record under a key; null when there is none. Dies with the next Table::apply.
template <class T>
const T* find(const View& view, const Key& key) {
  const Bytes* value = view.find(key);
  return value == nullptr ? nullptr : &get<T>(*value);
}

/// The bytes of a record that was just built; leaves the builder empty.
template <class T>
Bytes finish(flatbuffers::FlatBufferBuilder& builder, flatbuffers::Offset<T> record) {
  builder.Finish(record);
  Bytes value(builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize());
  builder.Clear();
  return value;
}

}  // namespace bivouac::store
