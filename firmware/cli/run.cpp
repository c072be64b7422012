// SPDX-License-Identifier: Apache-2.0
// The composition root: settings, then store, then gateway, then runtime.

#include <cstdio>
#include <filesystem>

#include "core/driver/group_commit.h"
#include "core/node/gateway.h"
#include "firmware/cli/credentials.h"
#include "firmware/cli/verbs.h"
#include "firmware/config/settings.h"
#include "firmware/crypto/sealer.h"
#include "firmware/platform/clock_trust.h"
#include "firmware/platform/logger.h"
#include "firmware/platform/process.h"
#include "firmware/runtime/runtime.h"
#include "firmware/store/layout.h"
#include "firmware/store/store.h"

namespace bivouac::firmware::cli {
namespace {

ClockTrust::Mode clock_mode(ClockMode mode) {
  switch (mode) {
    case ClockMode::automatic: return ClockTrust::Mode::automatic;
    case ClockMode::trusted: return ClockTrust::Mode::trusted;
    case ClockMode::untrusted: return ClockTrust::Mode::untrusted;
  }
  return ClockTrust::Mode::untrusted;
}

log::Level log_level(LogLevel level) {
  switch (level) {
    case LogLevel::error: return log::Level::error;
    case LogLevel::warning: return log::Level::warning;
    case LogLevel::info: return log::Level::info;
    case LogLevel::debug: return log::Level::debug;
  }
  return log::Level::info;
}

std::expected<void, std::string> make_folder(const std::string& path,
                                             std::filesystem::perms permissions) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return {};
  std::filesystem::create_directories(path, error);
  if (!error) std::filesystem::permissions(path, permissions, error);
  if (!error) return {};
  return std::unexpected("cannot make the folder " + path + ": " + error.message());
}

std::expected<void, std::string> make_folders(const Settings& settings) {
  using std::filesystem::perms;
  const perms group_reads = perms::owner_all | perms::group_read | perms::group_exec;
  if (auto made = make_folder(settings.data_dir, perms::owner_all); !made) return made;
  return make_folder(settings.runtime_dir, group_reads);
}

/// Our own dates are judged at what is known for sure, not at a wall clock that may have jumped.
std::expected<Reloaded, std::string> load(const Settings& settings) {
  auto credentials = load_credentials(settings, build_floor);
  if (!credentials) return std::unexpected(to_string(credentials.error()));
  for (std::string& warning : (*credentials)->warnings(wall_now())) {
    log::warning("credentials", {{"what", std::move(warning)}});
  }
  return Reloaded{std::make_shared<const engine::Configuration>(settings.core),
                  std::move(*credentials)};
}

std::expected<Settings, std::string> read(const std::string& file) {
  SettingsResult result = read_settings(file);
  std::string text;
  for (const Problem& problem : result.problems) {
    if (!text.empty()) text += '\n';
    text += to_string(problem);
  }
  if (!result.ok) return std::unexpected(text);
  if (!text.empty()) log::warning("configuration", {{"what", text}});
  return std::move(result.settings);
}

/// SIGHUP: certificates, partners and policies are replaced; what a running gateway cannot change
/// without a restart is refused by name.
std::expected<Reloaded, std::string> reload(const Settings& running) {
  const auto settings = read(running.file);
  if (!settings) return std::unexpected(settings.error());
  if (settings->core.system_id != running.core.system_id) {
    return std::unexpected(running.file + ": another [system] id needs another store: restart");
  }
  if (settings->listen != running.listen || settings->data_dir != running.data_dir ||
      settings->runtime_dir != running.runtime_dir ||
      settings->sealing_key != running.sealing_key) {
    log::warning("reload", {{"what", "[listen] and [store] count from the next start on"}});
  }
  return load(*settings);
}

RuntimeOptions options_for(const Settings& settings, const Reloaded& loaded, const Store& store) {
  RuntimeOptions options;
  options.configuration = loaded.configuration;
  options.credentials = loaded.credentials;
  for (const ListenAddress& address : settings.listen) {
    options.listen.push_back({address.host, address.port});
  }
  options.operator_socket = operator_socket_path(settings);
  options.clock = clock_mode(settings.clock);
  options.reload = [settings] { return reload(settings); };
  options.store_losses = store.losses();
  return options;
}

/// What this process seals key material with; said when that is news.
std::expected<SealingKeyFile, std::string> sealing_key(const Settings& settings) {
  auto found = read_sealing_key(settings.sealing_key);
  if (found && !found->warning.empty()) {
    log::warning("sealing_key", {{"file", settings.sealing_key}, {"what", found->warning}});
  } else if (found && found->created) {
    log::info("sealing_key", {{"file", settings.sealing_key}, {"what", "it was made"}});
  }
  return found;
}

int serve(const Settings& settings, const Reloaded& loaded) {
  const std::string moved = layout::moved(store_path(settings));
  if (std::filesystem::exists(moved)) {
    return complain(settings.core.system_id + " was exported from here and lives on elsewhere: " +
                    moved + " says since when. Only if that export is lost: remove this file");
  }
  const auto key = sealing_key(settings);
  if (!key) return complain(key.error());
  GcmSealer sealer(key->key);
  StoreOptions store_options;
  store_options.sealer = &sealer;
  store_options.path = store_path(settings);
  store_options.reserve_bytes = settings.reserve_bytes;
  store::Table table;
  auto store = Store::open(store_options, table);
  if (!store) return complain(store.error());

  engine::Boot boot;
  if (!random_bytes(boot.entropy, sizeof boot.entropy)) {
    return complain("this box has no randomness to begin with: no gateway without it");
  }
  boot.store_salvaged = (*store)->salvaged();
  boot.build_wall_ms = std::max(build_floor, loaded.credentials->clock_floor()).ms;

  node::Gateway gateway(loaded.configuration);
  Runtime runtime(options_for(settings, loaded, **store));
  if (auto bound = runtime.bind(); !bound) return complain(bound.error());
  driver::GroupCommit commit(gateway, table, **store, runtime.outbox(), runtime.alarm());
  const int code = runtime.run(gateway, commit, **store, boot);
  if (const std::string failure = (*store)->failure(); !failure.empty()) complain(failure);
  return code;
}

}  // namespace

int run(const Command& command) {
  harden_process();
  log_failed_asserts();
  const auto settings = read(command.config);
  if (!settings) {
    std::fprintf(stderr, "%s\n", settings.error().c_str());
    return exit_bad;
  }
  log::set_level(log_level(settings->log_level));
  if (auto started = start_crypto(); !started) return complain(started.error());
  const auto loaded = load(*settings);
  if (!loaded) return complain(loaded.error());
  if (auto made = make_folders(*settings); !made) return complain(made.error());
  return serve(*settings, *loaded);
}

}  // namespace bivouac::firmware::cli
