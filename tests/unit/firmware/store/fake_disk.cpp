// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/firmware/store/fake_disk.h"

#include <algorithm>
#include <atomic>
#include <cstring>

namespace bivouac::test {
namespace {

constexpr std::size_t sector_bytes = 512;  // what a power cut leaves whole

}  // namespace

/// What SQLite calls.
struct FakeDisk::Calls {
  struct File {
    sqlite3_file base;
    FakeDisk* disk;
    std::shared_ptr<Inode>* inode;
    std::string* durable_with_sync;  // a log's name is synced with its first sync, as on Unix
  };

  static File& self(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }
  static FakeDisk& disk(sqlite3_vfs* vfs) { return *static_cast<FakeDisk*>(vfs->pAppData); }

  static int close(sqlite3_file* f) {
    delete self(f).inode;
    delete self(f).durable_with_sync;
    return SQLITE_OK;
  }
  static int read(sqlite3_file* f, void* to, int size, sqlite3_int64 at) {
    const Bytes& from = (*self(f).inode)->current;
    const auto offset = std::min(static_cast<std::size_t>(at), from.size());
    const auto count = std::min(static_cast<std::size_t>(size), from.size() - offset);
    std::memset(to, 0, static_cast<std::size_t>(size));
    if (count > 0) std::memcpy(to, from.data() + offset, count);
    return count == static_cast<std::size_t>(size) ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
  }
  static int write(sqlite3_file* f, const void* from, int size, sqlite3_int64 at) {
    const ByteView bytes(static_cast<const std::uint8_t*>(from), static_cast<std::size_t>(size));
    return self(f).disk->write(**self(f).inode, static_cast<std::uint64_t>(at), bytes);
  }
  static int truncate(sqlite3_file* f, sqlite3_int64 size) {
    return self(f).disk->truncate(**self(f).inode, static_cast<std::uint64_t>(size));
  }
  static int sync(sqlite3_file* f, int) {
    const int code = self(f).disk->sync(**self(f).inode);
    std::string* name = self(f).durable_with_sync;
    if (code == SQLITE_OK && !name->empty()) self(f).disk->make_name_durable(*name);
    return code;
  }
  static int file_size(sqlite3_file* f, sqlite3_int64* size) {
    *size = static_cast<sqlite3_int64>((*self(f).inode)->current.size());
    return SQLITE_OK;
  }
  static int lock(sqlite3_file*, int) { return SQLITE_OK; }
  static int check_reserved_lock(sqlite3_file*, int* held) {
    *held = 0;
    return SQLITE_OK;
  }
  static int file_control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
  static int sector_size(sqlite3_file*) { return 4096; }
  static int device_characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

