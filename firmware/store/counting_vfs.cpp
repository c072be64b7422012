// SPDX-License-Identifier: Apache-2.0
#include "firmware/store/counting_vfs.h"

#include <chrono>
#include <new>

#include "core/base/assert.h"

namespace bivouac::firmware {

/// What SQLite calls. A file of ours is followed in memory by the file of the VFS below.
struct CountingVfs::Calls {
  struct File {
    sqlite3_file base;
    CountingVfs* vfs;
    sqlite3_file* below() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  };

  static File& self(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }
  static sqlite3_file* below(sqlite3_file* file) { return self(file).below(); }
  static CountingVfs& vfs(sqlite3_vfs* vfs) { return *static_cast<CountingVfs*>(vfs->pAppData); }

  static int close(sqlite3_file* f) { return below(f)->pMethods->xClose(below(f)); }
  static int read(sqlite3_file* f, void* to, int size, sqlite3_int64 at) {
    return below(f)->pMethods->xRead(below(f), to, size, at);
  }
  static int write(sqlite3_file* f, const void* from, int size, sqlite3_int64 at) {
    self(f).vfs->bytes_written_ += static_cast<std::uint64_t>(size);
    return below(f)->pMethods->xWrite(below(f), from, size, at);
  }
  static int truncate(sqlite3_file* f, sqlite3_int64 size) {
    return below(f)->pMethods->xTruncate(below(f), size);
  }
  static int sync(sqlite3_file* f, int flags) {
    const auto start = std::chrono::steady_clock::now();
    const int code = below(f)->pMethods->xSync(below(f), flags);
    const auto took = std::chrono::steady_clock::now() - start;
    const auto us = static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(took).count());
    CountingVfs& counters = *self(f).vfs;
    ++counters.syncs_;
    counters.sync_last_us_ = us;
    if (us > counters.sync_max_us_) counters.sync_max_us_ = us;
    return code;
  }
  static int file_size(sqlite3_file* f, sqlite3_int64* size) {
    return below(f)->pMethods->xFileSize(below(f), size);
  }
  static int lock(sqlite3_file* f, int level) { return below(f)->pMethods->xLock(below(f), level); }
  static int unlock(sqlite3_file* f, int level) {
    return below(f)->pMethods->xUnlock(below(f), level);
  }
  static int check_reserved_lock(sqlite3_file* f, int* held) {
    return below(f)->pMethods->xCheckReservedLock(below(f), held);
  }
  static int file_control(sqlite3_file* f, int op, void* argument) {
    return below(f)->pMethods->xFileControl(below(f), op, argument);
  }
  static int sector_size(sqlite3_file* f) { return below(f)->pMethods->xSectorSize(below(f)); }
  static int device_characteristics(sqlite3_file* f) {
    return below(f)->pMethods->xDeviceCharacteristics(below(f));
  }

  static int open(sqlite3_vfs* v, sqlite3_filename path, sqlite3_file* f, int flags, int* out) {
    // Version 1: without shared memory, which exclusive locking does not need.
    static constexpr sqlite3_io_methods methods{1,
                                                close,
                                                read,
                                                write,
                                                truncate,
                                                sync,
                                                file_size,
                                                lock,
                                                unlock,
                                                check_reserved_lock,
                                                file_control,
                                                sector_size,
                                                device_characteristics,
                                                nullptr,
                                                nullptr,
                                                nullptr,
                                                nullptr,
                                                nullptr,
                                                nullptr};
    File* file = new (f) File{{nullptr}, &vfs(v)};
    file->below()->pMethods = nullptr;
    sqlite3_vfs* other = vfs(v).below_;
    const int code = other->xOpen(other, path, file->below(), flags, out);
    // SQLite calls close for each file that has methods, opened or not.
    if (file->below()->pMethods != nullptr) file->base.pMethods = &methods;
    return code;
  }
  static int remove(sqlite3_vfs* v, const char* path, int sync_folder) {
    return vfs(v).below_->xDelete(vfs(v).below_, path, sync_folder);
  }
  static int access(sqlite3_vfs* v, const char* path, int flags, int* out) {
    return vfs(v).below_->xAccess(vfs(v).below_, path, flags, out);
  }
  static int full_path(sqlite3_vfs* v, const char* path, int size, char* out) {
    return vfs(v).below_->xFullPathname(vfs(v).below_, path, size, out);
  }
  static int randomness(sqlite3_vfs* v, int size, char* out) {
    return vfs(v).below_->xRandomness(vfs(v).below_, size, out);
  }
  static int sleep(sqlite3_vfs* v, int us) { return vfs(v).below_->xSleep(vfs(v).below_, us); }
  static int current_time(sqlite3_vfs* v, double* out) {
    return vfs(v).below_->xCurrentTime(vfs(v).below_, out);
  }
  static int last_error(sqlite3_vfs* v, int size, char* out) {
    return vfs(v).below_->xGetLastError(vfs(v).below_, size, out);
  }
};

CountingVfs::CountingVfs(const char* below) : below_(sqlite3_vfs_find(below)) {
  BIVOUAC_ASSERT(below_ != nullptr);
  static std::atomic<unsigned> number = 0;
  name_ = "bivouac-" + std::to_string(++number);
  vfs_.iVersion = 1;
  vfs_.szOsFile = static_cast<int>(sizeof(Calls::File)) + below_->szOsFile;
  vfs_.mxPathname = below_->mxPathname;
  vfs_.zName = name_.c_str();
  vfs_.pAppData = this;
  vfs_.xOpen = Calls::open;
  vfs_.xDelete = Calls::remove;
  vfs_.xAccess = Calls::access;
  vfs_.xFullPathname = Calls::full_path;
  vfs_.xRandomness = Calls::randomness;
  vfs_.xSleep = Calls::sleep;
  vfs_.xCurrentTime = Calls::current_time;
  vfs_.xGetLastError = Calls::last_error;
  sqlite3_vfs_register(&vfs_, 0);
}

CountingVfs::~CountingVfs() { sqlite3_vfs_unregister(&vfs_); }

}  // namespace bivouac::firmware
