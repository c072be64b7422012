// SPDX-License-Identifier: Apache-2.0
#include "firmware/platform/logger.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>

#include <unistd.h>

#include "firmware/platform/clock_trust.h"
#include "firmware/platform/text.h"

namespace bivouac::firmware::log {

namespace {

constexpr std::size_t value_bytes_max = 512;
constexpr std::int64_t line_cost_ms = 60'000 / RateLimit::per_minute;

std::atomic<Level> highest{Level::info};
std::atomic<void (*)(const std::string&)> replacement{nullptr};

struct Limits {
  std::mutex mutex;
  std::map<std::string, RateLimit, std::less<>> by_kind;
};

Limits& limits() {
  static Limits* const instance = new Limits;  // never destroyed: threads log until the very end
  return *instance;
}

bool is_plain(char c) { return c > ' ' && c <= '~' && c != '"' && c != '\\' && c != '='; }

/// Bare when nothing in it could be misread; else quoted, with control characters made visible.
void append_value(std::string& line, std::string_view value) {
  const bool cut = value.size() > value_bytes_max;
  value = value.substr(0, value_bytes_max);
  if (!cut && !value.empty() && std::ranges::all_of(value, is_plain)) {
    line += value;
    return;
  }
  line += '"';
  for (const char c : value) {
    if (c == '"' || c == '\\') line += '\\';
    const bool control = static_cast<unsigned char>(c) < ' ' || c == '\x7f';
    line += control ? '?' : c;
  }
  line += cut ? "…\"" : "\"";
}

}  // namespace

bool RateLimit::admit(MonoMs now, std::uint64_t& left_out) {
  constexpr std::int64_t credit_max = burst * line_cost_ms;
  credit_ms_ = used_ ? std::min(credit_max, credit_ms_ + (now - last_).ms) : credit_max;
  used_ = true;
  last_ = now;
  if (credit_ms_ < line_cost_ms) {
    ++left_out_;
    return false;
  }
  credit_ms_ -= line_cost_ms;
  left_out = left_out_;
  left_out_ = 0;
  return true;
}

void set_level(Level level) { highest = level; }
void set_writer(void (*writer)(const std::string& line)) { replacement = writer; }

namespace {

void write_line(Level level, std::string_view kind, std::initializer_list<Field> fields,
                std::uint64_t left_out) {
  std::string line = filled("<{}>{}", static_cast<int>(level), kind);
  for (const Field& field : fields) {
    if (field.value.empty()) continue;
    line += ' ';
    line += field.key;
    line += '=';
    append_value(line, field.value);
  }
  if (left_out > 0) line += filled(" left_out={}", left_out);
  line += '\n';
  if (auto* writer = replacement.load(); writer != nullptr) return writer(line);
  // One call, so that lines of several threads do not mix. A log that cannot be written is no
  // fault.
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace

void write(Level level, std::string_view kind, std::initializer_list<Field> fields) {
  if (level > highest.load()) return;
  std::uint64_t left_out = 0;
  {
    Limits& all = limits();
    const std::scoped_lock lock(all.mutex);
    auto found = all.by_kind.find(kind);
    if (found == all.by_kind.end()) found = all.by_kind.emplace(kind, RateLimit{}).first;
    if (!found->second.admit(monotonic_now(), left_out)) return;
  }
  write_line(level, kind, fields, left_out);
}

void audit(std::string_view kind, std::initializer_list<Field> fields) {
  if (Level::info <= highest.load()) write_line(Level::info, kind, fields, 0);
}

}  // namespace bivouac::firmware::log
