// SPDX-License-Identifier: Apache-2.0
#pragma once

// What nearly every source includes and nobody here changes, parsed once a build instead of three
// hundred times. Sources still include what they use: the builds without it hold them to that.

#include <algorithm>
#include <array>
#include <chrono>
#include <deque>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <absl/container/btree_map.h>
#include <absl/container/btree_set.h>
#include <flatbuffers/flatbuffers.h>
