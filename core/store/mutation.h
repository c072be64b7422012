// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/bytes.h"
#include "core/store/key.h"

namespace bivouac::store {

/// One change of the record table, as a value: put, or erase when `erase` is set.
struct Mutation {
  Key key;
  Bytes value;
  bool erase = false;
};

}  // namespace bivouac::store
