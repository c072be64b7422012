// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "core/engine/configuration.h"
#include "firmware/config/problem.h"

// gateway.toml as plain values: what the core is configured with, and what only the firmware needs.
// firmware/config/example.toml explains each key.

namespace bivouac::firmware {

/// Where a listener binds. The host is a literal address, without the brackets of IPv6, or
/// localhost.
struct ListenAddress {
  std::string host;
  std::uint16_t port = 0;
  friend bool operator==(const ListenAddress&, const ListenAddress&) = default;
};

/// required: without a valid list nobody is let in (decision 8). optional: a list is used when
/// given.
enum class CrlPolicy : std::uint8_t { required, optional };

/// Files in PEM; paths are absolute or relative to the working directory.
struct TlsFiles {
  std::string certificate;  // of this MC system, then its intermediates
  std::string key;
  std::string ca;
  std::string crl;  // empty: none
  CrlPolicy crl_policy = CrlPolicy::required;
  /// How long after its nextUpdate a list still counts: the backhaul may have been away.
  std::uint32_t crl_grace_days = 7;
};

/// How the wall clock is judged (decision 9). automatic: trusted once the kernel says that it is
/// synchronised.
enum class ClockMode : std::uint8_t { automatic, trusted, untrusted };

/// Where the file says what; to point at when a later check fails.
struct Places {
  Position system_id;
  Position certificate;
};

enum class LogLevel : std::uint8_t { error, warning, info, debug };

struct Settings {
  std::string file;  // where this was read from
  engine::Configuration core;
  std::vector<ListenAddress> listen;  // empty: this gateway only dials
  TlsFiles tls;
  std::string data_dir;             // the store
  std::string sealing_key;          // a file; made at the first start
  std::string runtime_dir;          // the operator's socket
  std::uint64_t reserve_bytes = 0;  // kept on the disk, so that erasing works when it is full
  ClockMode clock = ClockMode::automatic;
  LogLevel log_level = LogLevel::info;
  Places places;
};

/// The socket for operators lies in the runtime directory under this name.
inline constexpr std::string_view operator_socket_name = "operator.sock";
std::string operator_socket_path(const Settings& settings);
/// The database in the data directory.
std::string store_path(const Settings& settings);

/// Splits "host:port", "[v6]:port"; nothing when it is neither.
struct HostPort {
  std::string host;
  std::uint16_t port = 0;
};
std::expected<HostPort, std::string> split_address(std::string_view address);

struct SettingsResult {
  Settings settings;              // to be used only when there is no error
  std::vector<Problem> problems;  // errors and warnings, all of them
  bool ok = false;
};

enum class FileChecks : std::uint8_t { yes, no };

/// From text; `file` is its name in messages, and paths are relative to its folder.
SettingsResult parse_settings(std::string_view text, const std::string& file, FileChecks checks);
/// From a file.
SettingsResult read_settings(const std::string& file);

}  // namespace bivouac::firmware
