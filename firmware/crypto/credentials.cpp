// SPDX-License-Identifier: Apache-2.0
#include "firmware/crypto/credentials.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fcntl.h>
#include <mbedtls/platform_util.h>
#include <sys/stat.h>
#include <unistd.h>

#include "firmware/crypto/certificate.h"
#include "firmware/crypto/credential_set.h"
#include "firmware/platform/text.h"

namespace bivouac::firmware {

namespace {

constexpr std::size_t file_bytes_max = 4 * 1024 * 1024;  // a revocation list may be long
constexpr std::int64_t day_ms = 24LL * 60 * 60 * 1000;

using Read = std::expected<std::string, CredentialProblem>;
using Checked = std::expected<void, CredentialProblem>;

std::unexpected<CredentialProblem> problem(const std::string& file, std::string text) {
  return std::unexpected(CredentialProblem{file, std::move(text)});
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return number_; }

 private:
  int number_;
};

enum class Secrecy : std::uint8_t { open, secret };

/// One PEM file. The mode is judged on what was opened, so that it cannot be swapped in between.
Read read_pem(const std::string& file, const char* what, Secrecy secrecy) {
  const Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (descriptor.get() < 0) {
    return problem(file, filled("cannot read the {}: {}", what, std::strerror(errno)));
  }
  struct stat status{};
  if (::fstat(descriptor.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return problem(file, filled("the {} is not a file", what));
  }
  if (secrecy == Secrecy::secret && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    std::array<char, 8> mode{};
    std::snprintf(mode.data(), mode.size(), "%03o", static_cast<unsigned>(status.st_mode & 0777));
    return problem(file, filled("the {} can be read or changed by others (mode {}): chmod 600",
                                what, mode.data()));
  }
  if (static_cast<std::uint64_t>(status.st_size) > file_bytes_max) {
    return problem(file, filled("the {} is longer than 4 MiB", what));
  }
  std::string text;
  text.reserve(static_cast<std::size_t>(status.st_size) +
               1);  // grown, it would leave copies behind
  std::array<char, 16 * 1024> block{};
  for (;;) {
    const ssize_t count = ::read(descriptor.get(), block.data(), block.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0)
      return problem(file, filled("cannot read the {}: {}", what, std::strerror(errno)));
    if (count == 0) break;
    text.append(block.data(), static_cast<std::size_t>(count));
    if (text.size() > file_bytes_max) break;  // it grows while we read: no PEM file
  }
  mbedtls_platform_zeroize(block.data(), block.size());
  if (text.find("-----BEGIN ") == std::string::npos || text.find('\0') != std::string::npos) {
    return problem(file, filled("the {} is not PEM text (no \"-----BEGIN\" line)", what));
  }
  return text;
}

/// A positive code is the number of certificates that the library skipped over.
std::string parse_error(int code) {
  return code > 0 ? filled("{} of its parts cannot be parsed", code) : mbed::error_text(code);
}

Checked check_dates(const mbedtls_x509_crt& certificate, const std::string& file, WallMs at) {
  const WallMs from = mbed::to_wall(certificate.valid_from);
  const WallMs to = mbed::to_wall(certificate.valid_to);
  if (at > to) {
    return problem(file, filled("{} expired on {}", describe(certificate), mbed::to_text(to)));
  }
  if (at < from) {
    return problem(file, filled("{} is valid only from {}; the clock says {}",
                                describe(certificate), mbed::to_text(from), mbed::to_text(at)));
  }
  return {};
}

Checked check_own(const mbedtls_x509_crt& own, const std::string& file, WallMs at) {
  if (!has_known_curve(own.pk)) {
    return problem(file, "the key of the certificate is not an EC key on P-256 or P-384");
  }
  if (auto identity = identity_of(own); !identity) {
    return problem(file, filled("{}: {}", describe(own), identity.error()));
  }
  for (const Purpose purpose : {Purpose::client_auth, Purpose::server_auth}) {
    if (!has_purpose(own, purpose)) {
      return problem(file, filled("{}: the extended key usage lacks {}", describe(own),
                                  purpose == Purpose::client_auth ? "clientAuth" : "serverAuth"));
    }
  }
  return check_dates(own, file, at);
}

Checked check_authorities(const mbedtls_x509_crt& first, const std::string& file) {
  for (const mbedtls_x509_crt* ca = &first; ca != nullptr; ca = ca->next) {
    if (mbedtls_x509_crt_get_ca_istrue(ca) != 1) {
      return problem(file, filled("{} is not the certificate of an authority", describe(*ca)));
    }
    if (!has_known_curve(ca->pk)) {
      return problem(file,
                     filled("the key of {} is not an EC key on P-256 or P-384", describe(*ca)));
    }
  }
  return {};
}

/// Dates are not judged here: an old list of revocations still tells whom not to let in, and the
/// verification of peers decides how long it counts.
Checked read_revocations(Credentials::Inside& inside, const mbedtls_x509_crt& authorities) {
  if (inside.files.crl.empty()) {
    if (!inside.files.crl_required) return {};
    return problem(inside.files.ca, "no revocation list is given, and one is required");
  }
  mbed::RevocationLists lists;
  if (const int code = mbed::parse_pem(lists.get(), inside.crl_pem); code != 0) {
    return problem(inside.files.crl, "cannot parse the revocation list: " + parse_error(code));
  }
  for (const mbedtls_x509_crl* list = lists.get(); list != nullptr; list = list->next) {
    if (list->next_update.year == 0) {
      return problem(inside.files.crl, "a revocation list does not say when the next one is due");
    }
    inside.revocations_end = std::min(inside.revocations_end, mbed::to_wall(list->next_update));
    bool known = false;
    for (const mbedtls_x509_crt* ca = &authorities; ca != nullptr; ca = ca->next) {
      known =
          known || (ca->subject_raw.len == list->issuer_raw.len &&
                    std::memcmp(ca->subject_raw.p, list->issuer_raw.p, list->issuer_raw.len) == 0);
    }
    // Only a list of an authority that we trust may move our idea of time.
    if (known) inside.clock_floor = std::max(inside.clock_floor, mbed::to_wall(list->this_update));
  }
  return {};
}

Checked read_files(Credentials::Inside& inside) {
  const CredentialFiles& files = inside.files;
  auto certificate = read_pem(files.certificate, "certificate", Secrecy::open);
  if (!certificate) return std::unexpected(certificate.error());
  auto key = read_pem(files.key, "private key", Secrecy::secret);
  if (!key) return std::unexpected(key.error());
  auto ca = read_pem(files.ca, "list of trusted authorities", Secrecy::open);
  if (!ca) return std::unexpected(ca.error());
  inside.certificate_pem = std::move(*certificate);
  inside.key_pem = std::move(*key);
  inside.ca_pem = std::move(*ca);
  if (files.crl.empty()) return {};
  auto crl = read_pem(files.crl, "revocation list", Secrecy::open);
  if (!crl) return std::unexpected(crl.error());
  inside.crl_pem = std::move(*crl);
  return {};
}

Checked check(Credentials::Inside& inside, WallMs judged_at) {
  const CredentialFiles& files = inside.files;
  mbed::Certificate own;
  mbed::Certificate authorities;
  mbed::Key key;
  if (const int code = mbed::parse_pem(own.get(), inside.certificate_pem); code != 0) {
    return problem(files.certificate, "cannot parse the certificate: " + parse_error(code));
  }
  if (const int code = mbed::parse_pem(key.get(), inside.key_pem); code != 0) {
    return problem(files.key, "cannot parse the private key: " + parse_error(code));
  }
  if (const int code = mbed::parse_pem(authorities.get(), inside.ca_pem); code != 0) {
    return problem(files.ca, "cannot parse the list of trusted authorities: " + parse_error(code));
  }
  if (mbedtls_pk_check_pair(&own->pk, key.get(), mbed::random, nullptr) != 0) {
    return problem(files.key,
                   "the private key does not belong to the certificate " + files.certificate);
  }
  inside.clock_floor = mbed::to_wall(own->valid_from);
  if (auto good = check_authorities(*authorities.get(), files.ca); !good) return good;
  if (auto good = read_revocations(inside, *authorities.get()); !good) return good;
  // Not at the whole floor: a fresh revocation list must not keep a gateway whose certificate has
  // expired from starting. Its partners refuse it, and status says so.
  if (auto good = check_own(*own.get(), files.certificate,
                            std::max(judged_at, mbed::to_wall(own->valid_from)));
      !good) {
    return good;
  }
  inside.identity = *identity_of(*own.get());
  inside.expires = mbed::to_wall(own->valid_to);
  return {};
}

}  // namespace

std::expected<std::shared_ptr<const Credentials>, CredentialProblem> Credentials::load(
    const CredentialFiles& files, WallMs judged_at) {
  auto inside = std::make_unique<Inside>();
  inside->files = files;
  if (auto good = read_files(*inside); !good) return std::unexpected(good.error());
  if (auto good = check(*inside, judged_at); !good) return std::unexpected(good.error());
  std::shared_ptr<const Credentials> credentials(new Credentials(std::move(inside)));
  if (credentials->inside_->set_of(0) == nullptr) {
    return problem(files.certificate, "the TLS library cannot use these files together");
  }
  return credentials;
}

Credentials::Credentials(std::unique_ptr<const Inside> inside) : inside_(std::move(inside)) {}
Credentials::~Credentials() = default;

const std::string& Credentials::identity() const { return inside_->identity; }
WallMs Credentials::expires() const { return inside_->expires; }
WallMs Credentials::clock_floor() const { return inside_->clock_floor; }

std::vector<std::string> Credentials::warnings(WallMs at) const {
  std::vector<std::string> out;
  const std::int64_t days = (inside_->expires.ms - at.ms) / day_ms;
  if (days <= 30) {
    out.push_back(filled("{}: the certificate ends on {}, in {} days", inside_->files.certificate,
                         mbed::to_text(inside_->expires), days));
  }
  if (at > inside_->revocations_end) {
    out.push_back(filled("{}: a newer revocation list was due on {}", inside_->files.crl,
                         mbed::to_text(inside_->revocations_end)));
  }
  return out;
}

}  // namespace bivouac::firmware
