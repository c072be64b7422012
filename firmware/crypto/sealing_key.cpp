// SPDX-License-Identifier: Apache-2.0
#include "firmware/crypto/sealing_key.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <mbedtls/platform_util.h>
#include <sys/stat.h>
#include <unistd.h>

#include "firmware/crypto/credentials.h"

namespace bivouac::firmware {
namespace {

/// A file that closes itself.
class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  bool is_open() const { return descriptor_ >= 0; }
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

std::unexpected<std::string> because(const std::string& doing, const std::string& path) {
  return std::unexpected("cannot " + doing + " the sealing key " + path + ": " +
                         std::strerror(errno));
}

bool write_all(int descriptor, const SealingKey& key) {
  std::size_t done = 0;
  while (done < key.value.size()) {
    const ssize_t count = ::write(descriptor, key.value.data() + done, key.value.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    done += static_cast<std::size_t>(count);
  }
  return ::fsync(descriptor) == 0;
}

bool sync_folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  const File file(
      ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return file.is_open() && ::fsync(file.get()) == 0;
}

/// Whole or not at all, whenever the power goes.
std::expected<SealingKeyFile, std::string> create(const std::string& path) {
  SealingKeyFile made;
  made.created = true;
  if (!random_bytes(made.key.value.data(), made.key.value.size())) {
    return std::unexpected("no randomness to make the sealing key " + path);
  }
  const std::string unfinished = path + ".new";
  if (::unlink(unfinished.c_str()) != 0 && errno != ENOENT) return because("make", path);
  {
    const File file(::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                           S_IRUSR | S_IWUSR));
    if (!file.is_open() || !write_all(file.get(), made.key)) return because("make", path);
  }
  if (::rename(unfinished.c_str(), path.c_str()) != 0) return because("make", path);
  if (!sync_folder_of(path)) return because("make", path);
  return made;
}

/// Why the file must not be used; empty when it may.
std::string refusal(const struct stat& status, const std::string& path) {
  const std::string which = "the sealing key " + path;
  if (!S_ISREG(status.st_mode)) return which + " is no regular file";
  if (status.st_uid != ::geteuid() && status.st_uid != 0) {
    return which + " belongs to another user: chown it to the gateway's";
  }
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return "others may read or write " + which +
           ": chmod 600 it, and have new keys given out if "
           "somebody did";
  }
  return {};
}

}  // namespace

SealingKey::~SealingKey() { mbedtls_platform_zeroize(value.data(), value.size()); }

SealingKey::SealingKey(SealingKey&& other) noexcept : value(other.value) {
  mbedtls_platform_zeroize(other.value.data(), other.value.size());
}

std::expected<SealingKeyFile, std::string> read_sealing_key(const std::string& path) {
  const File file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file.is_open()) return errno == ENOENT ? create(path) : because("read", path);
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return because("read", path);
  if (std::string why = refusal(status, path); !why.empty()) return std::unexpected(std::move(why));

  SealingKeyFile found;
  if (status.st_size == static_cast<off_t>(SealingKey::bytes)) {
    const ssize_t count = ::read(file.get(), found.key.value.data(), found.key.value.size());
    if (count == static_cast<ssize_t>(SealingKey::bytes)) return found;
    return because("read", path);
  }
  const std::string aside = path + ".damaged";
  if (::rename(path.c_str(), aside.c_str()) != 0) return because("put aside", path);
  auto made = create(path);
  if (made) {
    made->warning = "it was not 32 bytes long and is kept as " + aside + "; a new one was made";
  }
  return made;
}

}  // namespace bivouac::firmware
