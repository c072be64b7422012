// SPDX-License-Identifier: Apache-2.0
#include "firmware/crypto/pki.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <optional>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/identity.h"
#include "firmware/cli/verbs.h"
#include "firmware/config/file.h"
#include "firmware/crypto/credentials.h"
#include "firmware/platform/clock_trust.h"

// bivouac pki: the files and their modes; the certificates are made in firmware/crypto.
//
//   DIR/ca.crt ca.key ca.crl      the authority and its revocation list
//   DIR/NAME.crt NAME.key         what was issued
//   DIR/revoked/NAME.crt          what was revoked

namespace bivouac::firmware::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t day_ms = 24LL * 60 * 60 * 1000;
/// Clocks of two boxes that are set by hand differ by minutes.
constexpr std::int64_t backdated_ms = 5LL * 60 * 1000;
constexpr std::size_t pem_bytes_max = 4 * 1024 * 1024;
constexpr mode_t secret = 0600;
constexpr mode_t open_to_all = 0644;

template <class T>
using Outcome = std::expected<T, std::string>;

/// Whole or not at all, and durable. A key is never replaced by accident: it must be new.
Outcome<void> write_file(const fs::path& path, const std::string& text, mode_t mode) {
  const bool must_be_new = mode == secret;
  if (must_be_new && fs::exists(path)) {
    return std::unexpected(path.string() + " exists already: remove it, or choose another name");
  }
  const std::string part = path.string() + ".part";
  const int descriptor = open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  bool good = descriptor >= 0;
  good = good && fchmod(descriptor, mode) == 0;
  good = good && write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  good = good && fsync(descriptor) == 0;
  if (descriptor >= 0) close(descriptor);
  good = good && rename(part.c_str(), path.c_str()) == 0;
  if (good) return {};
  return std::unexpected("cannot write " + path.string() + ": " + std::strerror(errno));
}

Outcome<std::string> read_file(const fs::path& path) {
  auto text = read_text_file(path.string(), pem_bytes_max);
  if (!text) return std::unexpected(path.string() + ": " + text.error());
  return text;
}

struct Validity {
  WallMs from;
  WallMs to;
};

Outcome<Validity> validity_of(const Command& command) {
  std::int64_t from_ms = wall_now().ms - backdated_ms;
  if (!command.not_before.empty()) {
    std::tm day{};
    const char* end = strptime(command.not_before.c_str(), "%Y-%m-%d", &day);
    if (end == nullptr || *end != '\0') {
      return std::unexpected("expected a day such as 2026-01-31 for --not-before, got " +
                             command.not_before);
    }
    from_ms = std::int64_t{timegm(&day)} * 1000;
  }
  return Validity{{from_ms}, {from_ms + command.days * day_ms}};
}

Outcome<pki::Identity> read_authority(const fs::path& directory) {
  auto certificate = read_file(directory / "ca.crt");
  auto key = read_file(directory / "ca.key");
  if (!certificate || !key) {
    return std::unexpected((certificate ? key.error() : certificate.error()) +
                           ". `bivouac pki init " + directory.string() + "` makes an authority");
  }
  return pki::Identity{std::move(*certificate), std::move(*key)};
}

/// The list is numbered by its time in seconds, which rises by itself.
Outcome<void> write_revocations(const fs::path& directory, const pki::Identity& authority,
                                Validity validity) {
  pki::RevocationList list;
  list.this_update = validity.from;
  list.next_update = validity.to;
  list.number = static_cast<std::uint64_t>(wall_now().ms / 1000);
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(directory / "revoked", none)) {
    auto certificate = read_file(entry.path());
    if (!certificate) return std::unexpected(certificate.error());
    list.revoked_pem.push_back(std::move(*certificate));
  }
  const auto pem = pki::create_revocation_list(authority, list);
  if (!pem) return std::unexpected(pem.error());
  return write_file(directory / "ca.crl", *pem, open_to_all);
}

Outcome<std::string> init(const Command& command) {
  const auto validity = validity_of(command);
  if (!validity) return std::unexpected(validity.error());
  const fs::path directory = command.directory;
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) return std::unexpected("cannot make " + directory.string() + ": " + error.message());
  pki::CaRequest request;
  if (!command.name.empty()) request.common_name = command.name;
  request.not_before = validity->from;
  request.not_after = validity->to;
  const auto authority = pki::create_ca(request);
  if (!authority) return std::unexpected(authority.error());
  for (const auto& written :
       {write_file(directory / "ca.key", authority->key_pem, secret),
        write_file(directory / "ca.crt", authority->certificate_pem, open_to_all),
        write_revocations(directory, *authority, *validity)}) {
    if (!written) return std::unexpected(written.error());
  }
  return "made " + (directory / "ca.crt").string() +
         ", ca.key and ca.crl. For trials only: an "
         "authority for the field belongs on a machine that is not in the field.";
}

