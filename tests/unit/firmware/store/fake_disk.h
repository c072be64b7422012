// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <sqlite3.h>

#include "core/base/bytes.h"
#include "firmware/store/files.h"

namespace bivouac::test {

/// A disk in memory, behind SQLite (as a VFS) and behind the store's other file work. It knows what
/// was synced and what was not, counts operations that change something, and fails at a chosen one.
class FakeDisk final : public firmware::Files {
 public:
  enum class Fault { none, power_cut, full, sync_fails, write_fails };
  /// What becomes of what was not synced: all lost, all kept, or a random part of it in sectors.
  enum class Unsynced { lost, kept, mixed };

  FakeDisk();
  ~FakeDisk() override;
  FakeDisk(const FakeDisk&) = delete;
  FakeDisk& operator=(const FakeDisk&) = delete;

  const char* vfs() const { return name_.c_str(); }
  /// Whether these bytes are in any file, in what is synced or what is not.
  bool holds(ByteView bytes) const;

  /// Operations so far; the n-th from now is number operations() + n.
  std::uint64_t operations() const { return operations_; }
  /// The fault happens at this operation and at `times - 1` more; a power cut for good.
  void fail_at(std::uint64_t operation, Fault fault, std::uint64_t times = 1);
  /// The power comes back: what survived is there, synced. No file may be open.
  void restore(Unsynced unsynced, std::uint64_t seed);
  void set_capacity(std::uint64_t bytes) { capacity_ = bytes; }
  std::uint64_t used() const;

  /// For damage: the bytes of a file.
  Bytes* content(const std::string& path);
  void put(const std::string& path, const Bytes& bytes);
  bool has(const std::string& path) const { return names_.contains(path); }

  // firmware::Files
  std::int64_t size(const std::string& path) override;
  std::int64_t read(const std::string& path, std::uint64_t offset,
                    std::span<std::uint8_t> into) override;
  bool create_private(const std::string& path) override;
  bool remove(const std::string& path) override;
  bool rename(const std::string& from, const std::string& to) override;
  bool sync_folder_of(const std::string& path) override;
  bool allocate(const std::string& path, std::uint64_t bytes) override;
  std::uint64_t free_bytes(const std::string& path) override;
  bool lock(const std::string& path) override;
  void unlock(const std::string& path) override;

 private:
  struct Calls;
  struct Write {
    std::uint64_t offset = 0;
    Bytes bytes;
    bool truncate = false;
  };
  struct Inode {
    Bytes synced;
    Bytes current;
    std::vector<Write> pending;
  };
  using Names = std::map<std::string, std::shared_ptr<Inode>>;
  struct NameChange {
    std::string name;
    std::shared_ptr<Inode> inode;  // null: gone
    std::string gone;              // in the same step: the old name of a rename
  };

  /// Counts one operation; the fault that it meets.
  Fault meet();
  void change_name(NameChange change);
  static void apply(Names& names, const NameChange& change);
  void make_name_durable(const std::string& name);
  int write(Inode& inode, std::uint64_t offset, ByteView bytes);
  int truncate(Inode& inode, std::uint64_t size);
  int sync(Inode& inode);
  static void apply(Bytes& bytes, const Write& write);

  std::string name_;
  sqlite3_vfs vfs_{};
  Names names_;
  Names durable_names_;
  std::vector<NameChange> pending_names_;
  std::uint64_t operations_ = 0;
  std::uint64_t fault_first_ = 0;
  std::uint64_t fault_times_ = 0;
  Fault fault_ = Fault::none;
  bool is_dead_ = false;
  std::uint64_t capacity_ = 64 * 1024 * 1024;
};

}  // namespace bivouac::test
