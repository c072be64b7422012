// SPDX-License-Identifier: Apache-2.0
// bivouac export: identity and store of a gateway that does not run, for a spare board. A move, not
// a copy: two gateways with one identity would give the same numbers to different things. So the
// store that is left behind is marked, and `bivouac run` does not run it.
#include <algorithm>

#include "firmware/cli/export_folder.h"
#include "firmware/cli/verbs.h"
#include "firmware/cli/words.h"
#include "firmware/config/settings.h"
#include "firmware/platform/clock_trust.h"
#include "firmware/store/files.h"
#include "firmware/store/layout.h"

namespace bivouac::firmware::cli {
namespace {

namespace fs = std::filesystem;

class Exporter {
 public:
  Exporter(const Settings& settings, const fs::path& target)
      : settings_(settings),
        target_((target / "").parent_path()),  // without a slash at its end
        part_(target_.string() + ".part") {}

  Done run() {
    const std::string store = store_path(settings_);
    std::error_code none;
    if (fs::exists(target_, none)) {
      return std::unexpected(target_.string() + " exists already: name a folder that is new");
    }
    if (!fs::exists(store, none)) {
      return std::unexpected("there is nothing to export: " + store + " is missing");
    }
    if (fs::exists(layout::moved(store), none) && !fs::exists(part_, none)) {
      return std::unexpected("it was exported already, as " + layout::moved(store) +
                             " says: what is here is of the past");
    }
    if (!posix_files().lock(layout::lock(store))) {
      return std::unexpected("the gateway runs, or " + layout::lock(store) +
                             " cannot be had: stop it first");
    }
    Done done = copy_and_mark(store);
    posix_files().unlock(layout::lock(store));
    return done;
  }

 private:
  Done copy_and_mark(const std::string& store) {
    std::error_code error;
    fs::remove_all(part_, error);  // of an export that was cut off
    if (Done copied = copy_configuration(); !copied) return copied;
    if (Done copied = copy_store(store); !copied) return copied;
    if (Done synced = sync_folders(); !synced) return synced;
    // From here on it is the export that counts.
    const bool was_moved = fs::exists(layout::moved(store), error);
    Done done = write_durably(layout::moved(store), wall_in_words(wall_now().ms) + "\n");
    if (done) done = sync_folder(fs::path(store).parent_path());
    if (done) done = write_durably(part_ / export_description, to_text(description_));
    if (done) done = sync_folder(part_);
    if (done) done = rename_durably(part_, target_);
    const bool counts = was_moved || fs::exists(target_, error);
    if (!done && !counts) posix_files().remove(layout::moved(store));
    return done;
  }

  Done copy_configuration() {
    description_.system_id = settings_.core.system_id;
    if (Done copied = copy(settings_.file, export_configuration); !copied) return copied;
    description_.files.clear();  // it may be changed for the other board
    const fs::path folder = fs::absolute(settings_.file).lexically_normal().parent_path();
    const TlsFiles& tls = settings_.tls;
    for (const std::string& file : {tls.certificate, tls.key, tls.ca, tls.crl}) {
      if (file.empty()) continue;
      const fs::path inside = fs::absolute(file).lexically_normal().lexically_relative(folder);
      if (inside.empty() || *inside.begin() == "..") {
        return std::unexpected(settings_.file + " names " + file +
                               ": a configuration that moves has its files beside it, by paths "
                               "relative to it");
      }
      if (is_there(inside.string())) continue;
      if (Done copied = copy(file, inside); !copied) return copied;
    }
    return {};
  }

  Done copy_store(const std::string& store) {
    const fs::path folder = export_store;
    std::error_code none;
    for (const std::string& file : layout::contents(store)) {
      if (!fs::exists(file, none)) continue;
      if (Done copied = copy(file, folder / fs::path(file).filename()); !copied) return copied;
    }
    if (!fs::exists(settings_.sealing_key, none)) return {};
    return copy(settings_.sealing_key, folder / sealing_key_file);
  }

  Done copy(const fs::path& from, const fs::path& to) {
    std::error_code error;
    const fs::path folder = (part_ / to).parent_path();
    fs::create_directories(folder, error);
    if (error) return std::unexpected("cannot make " + folder.string() + ": " + error.message());
    const auto facts = copy_durably(from, part_ / to);
    if (!facts) return std::unexpected(facts.error());
    description_.files.push_back({to.generic_string(), *facts});
    return {};
  }

  Done sync_folders() const {
    std::error_code error;
    for (const auto& entry : fs::recursive_directory_iterator(part_, error)) {
      if (!entry.is_directory(error)) continue;
      if (Done synced = sync_folder(entry.path()); !synced) return synced;
    }
    if (error) return std::unexpected("cannot read " + part_.string() + ": " + error.message());
    return sync_folder(part_);
  }

  bool is_there(const std::string& path) const {
    return std::ranges::any_of(description_.files,
                               [&](const ExportedFile& file) { return file.path == path; });
  }

  const Settings& settings_;
  fs::path target_;
  fs::path part_;
  ExportDescription description_;
};

}  // namespace

int export_gateway(const Command& command) {
  const SettingsResult result = read_settings(command.config);
  if (!result.ok) return complain_of(result.problems);
  if (Done done = Exporter(result.settings, command.directory).run(); !done) {
    return complain(done.error());
  }
  print(result.settings.core.system_id + " is in " + command.directory +
        " now, and does not run here any more. On the spare board: `bivouac restore " +
        command.directory + "`; it holds private keys: remove it then.\n");
  return exit_good;
}

}  // namespace bivouac::firmware::cli
