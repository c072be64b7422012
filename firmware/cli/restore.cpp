// SPDX-License-Identifier: Apache-2.0
// bivouac restore: takes the store of an export to where its configuration wants it. All checks
// come before the first change; cut off at any moment, it can be done again.
#include "firmware/cli/export_folder.h"
#include "firmware/cli/verbs.h"
#include "firmware/config/file.h"
#include "firmware/config/settings.h"
#include "firmware/store/files.h"
#include "firmware/store/layout.h"

namespace bivouac::firmware::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t description_bytes_max = 64 * 1024;

class Restorer {
 public:
  Restorer(fs::path folder, const Settings& settings)
      : folder_(std::move(folder)), settings_(settings), store_(store_path(settings)) {}

  Done run() {
    if (Done checked = check(); !checked) return checked;
    std::error_code error;
    const fs::path data = settings_.data_dir;
    fs::create_directories(data, error);
    if (!error) fs::permissions(data, fs::perms::owner_all, error);
    if (error) return std::unexpected("cannot make " + data.string() + ": " + error.message());
    if (!posix_files().lock(layout::lock(store_))) {
      return std::unexpected("the gateway runs, or " + layout::lock(store_) +
                             " cannot be had: stop it first");
    }
    Done done = take_place();
    posix_files().unlock(layout::lock(store_));
    return done;
  }

 private:
  Done check() {
    const fs::path file = folder_ / export_description;
    const auto text = read_text_file(file.string(), description_bytes_max);
    if (!text) return std::unexpected(file.string() + ": " + text.error());
    auto description = parse_export_description(*text);
    if (!description) return std::unexpected(file.string() + ": " + description.error());
    description_ = std::move(*description);
    if (description_.system_id != settings_.core.system_id) {
      return std::unexpected("the export is of " + description_.system_id + ", and " +
                             settings_.file + " is of " + settings_.core.system_id);
    }
    for (const ExportedFile& expected : description_.files) {
      const fs::path path = folder_ / expected.path;
      const auto found = facts_of(path);
      if (!found) return std::unexpected(found.error());
      if (*found != expected.facts) {
        return std::unexpected(path.string() +
                               " is not what was exported: it was damaged on its "
                               "way, or changed");
      }
    }
    return {};
  }

  Done take_place() {
    std::error_code none;
    if (!fs::exists(layout::moved(store_), none)) {
      if (is_taken_in()) return {};
      // A key without a store may be ours, of a run that was cut off; a store cannot be.
      for (const std::string& own : {store_, settings_.sealing_key}) {
        if (!fs::exists(own, none) || (own != store_ && is_what_was_exported(own))) continue;
        return std::unexpected("this board has a gateway of its own: " + own +
                               ". A spare board has none");
      }
    }
    // A gateway that moved away from here may come back: what it left is of the past.
    for (const std::string& file : layout::contents(store_)) posix_files().remove(file);
    for (const auto& [from, to] : ways()) {
      if (Done placed = place(folder_ / from, to); !placed) return placed;
    }
    posix_files().remove(layout::moved(store_));
    return sync_folder(settings_.data_dir);
  }

  /// What goes where; the database last, whose presence says that all is there.
  std::vector<std::pair<fs::path, fs::path>> ways() const {
    std::vector<std::pair<fs::path, fs::path>> ways;
    for (const ExportedFile& file : description_.files) {
      const fs::path path = file.path;
      if (path.parent_path() != export_store) continue;
      const bool is_key = path.filename() == sealing_key_file;
      const bool is_database = path.filename() == store_file;
      const fs::path to =
          is_key ? fs::path(settings_.sealing_key) : settings_.data_dir / path.filename();
      ways.insert(is_database ? ways.end() : ways.begin(), {path, to});
    }
    return ways;
  }

  static Done place(const fs::path& from, const fs::path& to) {
    const std::string part = to.string() + ".restored";
    posix_files().remove(part);
    if (const auto copied = copy_durably(from, part); !copied) {
      posix_files().remove(part);
      return std::unexpected(copied.error());
    }
    return rename_durably(part, to);
  }

  bool is_what_was_exported(const fs::path& own) const {
    for (const auto& [from, to] : ways()) {
      if (to != own) continue;
      const auto found = facts_of(own);
      return found && *found == facts_of(folder_ / from);
    }
    return false;
  }

  /// As it came, by a run before that was cut off; a gateway that has run since has more.
  bool is_taken_in() const {
    std::error_code none;
    std::size_t there = 0;
    for (const std::string& file : layout::contents(store_)) there += fs::exists(file, none);
    std::size_t expected = 0;
    for (const auto& [from, to] : ways()) {
      if (to.filename() != sealing_key_file) ++expected;
      if (!is_what_was_exported(to)) return false;
    }
    return there == expected;
  }

  fs::path folder_;
  const Settings& settings_;
  std::string store_;
  ExportDescription description_;
};

}  // namespace

int restore_gateway(const Command& command) {
  const fs::path folder = command.directory;
  const SettingsResult result = read_settings((folder / export_configuration).string());
  if (!result.ok) return complain_of(result.problems);
  if (Done done = Restorer(folder, result.settings).run(); !done) return complain(done.error());
  print(result.settings.core.system_id + ": its store is in " + result.settings.data_dir +
        ". `bivouac run --config " + result.settings.file + "` runs it; remove " +
        (folder / export_store).string() + ", which holds its keys.\n");
  return exit_good;
}

}  // namespace bivouac::firmware::cli
