// SPDX-License-Identifier: Apache-2.0
#include "firmware/config/settings.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <filesystem>

#include <arpa/inet.h>
#include <sys/stat.h>
#include <unistd.h>

#include "firmware/config/fields.h"
#include "firmware/config/file.h"
#include "firmware/config/partner_section.h"
#include "firmware/config/quotes.h"
#include "firmware/platform/text.h"

namespace bivouac::firmware {
namespace {

constexpr std::uint64_t reserve_default = 4ULL << 20;
constexpr std::uint64_t reserve_min = 1ULL << 20;
constexpr std::size_t socket_path_bytes_max = 107;  // sun_path, with its end
constexpr std::size_t file_bytes_max = 1024 * 1024;
constexpr std::size_t listeners_max = 8;
constexpr std::uint32_t crl_grace_days_max = 365;

constexpr WordValue clock_words[] = {
    {"auto", static_cast<std::uint8_t>(ClockMode::automatic)},
    {"trusted", static_cast<std::uint8_t>(ClockMode::trusted)},
    {"untrusted", static_cast<std::uint8_t>(ClockMode::untrusted)}};
constexpr WordValue crl_words[] = {{"required", static_cast<std::uint8_t>(CrlPolicy::required)},
                                   {"optional", static_cast<std::uint8_t>(CrlPolicy::optional)}};
constexpr WordValue level_words[] = {{"error", static_cast<std::uint8_t>(LogLevel::error)},
                                     {"warning", static_cast<std::uint8_t>(LogLevel::warning)},
                                     {"info", static_cast<std::uint8_t>(LogLevel::info)},
                                     {"debug", static_cast<std::uint8_t>(LogLevel::debug)}};

/// Paths in the file are relative to the folder of the file.
std::string resolve(const std::string& file, const std::string& path) {
  if (path.empty() || path.starts_with('/')) return path;
  return (std::filesystem::path(file).parent_path() / path).lexically_normal().string();
}

std::string sealing_key_in(const std::string& folder) { return folder + "/sealing.key"; }

bool is_local_host(const std::string& host) {
  in6_addr parsed{};
  return host == "localhost" || inet_pton(AF_INET, host.c_str(), &parsed) == 1 ||
         inet_pton(AF_INET6, host.c_str(), &parsed) == 1;
}

class Reader {
 public:
  Reader(const Value& root, Problems& problems, FileChecks checks, Settings& out)
      : root_(root, "the file", problems), problems_(problems), checks_(checks), out_(out) {}

  void read() {
    read_system();
    read_listen();
    read_tls();
    read_store();
    read_log();
    out_.core.partners = read_partners(root_, out_.core.system_id);
    root_.finish();
    if (out_.listen.empty() && std::ranges::all_of(out_.core.partners, [](const auto& p) {
          return p.addresses.empty();
        })) {
      problems_.warning({1, 1},
                        "nobody can be reached: no address to listen on and no partner's "
                        "address to dial");
    }
  }

 private:
  const Value* section(std::string_view name, bool required) {
    const Value* value = root_.table(name);
    if (value == nullptr && required && !root_.has(name)) {
      problems_.error({1, 1}, "the section [" + std::string(name) + "] is missing");
    }
    return value;
  }

  void read_system() {
    const Value* value = section("system", true);
    if (value == nullptr) return;
    Fields fields(*value, "[system]", problems_);
    out_.core.system_id = read_system_id(fields, "id");
    out_.places.system_id = fields.at("id");
    fields.services("services", out_.core.services);
    std::uint8_t clock = 0;
    if (fields.word("clock", clock_words, clock)) out_.clock = static_cast<ClockMode>(clock);
    fields.finish();
  }

  void read_listen() {
    const Value* value = section("listen", false);
    if (value == nullptr) return;
    Fields fields(*value, "[listen]", problems_);
    std::vector<std::string> addresses;
    std::vector<Position> positions;
    fields.texts("addresses", addresses, positions);
    fields.finish();
    for (std::size_t i = 0; i < addresses.size(); ++i) {
      const auto split = split_address(addresses[i]);
      if (!split) {
        problems_.error(positions[i], split.error());
        continue;
      }
      // Names are not bound: which addresses they stand for changes with the network.
      if (!is_local_host(split->host)) {
        problems_.error(positions[i],
                        "expected an IP address of this box or localhost to listen on, such as "
                        "\"0.0.0.0:8443\", got " +
                            in_quotes(addresses[i]));
        continue;
      }
      out_.listen.push_back({split->host, split->port});
    }
    if (addresses.size() > listeners_max) {
      problems_.error(fields.at("addresses"), "expected at most " + std::to_string(listeners_max) +
                                                  " addresses to listen on");
    }
  }

  void read_tls() {
    const Value* value = section("tls", true);
    if (value == nullptr) return;
    Fields fields(*value, "[tls]", problems_);
    read_file(fields, "certificate", out_.tls.certificate, true);
    out_.places.certificate = fields.at("certificate");
    read_file(fields, "key", out_.tls.key, true);
    read_file(fields, "ca", out_.tls.ca, true);
    std::uint8_t policy = 0;
    if (fields.word("crl_policy", crl_words, policy)) {
      out_.tls.crl_policy = static_cast<CrlPolicy>(policy);
    }
    const bool required = out_.tls.crl_policy == CrlPolicy::required;
    if (required && !fields.has("crl")) {
      fields.missing("crl", "a certificate revocation list, or crl_policy = \"optional\"");
    }
    read_file(fields, "crl", out_.tls.crl, false);
    fields.unsigned_number("crl_grace_days", out_.tls.crl_grace_days, crl_grace_days_max);
    fields.finish();
    if (checks_ == FileChecks::yes) warn_of_open_key(fields);
  }