/// The name that the certificate is for: given, or taken from a device's signing request.
Outcome<std::string> wanted_uri(const Command& command, const std::optional<std::string>& request) {
  if (!command.user_id.empty()) return command.user_id;
  if (command.system.empty() && request) return pki::uri_of_request(*request);
  if (command.system.empty()) {
    return std::unexpected("name the MC system with --system, or the user with --user");
  }
  if (const auto canonical = canonical_system(command.system)) return *canonical;
  std::fprintf(stderr, "bivouac: warning: %s is no MC system ID: gateways will not know it\n",
               command.system.c_str());
  return command.system;
}

Outcome<std::string> issue(const Command& command) {
  const auto validity = validity_of(command);
  if (!validity) return std::unexpected(validity.error());
  const fs::path directory = command.directory;
  const auto authority = read_authority(directory);
  if (!authority) return std::unexpected(authority.error());
  std::optional<std::string> signing_request;
  if (!command.request.empty()) {
    auto text = read_file(command.request);
    if (!text) return std::unexpected(text.error());
    signing_request = std::move(*text);
  }
  const auto uri = wanted_uri(command, signing_request);
  if (!uri) return std::unexpected(uri.error());
  pki::CertificateRequest request;
  request.uris = {*uri};
  request.common_name = command.name;
  request.not_before = validity->from;
  request.not_after = validity->to;
  request.client_auth = command.usage != Extended::server;
  request.server_auth = command.usage != Extended::client;

  const fs::path certificate_path = directory / (command.name + ".crt");
  if (signing_request) {
    const auto certificate = pki::certify(*authority, *signing_request, request);
    if (!certificate) return std::unexpected(certificate.error());
    if (auto written = write_file(certificate_path, *certificate, open_to_all); !written) {
      return std::unexpected(written.error());
    }
    return "made " + certificate_path.string() + " for " + *uri;
  }
  const auto identity = pki::issue(*authority, request);
  if (!identity) return std::unexpected(identity.error());
  // The key first: an existing one stops us before its certificate is replaced.
  if (auto written = write_file(directory / (command.name + ".key"), identity->key_pem, secret);
      !written) {
    return std::unexpected(written.error());
  }
  if (auto written = write_file(certificate_path, identity->certificate_pem, open_to_all);
      !written) {
    return std::unexpected(written.error());
  }
  return "made " + certificate_path.string() + " and its key for " + *uri;
}

Outcome<std::string> revoke(const Command& command) {
  const fs::path directory = command.directory;
  const auto authority = read_authority(directory);
  if (!authority) return std::unexpected(authority.error());
  auto certificate = read_file(directory / (command.name + ".crt"));
  if (!certificate) return std::unexpected(certificate.error());
  std::error_code error;
  fs::create_directories(directory / "revoked", error);
  if (auto written =
          write_file(directory / "revoked" / (command.name + ".crt"), *certificate, open_to_all);
      !written) {
    return std::unexpected(written.error());
  }
  const WallMs now = wall_now();
  const Validity validity{{now.ms - backdated_ms}, {now.ms + 365 * day_ms}};
  if (auto written = write_revocations(directory, *authority, validity); !written) {
    return std::unexpected(written.error());
  }
  return command.name + " is revoked in " + (directory / "ca.crl").string() +
         ". Send each gateway the list, and its process SIGHUP.";
}

Outcome<std::string> make_request(const Command& command) {
  const auto made = pki::create_request({command.system, command.name, pki::Curve::p256});
  if (!made) return std::unexpected(made.error());
  for (const auto& written : {write_file(command.name + ".key", made->key_pem, secret),
                              write_file(command.name + ".csr", made->request_pem, open_to_all)}) {
    if (!written) return std::unexpected(written.error());
  }
  return "made " + command.name + ".key, which stays here, and " + command.name +
         ".csr, which your authority certifies (for trials: bivouac pki issue DIR --request " +
         command.name + ".csr --out NAME)";
}

int answer(const Command& command, Outcome<std::string> (*work)(const Command&)) {
  if (const auto started = start_crypto(); !started) return complain(started.error());
  const Outcome<std::string> text = work(command);
  if (!text) return complain(text.error());
  print(*text + '\n');
  return exit_good;
}

}  // namespace

int pki_init(const Command& command) { return answer(command, init); }
int pki_issue(const Command& command) { return answer(command, issue); }
int pki_revoke(const Command& command) { return answer(command, revoke); }
int pki_request(const Command& command) { return answer(command, make_request); }

}  // namespace bivouac::firmware::cli
