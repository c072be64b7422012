// SPDX-License-Identifier: Apache-2.0
#include "firmware/config/key_file.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <sstream>

#include "core/base/identity.h"
#include "core/base/limits.h"
#include "firmware/config/fields.h"
#include "firmware/config/file.h"
#include "firmware/config/value.h"

namespace bivouac::firmware {
namespace {

constexpr std::size_t file_bytes_max = 2 * 1024 * 1024;  // all envelopes in hexadecimal

std::optional<std::uint8_t> digit_of(char c, std::string_view digits) {
  const std::size_t at = digits.find(c);
  if (at == std::string_view::npos) return std::nullopt;
  return static_cast<std::uint8_t>(at);
}

std::optional<Bytes> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  Bytes bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    unsigned value = 0;
    for (const char c : text.substr(i, 2)) {
      const auto lower = digit_of(c, "0123456789abcdef");
      const auto digit = lower ? lower : digit_of(c, "0123456789ABCDEF");
      if (!digit) return std::nullopt;
      value = value << 4U | *digit;
    }
    bytes.push_back(static_cast<std::uint8_t>(value));
  }
  return bytes;
}

/// With padding, and nothing but the alphabet: one spelling of each envelope.
std::optional<Bytes> from_base64(std::string_view text) {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (text.size() % 4 != 0) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && text.ends_with('=')) {
    text.remove_suffix(1);
    ++padding;
  }
  Bytes bytes;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    const auto digit = digit_of(c, alphabet);
    if (!digit) return std::nullopt;
    bits = bits << 6U | *digit;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes.push_back(static_cast<std::uint8_t>(bits >> count));
    bits &= (1U << count) - 1;
  }
  if (bits != 0) return std::nullopt;
  return bytes;
}

/// "2027-01-31T12:00:00Z"; 0 is none.
std::uint64_t from_date(const std::string& text) {
  std::istringstream in(text);
  std::chrono::sys_seconds time;
  in >> std::chrono::parse("%Y-%m-%dT%H:%M:%SZ", time);
  if (in.fail() || in.peek() != std::istringstream::traits_type::eof()) return 0;
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch());
  return ms.count() > 0 ? static_cast<std::uint64_t>(ms.count()) : 0;
}

class Reader {
 public:
  Reader(Problems& problems, std::string file) : problems_(problems), file_(std::move(file)) {}

  void read(const Value& root, std::vector<KeyEnvelope>& out) {
    Fields fields(root, "the file", problems_);
    const std::span<const Value> sections = fields.tables("envelope");
    if (!fields.has("envelope")) fields.missing("envelope", "at least one section [[envelope]]");
    fields.finish();
    if (sections.size() > limits::key_envelopes_per_group_max) {
      problems_.error(fields.at("envelope"),
                      "expected at most " + std::to_string(limits::key_envelopes_per_group_max) +
                          " envelopes, got " + std::to_string(sections.size()));
      return;
    }
    std::vector<Placed> read;
    for (const Value& section : sections) read.push_back(read_envelope(section));
    std::ranges::stable_sort(read, stands_before, &Placed::envelope);
    for (std::size_t i = 0; i < read.size(); ++i) {
      const KeyEnvelope& one = read[i].envelope;
      if (i > 0 && !one.recipient.empty() && !stands_before(read[i - 1].envelope, one)) {
        problems_.error(read[i].at, "an envelope for " + one.recipient +
                                        " with this gmk_id was given already in line " +
                                        std::to_string(read[i - 1].at.line));
      }
    }
    for (Placed& placed : read) out.push_back(std::move(placed.envelope));
  }

 private:
  struct Placed {
    KeyEnvelope envelope;
    Position at;
  };

  Placed read_envelope(const Value& section) {
    Fields fields(section, "[[envelope]]", problems_);
    Placed placed{{}, fields.position()};
    KeyEnvelope& envelope = placed.envelope;
    read_recipient(fields, envelope);
    if (!fields.unsigned_number("gmk_id", envelope.gmk.value, UINT32_MAX)) {
      if (!fields.has("gmk_id")) fields.missing("gmk_id", "a number such as 0x01234567");
    } else if (!envelope.gmk.is_set()) {
      fields.wrong(*fields.find("gmk_id"), "gmk_id", "a number other than 0");
    }
    std::string expires;
    if (fields.text("expires", expires)) {
      envelope.expiry_wall_ms = from_date(expires);
      if (envelope.expiry_wall_ms == 0)
        fields.wrong(*fields.find("expires"), "expires", "a time such as \"2027-01-31T12:00:00Z\"");
    }
    read_bytes(fields, envelope);
    fields.finish();
    return placed;
  }

  static void read_recipient(Fields& fields, KeyEnvelope& envelope) {
    constexpr std::string_view expected = "an identity such as \"sip:ben@bravo.example\"";
    std::string text;
    if (!fields.text("recipient", text)) {
      if (!fields.has("recipient")) fields.missing("recipient", expected);
      return;
    }
    Result<std::string> identity = canonical_identity(text);
    if (identity) {
      envelope.recipient = std::move(*identity);
    } else {
      fields.wrong(*fields.find("recipient"), "recipient", expected);
    }
  }

  void read_bytes(Fields& fields, KeyEnvelope& envelope) {
    constexpr std::string_view one_of = "exactly one of base64, hex and file";
    std::optional<Bytes> bytes;
    Position at = fields.position();
    std::size_t given = 0;
    for (const std::string_view key : {"base64", "hex", "file"}) {
      if (!fields.has(key)) continue;
      ++given;
      std::string text;
      if (!fields.text(key, text)) return;
      at = fields.at(key);
      bytes = key == "hex" ? from_hex(text) : key == "base64" ? from_base64(text) : load(text, at);
      if (!bytes && key != "file") {
        problems_.error(at, "expected an envelope in " + std::string(key) + " here");
      }
    }
    if (given != 1) {
      problems_.error(fields.position(), "expected " + std::string(one_of) + " in [[envelope]]");
      return;
    }
    if (!bytes) return;
    if (bytes->empty() || bytes->size() > limits::key_envelope_bytes_max) {
      problems_.error(at, "expected an envelope of 1 to " +
                              std::to_string(limits::key_envelope_bytes_max) + " bytes, got " +
                              std::to_string(bytes->size()));
      return;
    }
    envelope.bytes = std::move(*bytes);
  }

  std::optional<Bytes> load(const std::string& name, Position at) {
    const std::string path =
        name.starts_with('/')
            ? name
            : (std::filesystem::path(file_).parent_path() / name).lexically_normal().string();
    const auto text = read_text_file(path, limits::key_envelope_bytes_max);
    if (!text) {
      problems_.error(at, text.error());
      return std::nullopt;
    }
    const ByteView bytes = as_bytes(*text);
    return Bytes(bytes.begin(), bytes.end());
  }

  Problems& problems_;
  std::string file_;
};

}  // namespace

KeyResult parse_keys(std::string_view text, const std::string& file) {
  KeyResult result;
  Problems problems(file);
  if (const std::optional<Value> root = parse_toml(text, problems)) {
    Reader(problems, file).read(*root, result.envelopes);
  }
  result.ok = !problems.has_errors();
  result.problems = problems.take();
  return result;
}

KeyResult read_keys(const std::string& file) {
  const std::expected<std::string, std::string> text = read_text_file(file, file_bytes_max);
  if (text) return parse_keys(*text, file);
  KeyResult result;
  result.problems.push_back({file, {}, Problem::Severity::error, text.error()});
  return result;
}

}  // namespace bivouac::firmware
