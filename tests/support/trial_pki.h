// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <sys/stat.h>

#include "core/base/time.h"
#include "firmware/crypto/credentials.h"
#include "firmware/crypto/pki.h"

// Certificates for tests that touch TLS. Header only; users link firmware_crypto.

namespace bivouac::test {

/// The real time: OpenSSL at the other end judges by it.
inline WallMs today() {
  using namespace std::chrono;
  return {duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count()};
}
inline WallMs days_from(WallMs from, std::int64_t days) { return {from.ms + days * 86'400'000}; }

/// A folder of its own that is gone with it.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "bivouac-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path_ = pattern;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  const std::string& path() const { return path_; }
  std::string write(const std::string& name, const std::string& text, mode_t mode = 0600) const {
    const std::string file = path_ + "/" + name;
    std::ofstream(file) << text;
    ::chmod(file.c_str(), mode);
    return file;
  }

 private:
  std::string path_;
};

/// What is unusual about a certificate; the rest is in order.
struct Wish {
  std::vector<std::string> uris;
  std::int64_t from_days = -1;
  std::int64_t to_days = 30;
  bool client_auth = true;
  bool server_auth = true;
  firmware::pki::Curve curve = firmware::pki::Curve::p256;
};

/// A certificate authority that issues and revokes.
class TrialPki {
 public:
  explicit TrialPki(const std::string& name = "Trial CA") {
    if (!firmware::start_crypto()) throw std::runtime_error("start_crypto");
    ca_ = *firmware::pki::create_ca({name, days_from(today(), -400), days_from(today(), 400)});
  }

  const firmware::pki::Identity& ca() const { return ca_; }

  firmware::pki::Identity issue(const Wish& wish) const {
    return *firmware::pki::issue(
        ca_, {wish.uris, "trial", days_from(today(), wish.from_days),
              days_from(today(), wish.to_days), wish.client_auth, wish.server_auth, wish.curve});
  }
  firmware::pki::Identity issue(const std::string& uri) const { return issue(Wish{{uri}}); }

  std::string revocation_list(const std::vector<firmware::pki::Identity>& revoked = {},
                              std::int64_t from_days = -1, std::int64_t to_days = 30) const {
    firmware::pki::RevocationList list;
    for (const auto& one : revoked) list.revoked_pem.push_back(one.certificate_pem);
    list.this_update = days_from(today(), from_days);
    list.next_update = days_from(today(), to_days);
    return *firmware::pki::create_revocation_list(ca_, list);
  }

  /// Writes what one holder needs; each file can be overwritten before it is loaded.
  firmware::CredentialFiles files(const Folder& folder, const std::string& name,
                                  const firmware::pki::Identity& own) const {
    firmware::CredentialFiles files;
    files.certificate = folder.write(name + ".crt", own.certificate_pem);
    files.key = folder.write(name + ".key", own.key_pem);
    files.ca = folder.write(name + ".ca", ca_.certificate_pem);
    files.crl = folder.write(name + ".crl", revocation_list());
    return files;
  }

  std::shared_ptr<const firmware::Credentials> load(const Folder& folder, const std::string& name,
                                                    const firmware::pki::Identity& own) const {
    return load(files(folder, name, own));
  }
  static std::shared_ptr<const firmware::Credentials> load(const firmware::CredentialFiles& files) {
    auto credentials = firmware::Credentials::load(files, today());
    if (!credentials)
      throw std::runtime_error(credentials.error().file + ": " + credentials.error().text);
    return *credentials;
  }

 private:
  firmware::pki::Identity ca_;
};

}  // namespace bivouac::test