  void read_file(Fields& fields, std::string_view key, std::string& out, bool required) {
    std::string path;
    if (!fields.text(key, path)) {
      if (required && !fields.has(key)) fields.missing(key, "the path of a PEM file");
      return;
    }
    out = resolve(out_.file, path);
    if (checks_ == FileChecks::no) return;
    struct stat status{};
    std::string what;
    if (stat(out.c_str(), &status) != 0 || access(out.c_str(), R_OK) != 0) {
      what = std::strerror(errno);
    } else if (!S_ISREG(status.st_mode)) {
      what = "it is no regular file";
    }
    if (!what.empty()) {
      problems_.error(fields.at(key), "expected a readable PEM file for " + std::string(key) +
                                          ", got " + in_quotes(out) + ": " + what);
    }
  }

  void warn_of_open_key(Fields& fields) {
    struct stat status{};
    if (out_.tls.key.empty() || stat(out_.tls.key.c_str(), &status) != 0) return;
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) == 0) return;
    problems_.warning(fields.at("key"),
                      "others may read the private key: chmod 600 " + in_quotes(out_.tls.key));
  }

  void read_store() {
    out_.data_dir = "/var/lib/bivouac";
    out_.runtime_dir = "/run/bivouac";
    out_.reserve_bytes = reserve_default;
    out_.sealing_key = sealing_key_in(out_.data_dir);
    const Value* value = section("store", false);
    if (value == nullptr) return;
    Fields fields(*value, "[store]", problems_);
    read_directory(fields, "data_dir", out_.data_dir);
    read_directory(fields, "runtime_dir", out_.runtime_dir);
    out_.sealing_key = sealing_key_in(out_.data_dir);
    read_sealing_key_path(fields);
    if (fields.size("reserve", out_.reserve_bytes) && out_.reserve_bytes < reserve_min) {
      problems_.error(fields.at("reserve"), "expected at least \"1MiB\" for reserve");
    }
    fields.finish();
    if (operator_socket_path(out_).size() > socket_path_bytes_max) {
      const std::size_t most = socket_path_bytes_max - operator_socket_name.size() - 1;
      problems_.error(fields.at("runtime_dir"),
                      filled("runtime_dir is too long for a socket: at most {} bytes as {}", most,
                             in_quotes(out_.runtime_dir)));
    }
  }

  void read_directory(Fields& fields, std::string_view key, std::string& out) {
    std::string path;
    if (!fields.text(key, path)) return;
    if (path.empty()) {
      fields.wrong(*fields.find(key), key, "the path of a folder");
      return;
    }
    out = resolve(out_.file, path);
    struct stat status{};
    if (checks_ == FileChecks::yes && stat(out.c_str(), &status) == 0 && !S_ISDIR(status.st_mode)) {
      fields.wrong(*fields.find(key), key, "the path of a folder");
    }
  }

  void read_sealing_key_path(Fields& fields) {
    std::string path;
    if (!fields.text("sealing_key", path)) return;
    struct stat status{};
    const std::string file = resolve(out_.file, path);
    const bool is_folder =
        checks_ == FileChecks::yes && stat(file.c_str(), &status) == 0 && !S_ISREG(status.st_mode);
    if (path.empty() || path.ends_with('/') || is_folder) {
      fields.wrong(*fields.find("sealing_key"), "sealing_key", "the path of a file");
      return;
    }
    out_.sealing_key = file;
  }

  void read_log() {
    const Value* value = section("log", false);
    if (value == nullptr) return;
    Fields fields(*value, "[log]", problems_);
    std::uint8_t level = 0;
    if (fields.word("level", level_words, level)) out_.log_level = static_cast<LogLevel>(level);
    fields.finish();
  }

  Fields root_;
  Problems& problems_;
  FileChecks checks_;
  Settings& out_;
};

bool is_host_name(std::string_view host) {
  return !host.empty() && host.size() <= 253 && std::ranges::all_of(host, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.';
  });
}

}  // namespace

std::string operator_socket_path(const Settings& settings) {
  return settings.runtime_dir + '/' + std::string(operator_socket_name);
}

std::string store_path(const Settings& settings) { return settings.data_dir + "/store.db"; }

std::expected<HostPort, std::string> split_address(std::string_view address) {
  const auto wrong = [&] {
    return std::unexpected("expected \"host:port\" or \"[IPv6]:port\", got " + in_quotes(address));
  };
  const std::size_t colon = address.rfind(':');
  if (colon == std::string_view::npos) return wrong();
  HostPort split;
  split.host = std::string(address.substr(0, colon));
  const std::string_view port = address.substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), split.port);
  if (error != std::errc{} || end != port.data() + port.size() || split.port == 0) return wrong();
  if (split.host.starts_with('[') && split.host.ends_with(']')) {
    split.host = split.host.substr(1, split.host.size() - 2);
    in6_addr parsed{};
    if (inet_pton(AF_INET6, split.host.c_str(), &parsed) != 1) return wrong();
  } else if (!is_host_name(split.host)) {
    return wrong();
  }
  return split;
}

SettingsResult parse_settings(std::string_view text, const std::string& file, FileChecks checks) {
  SettingsResult result;
  result.settings.file = file;
  Problems problems(file);
  if (const std::optional<Value> root = parse_toml(text, problems)) {
    Reader(*root, problems, checks, result.settings).read();
  }
  result.ok = !problems.has_errors();
  result.problems = problems.take();
  return result;
}

SettingsResult read_settings(const std::string& file) {
  const std::expected<std::string, std::string> text = read_text_file(file, file_bytes_max);
  if (!text) {
    SettingsResult result;
    result.problems.push_back({file, {}, Problem::Severity::error, text.error()});
    return result;
  }
  return parse_settings(*text, file, FileChecks::yes);
}

}  // namespace bivouac::firmware
