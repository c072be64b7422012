// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "core/base/time.h"

// Structured lines to standard error: "<6>link_up peer=sip:alpha.example tls=TLSv1.3". The number
// is the syslog level, which journald understands. Each kind of line is limited in rate, so that
// nobody outside can wear the flash; what was left out is counted and told.

namespace bivouac::firmware::log {

enum class Level : std::uint8_t { error = 3, warning = 4, info = 6, debug = 7 };

struct Field {
  std::string_view key;
  std::string value;
};

/// Lines above this level are not written. The default is info.
void set_level(Level level);
/// Where lines go instead of standard error; for tests. Null: back to standard error.
void set_writer(void (*writer)(const std::string& line));

/// `kind` is a literal, one word. Fields without a value are left out. Any thread.
void write(Level level, std::string_view kind, std::initializer_list<Field> fields);

/// The same at info, without the limit: an audit must not have gaps. Only for what was written to
/// the store, which wears the flash more than its line does.
void audit(std::string_view kind, std::initializer_list<Field> fields);

inline void error(std::string_view kind, std::initializer_list<Field> fields) {
  write(Level::error, kind, fields);
}
inline void warning(std::string_view kind, std::initializer_list<Field> fields) {
  write(Level::warning, kind, fields);
}
inline void info(std::string_view kind, std::initializer_list<Field> fields) {
  write(Level::info, kind, fields);
}
inline void debug(std::string_view kind, std::initializer_list<Field> fields) {
  write(Level::debug, kind, fields);
}

/// How many lines of one kind may pass: a burst, then a steady trickle.
class RateLimit {
 public:
  static constexpr std::int64_t burst = 40;
  static constexpr std::int64_t per_minute = 60;

  /// Whether a line may pass now. `left_out` is how many did not since the last that did.
  bool admit(MonoMs now, std::uint64_t& left_out);

 private:
  bool used_ = false;
  MonoMs last_;
  std::int64_t credit_ms_ = 0;
  std::uint64_t left_out_ = 0;
};

}  // namespace bivouac::firmware::log
