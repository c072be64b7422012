// SPDX-License-Identifier: Apache-2.0
#include "firmware/store/snapshot.h"

#include "firmware/store/layout.h"
#include "firmware/store/replacement.h"
#include "firmware/store/rows.h"

namespace bivouac::firmware {
namespace {

constexpr int pages_per_step = 64;

}  // namespace

bool Snapshot::begin(Database& source, const char* vfs) {
  abandon();
  const std::string unfinished = layout::snapshot_unfinished(options_.path);
  if (!files_.create_private(unfinished)) return false;
  // No journal: until it is published nobody counts on this file.
  const bool ready =
      target_.open(unfinished, vfs) == SQLITE_OK &&
      target_.execute("PRAGMA journal_mode=OFF; PRAGMA synchronous=FULL;") == SQLITE_OK;
  if (ready) copy_ = sqlite3_backup_init(target_.handle(), "main", source.handle(), "main");
  if (copy_ == nullptr) abandon();
  return copy_ != nullptr;
}

Snapshot::Step Snapshot::step() {
  if (copy_ != nullptr) return copy();
  if (reader_ != nullptr) return verify();
  return Step::abandoned;
}

Snapshot::Step Snapshot::copy() {
  const int code = sqlite3_backup_step(copy_, pages_per_step);
  if (code == SQLITE_OK) return Step::more;
  const int finished = sqlite3_backup_finish(copy_);  // an error of any step comes again here
  copy_ = nullptr;
  target_.close();
  if (code != SQLITE_DONE || finished != SQLITE_OK) {
    abandon();
    return Step::abandoned;
  }
  reader_ = std::make_unique<PageReader>(files_, layout::snapshot_unfinished(options_.path));
  verified_ = 0;
  return Step::more;
}

Snapshot::Step Snapshot::verify() {
  Page page;
  for (int i = 0; i < pages_per_step; ++i) {
    if (verified_ == reader_->page_count()) return publish();
    ++verified_;
    if (!reader_->read(verified_, page) || read_rows(*reader_, page, verified_).broken > 0) {
      abandon();
      return Step::abandoned;
    }
  }
  return Step::more;
}

Snapshot::Step Snapshot::publish() {
  reader_.reset();
  const std::string unfinished = layout::snapshot_unfinished(options_.path);
  const bool published = files_.rename(unfinished, layout::snapshot(options_.path)) &&
                         files_.sync_folder_of(options_.path);
  return published ? Step::published : Step::abandoned;
}

void Snapshot::abandon() {
  if (copy_ != nullptr) sqlite3_backup_finish(copy_);
  copy_ = nullptr;
  reader_.reset();
  target_.close();
  files_.remove(layout::snapshot_unfinished(options_.path));
}

}  // namespace bivouac::firmware