  static int open(sqlite3_vfs* v, sqlite3_filename path, sqlite3_file* f, int flags, int* out) {
    static constexpr sqlite3_io_methods methods{1,
                                                close,
                                                read,
                                                write,
                                                truncate,
                                                sync,
                                                file_size,
                                                lock,
                                                lock,
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
    f->pMethods = nullptr;
    FakeDisk& d = disk(v);
    const std::string name = path == nullptr ? "temporary" : path;
    std::string durable_with_sync;
    if (!d.names_.contains(name)) {
      if ((flags & SQLITE_OPEN_CREATE) == 0) return SQLITE_CANTOPEN;
      if (!d.create_private(name)) return SQLITE_CANTOPEN;
      if ((flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) != 0) durable_with_sync = name;
    }
    File& file = self(f);
    file.disk = &d;
    file.inode = new std::shared_ptr<Inode>(d.names_.at(name));
    file.durable_with_sync = new std::string(durable_with_sync);
    f->pMethods = &methods;
    if (out != nullptr) *out = flags;
    return SQLITE_OK;
  }
  static int remove(sqlite3_vfs* v, const char* path, int sync_folder) {
    if (!disk(v).names_.contains(path)) return SQLITE_IOERR_DELETE_NOENT;
    if (!disk(v).remove(path)) return SQLITE_IOERR_DELETE;
    return sync_folder == 0 || disk(v).sync_folder_of(path) ? SQLITE_OK : SQLITE_IOERR_DIR_FSYNC;
  }
  static int access(sqlite3_vfs* v, const char* path, int, int* out) {
    *out = disk(v).names_.contains(path) ? 1 : 0;
    return SQLITE_OK;
  }
  static int full_path(sqlite3_vfs*, const char* path, int size, char* out) {
    sqlite3_snprintf(size, out, "%s", path);
    return SQLITE_OK;
  }
  static int randomness(sqlite3_vfs*, int size, char* out) {
    static std::atomic<unsigned> next = 1;  // other salts for each log
    for (int i = 0; i < size; ++i) out[i] = static_cast<char>(next.fetch_add(37) >> 3U);
    return size;
  }
  static int sleep(sqlite3_vfs*, int us) { return us; }
  static int current_time(sqlite3_vfs*, double* out) {
    *out = 2461000.5;
    return SQLITE_OK;
  }
  static int last_error(sqlite3_vfs*, int, char*) { return 0; }
};

FakeDisk::FakeDisk() {
  static std::atomic<unsigned> number = 0;
  name_ = "fake-disk-" + std::to_string(++number);
  vfs_.iVersion = 1;
  vfs_.szOsFile = static_cast<int>(sizeof(Calls::File));
  vfs_.mxPathname = 512;
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

FakeDisk::~FakeDisk() { sqlite3_vfs_unregister(&vfs_); }

void FakeDisk::fail_at(std::uint64_t operation, Fault fault, std::uint64_t times) {
  fault_first_ = operation;
  fault_times_ = times;
  fault_ = fault;
}

FakeDisk::Fault FakeDisk::meet() {
  if (is_dead_) return Fault::power_cut;
  ++operations_;
  if (fault_ == Fault::none || operations_ < fault_first_) return Fault::none;
  if (operations_ >= fault_first_ + fault_times_) return Fault::none;
  if (fault_ == Fault::power_cut) is_dead_ = true;
  return fault_;
}

void FakeDisk::apply(Bytes& bytes, const Write& write) {
  if (write.truncate) {
    bytes.resize(write.offset);
    return;
  }
  const std::uint64_t end = write.offset + write.bytes.size();
  if (bytes.size() < end) bytes.resize(end);
  std::ranges::copy(write.bytes, bytes.begin() + static_cast<std::ptrdiff_t>(write.offset));
}

int FakeDisk::write(Inode& inode, std::uint64_t offset, ByteView bytes) {
  const bool was_dead = is_dead_;
  const Fault fault = meet();
  if (was_dead) return SQLITE_IOERR_WRITE;
  if (fault == Fault::full) return SQLITE_FULL;
  if (fault == Fault::write_fails) return SQLITE_IOERR_WRITE;
  const std::uint64_t end = offset + bytes.size();
  if (end > inode.current.size() && used() + end - inode.current.size() > capacity_)
    return SQLITE_FULL;
  Write write{offset, Bytes(bytes.begin(), bytes.end()), false};
  apply(inode.current, write);
  inode.pending.push_back(std::move(write));
  return fault == Fault::power_cut ? SQLITE_IOERR_WRITE : SQLITE_OK;
}

int FakeDisk::truncate(Inode& inode, std::uint64_t size) {
  const Fault fault = meet();
  if (fault == Fault::power_cut || fault == Fault::write_fails) return SQLITE_IOERR_TRUNCATE;
  apply(inode.current, {size, {}, true});
  inode.pending.push_back({size, {}, true});
  return SQLITE_OK;
}

int FakeDisk::sync(Inode& inode) {
  const Fault fault = meet();
  if (fault == Fault::power_cut) return SQLITE_IOERR_FSYNC;
  if (fault == Fault::sync_fails) {
    inode.pending.clear();  // the system calls them clean all the same, and never writes them
    return SQLITE_IOERR_FSYNC;
  }
  for (const Write& write : inode.pending) apply(inode.synced, write);
  inode.pending.clear();
  return SQLITE_OK;
}

void FakeDisk::apply(Names& names, const NameChange& change) {
  if (change.inode) {
    names[change.name] = change.inode;
  } else {
    names.erase(change.name);
  }
  if (!change.gone.empty()) names.erase(change.gone);
}

void FakeDisk::change_name(NameChange change) {
  apply(names_, change);
  pending_names_.push_back(std::move(change));
}

void FakeDisk::make_name_durable(const std::string& name) {
  const auto found = names_.find(name);
  if (found == names_.end()) return;
  durable_names_[name] = found->second;
  std::erase_if(pending_names_, [&](const NameChange& change) { return change.name == name; });
}

std::uint64_t FakeDisk::used() const {
  std::uint64_t sum = 0;
  for (const auto& [name, inode] : names_) sum += inode->current.size();
  return sum;
}

void FakeDisk::restore(Unsynced unsynced, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  // Changes of names reach the disk in their order: some of the first.
  std::size_t names_kept = 0;
  if (unsynced == Unsynced::kept) names_kept = pending_names_.size();
  if (unsynced == Unsynced::mixed) names_kept = random() % (pending_names_.size() + 1);
  for (std::size_t i = 0; i < names_kept; ++i) apply(durable_names_, pending_names_[i]);
  pending_names_.clear();
  names_ = durable_names_;
  for (auto& [name, inode] : names_) {
    for (const Write& write : inode->pending) {
      if (unsynced == Unsynced::lost) break;
      if (unsynced == Unsynced::kept || write.truncate) {
        if (unsynced == Unsynced::kept || random() % 2 == 0) apply(inode->synced, write);
        continue;
      }
      const bool whole = random() % 2 == 0;
      for (std::size_t at = 0; at < write.bytes.size(); at += sector_bytes) {
        if (!whole && random() % 2 == 0) continue;
        const std::size_t size = std::min(sector_bytes, write.bytes.size() - at);
        const auto from = write.bytes.begin() + static_cast<std::ptrdiff_t>(at);
        apply(inode->synced,
              {write.offset + at, Bytes(from, from + static_cast<std::ptrdiff_t>(size)), false});
      }
    }
    inode->pending.clear();
    inode->current = inode->synced;
  }
  is_dead_ = false;
  fault_ = Fault::none;
}

bool FakeDisk::holds(ByteView bytes) const {
  const auto has = [&](const Bytes& content) {
    return !std::ranges::search(content, bytes).empty();
  };
  for (const Names& names : {names_, durable_names_}) {
    for (const auto& [name, inode] : names) {
      if (has(inode->synced) || has(inode->current)) return true;
    }
  }
  return false;
}

Bytes* FakeDisk::content(const std::string& path) {
  const auto found = names_.find(path);
  return found == names_.end() ? nullptr : &found->second->current;
}

void FakeDisk::put(const std::string& path, const Bytes& bytes) {
  auto inode = std::make_shared<Inode>();
  inode->synced = inode->current = bytes;
  names_[path] = durable_names_[path] = std::move(inode);
}

std::int64_t FakeDisk::size(const std::string& path) {
  const Bytes* bytes = content(path);
  return bytes == nullptr ? -1 : static_cast<std::int64_t>(bytes->size());
}

std::int64_t FakeDisk::read(const std::string& path, std::uint64_t offset,
                            std::span<std::uint8_t> into) {
  const Bytes* bytes = content(path);
  if (bytes == nullptr) return -1;
  if (offset >= bytes->size()) return 0;
  const std::size_t count = std::min<std::size_t>(into.size(), bytes->size() - offset);
  std::copy_n(bytes->begin() + static_cast<std::ptrdiff_t>(offset), count, into.begin());
  return static_cast<std::int64_t>(count);
}

bool FakeDisk::create_private(const std::string& path) {
  if (meet() == Fault::power_cut || names_.contains(path)) return false;
  change_name({path, std::make_shared<Inode>(), {}});
  return true;
}

bool FakeDisk::remove(const std::string& path) {
  if (!names_.contains(path)) return true;
  if (meet() == Fault::power_cut) return false;
  change_name({path, nullptr, {}});
  return true;
}

bool FakeDisk::rename(const std::string& from, const std::string& to) {
  if (!names_.contains(from) || meet() == Fault::power_cut) return false;
  change_name({to, names_.at(from), from});
  return true;
}

bool FakeDisk::sync_folder_of(const std::string&) {
  const Fault fault = meet();
  if (fault == Fault::power_cut || fault == Fault::sync_fails) return false;
  durable_names_ = names_;
  pending_names_.clear();
  return true;
}

bool FakeDisk::allocate(const std::string& path, std::uint64_t bytes) {
  if (!names_.contains(path) && !create_private(path)) return false;
  Inode& inode = *names_.at(path);
  if (inode.current.size() >= bytes) return true;
  const Bytes zeros(static_cast<std::size_t>(bytes) - inode.current.size());
  if (write(inode, inode.current.size(), zeros) != SQLITE_OK) return false;
  return sync(inode) == SQLITE_OK;
}

std::uint64_t FakeDisk::free_bytes(const std::string&) {
  const std::uint64_t taken = used();
  return taken >= capacity_ ? 0 : capacity_ - taken;
}

bool FakeDisk::lock(const std::string& path) {
  if (!names_.contains(path)) change_name({path, std::make_shared<Inode>(), {}});
  return true;
}

void FakeDisk::unlock(const std::string&) {}

}  // namespace bivouac::test
