// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <cstdio>
#include <map>
#include <mutex>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "firmware/store/files.h"

namespace bivouac::firmware {
namespace {

constexpr mode_t private_mode = S_IRUSR | S_IWUSR;

class Descriptor {
 public:
  Descriptor(const std::string& path, int flags)
      : fd_(::open(path.c_str(), flags | O_CLOEXEC, private_mode)) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  int release() {
    const int fd = fd_;
    fd_ = -1;
    return fd;
  }

 private:
  int fd_;
};

/// A process that was killed holds its lock until the kernel has taken it apart, and a supervisor
/// may start the next one before: that is worth a short wait. A running one is not waited out.
bool wait_for_lock(int descriptor) {
  constexpr int tries = 40;
  constexpr useconds_t pause_us = 50'000;
  for (int i = 0; i < tries; ++i) {
    if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return true;
    if (errno != EWOULDBLOCK && errno != EINTR) return false;
    ::usleep(pause_us);
  }
  return false;
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

class PosixFiles final : public Files {
 public:
  std::int64_t size(const std::string& path) override {
    struct stat status{};
    return ::stat(path.c_str(), &status) == 0 ? std::int64_t{status.st_size} : -1;
  }

  std::int64_t read(const std::string& path, std::uint64_t offset,
                    std::span<std::uint8_t> into) override {
    const Descriptor file(path, O_RDONLY);
    if (!file) return -1;
    std::size_t done = 0;
    while (done < into.size()) {
      const ssize_t got = ::pread(file.get(), into.data() + done, into.size() - done,
                                  static_cast<off_t>(offset + done));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return -1;
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    return static_cast<std::int64_t>(done);
  }

  bool create_private(const std::string& path) override {
    return static_cast<bool>(Descriptor(path, O_RDWR | O_CREAT | O_EXCL));
  }

  bool remove(const std::string& path) override {
    return ::unlink(path.c_str()) == 0 || errno == ENOENT;
  }

  bool rename(const std::string& from, const std::string& to) override {
    return std::rename(from.c_str(), to.c_str()) == 0;
  }

  bool sync_folder_of(const std::string& path) override {
    const Descriptor folder(folder_of(path), O_RDONLY | O_DIRECTORY);
    return folder && ::fsync(folder.get()) == 0;
  }

  bool allocate(const std::string& path, std::uint64_t bytes) override {
    const Descriptor file(path, O_RDWR | O_CREAT);
    if (!file) return false;
    int error = 0;
    do {
      error = ::posix_fallocate(file.get(), 0, static_cast<off_t>(bytes));
    } while (error == EINTR);
    return error == 0 && ::fsync(file.get()) == 0;
  }

  std::uint64_t free_bytes(const std::string& path) override {
    struct statvfs status{};
    if (::statvfs(folder_of(path).c_str(), &status) != 0) return 0;
    return std::uint64_t{status.f_bavail} * status.f_frsize;
  }

  bool lock(const std::string& path) override {
    Descriptor file(path, O_RDWR | O_CREAT);
    if (!file || !wait_for_lock(file.get())) return false;
    const std::scoped_lock guard(mutex_);
    locks_[path] = file.release();
    return true;
  }

  void unlock(const std::string& path) override {
    const std::scoped_lock guard(mutex_);
    const auto found = locks_.find(path);
    if (found == locks_.end()) return;
    ::close(found->second);
    locks_.erase(found);
  }

 private:
  std::mutex mutex_;
  std::map<std::string, int> locks_;
};

}  // namespace

Files& posix_files() {
  static PosixFiles files;
  return files;
}

}  // namespace bivouac::firmware
