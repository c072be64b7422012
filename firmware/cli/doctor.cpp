// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "core/wire/operator_message.h"
#include "firmware/cli/credentials.h"
#include "firmware/cli/probe.h"
#include "firmware/cli/verbs.h"
#include "firmware/cli/words.h"
#include "firmware/platform/clock_trust.h"

namespace bivouac::firmware::cli {
namespace {

namespace fb = wire::fb;

constexpr std::int64_t day_ms = 24LL * 60 * 60 * 1000;

/// Prints each finding as it is made, and remembers whether one was bad.
class Findings {
 public:
  void good(const std::string& text) { line("good ", text); }
  void note(const std::string& text) { line("note ", text); }
  void bad(const std::string& text) {
    line("BAD  ", text);
    ++bad_;
  }
  std::size_t bad_count() const { return bad_; }

 private:
  static void line(const char* verdict, const std::string& text) {
    print(verdict + text + '\n');
    std::fflush(stdout);
  }
  std::size_t bad_ = 0;
};

void examine_clock(const Settings& settings, Findings& findings) {
  const WallMs now = wall_now();
  ClockTrust trust(ClockTrust::Mode::automatic);
  trust.poll();
  const std::string text = "clock: " + wall_in_words(now.ms);
  if (now < build_floor) {
    findings.bad(text + ", before this program was made: set it, or start network time");
  } else if (trust.trusted() || settings.clock == ClockMode::trusted) {
    findings.good(text +
                  (trust.trusted() ? ", in step as the kernel says" : ", trusted as configured"));
  } else {
    findings.note(text +
                  ", not known to be in step: only configured partners are let in, and their "
                  "certificates are judged by the newest date that is known for sure");
  }
}

std::shared_ptr<const Credentials> examine_credentials(const Settings& settings,
                                                       Findings& findings) {
  const WallMs now = std::max(wall_now(), build_floor);
  auto credentials = load_credentials(settings, now);
  if (!credentials) {
    findings.bad("certificate: " + to_string(credentials.error()));
    // A certificate past its end can still show how far a connection gets.
    credentials = load_credentials(settings, build_floor);
    return credentials ? std::move(*credentials) : nullptr;
  }
  findings.good("certificate: " + (*credentials)->identity() + ", " +
                days_in_words(((*credentials)->expires().ms - now.ms) / day_ms) +
                "; key, authorities and revocation list fit");
  for (const std::string& warning : (*credentials)->warnings(now)) findings.note(warning);
  return std::move(*credentials);
}

/// The nearest folder that exists: where the daemon would make the missing ones.
std::string existing_parent(std::string path) {
  struct stat status{};
  while (path.size() > 1 && stat(path.c_str(), &status) != 0) {
    path.resize(
        std::max<std::size_t>(1, path.rfind('/') == std::string::npos ? 1 : path.rfind('/')));
  }
  return path;
}

void examine_store(const Settings& settings, Findings& findings) {
  const std::string folder = existing_parent(settings.data_dir);
  struct statvfs space{};
  if (statvfs(folder.c_str(), &space) == 0) {
    const std::uint64_t free = std::uint64_t{space.f_bavail} * space.f_frsize;
    const std::string text = "disk: " + bytes_in_words(free) + " free at " + folder;
    if (free < 4 * settings.reserve_bytes) {
      findings.bad(text + ": too little; the gateway refuses what grows");
    } else {
      findings.good(text);
    }
  }
  const std::string file = folder + "/.bivouac-doctor-" + std::to_string(getpid());
  const int descriptor = open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    findings.bad("store: cannot write in " + folder + " (" + std::strerror(errno) +
                 "): run this as the daemon's user, or give it the folder");
    return;
  }
  constexpr int writes = 8;
  const std::string block(4096, 'b');
  const MonoMs before = monotonic_now();
  bool good = true;
  for (int i = 0; i < writes && good; ++i) {
    good = write(descriptor, block.data(), block.size()) == static_cast<ssize_t>(block.size()) &&
           fdatasync(descriptor) == 0;
  }
  const int error = errno;
  const std::int64_t each_ms = (monotonic_now() - before).ms / writes;
  close(descriptor);
  unlink(file.c_str());
  const std::string text = "store: write and sync in " + folder;
  if (!good) {
    findings.bad(text + " failed: " + std::strerror(error));
  } else if (each_ms > 250) {
    findings.note(text + " takes " + std::to_string(each_ms) +
                  " ms: a slow card, answers wait for it");
  } else {
    findings.good(text + " takes " + std::to_string(each_ms) + " ms");
  }
}

/// MC systems whose link is up as the running daemon says. To dial these would cut their link,
/// since the newest session of a peer replaces the others.
std::vector<std::string> examine_daemon(const Settings& settings, Findings& findings) {
  std::vector<std::string> up;
  auto client = OperatorClient::connect(operator_socket_path(settings), DurationMs{5'000});
  if (!client) {
    findings.note("daemon: not running at " + operator_socket_path(settings));
    return up;
  }
  const auto answer = client->ask(wire::build_status_request(), fb::OperatorBody::StatusAnswer);
  if (!answer) {
    findings.bad("daemon: " + answer.error());
    return up;
  }
  findings.good("daemon: answers at " + operator_socket_path(settings));
  const auto* links = answer->message().body_as_StatusAnswer()->links();
  if (links == nullptr) return up;
  for (const fb::LinkStatus* link : *links) {
    if (link->system_id() == nullptr) continue;
    const std::string system_id = link->system_id()->str();
    if (link->up()) up.push_back(system_id);
    if (link->via() == nullptr || link->up()) continue;
    findings.bad(system_id + ": is not reached via " + link->via()->str() + ": " +
                 std::string(bivouac::name(static_cast<Cause>(link->down_cause()))));
  }
  return up;
}

void examine_partner(const engine::Partner& partner, const engine::Configuration& core,
                     const std::shared_ptr<const Credentials>& credentials, Findings& findings) {
  if (!partner.via.empty()) {
    findings.note(partner.system_id + ": is reached via " + partner.via +
                  "; whether it is there, only the running daemon can tell");
    return;
  }
  if (partner.addresses.empty()) {
    findings.note(partner.system_id + ": has no address here, it dials us");
  }
  for (const std::string& address : partner.addresses) {
    PeerPolicy policy;
    policy.judged_at = std::max({wall_now(), build_floor, credentials->clock_floor()});
    policy.expected = partner.system_id;
    policy.is_pinned = [&core](const std::string& id) { return core.neighbour(id) != nullptr; };
    for (const ProbeStep& step : probe(address, credentials, std::move(policy))) {
      const std::string text = partner.system_id + " at " + address + ": " + step.text;
      step.good ? findings.good(text) : findings.bad(text);
    }
  }
}

}  // namespace

int doctor(const Command& command) {
  Findings findings;
  SettingsResult result = read_settings(command.config);
  for (const Problem& problem : result.problems) {
    const std::string text = "configuration: " + to_string(problem);
    problem.severity == Problem::Severity::error ? findings.bad(text) : findings.note(text);
  }
  if (!result.ok) return complain("the rest needs a good configuration");
  const Settings& settings = result.settings;
  findings.good("configuration: " + command.config);
  if (const auto started = start_crypto(); !started) findings.bad(started.error());
  examine_clock(settings, findings);
  const auto credentials = examine_credentials(settings, findings);
  examine_store(settings, findings);
  const std::vector<std::string> up = examine_daemon(settings, findings);
  for (const engine::Partner& partner : settings.core.partners) {
    if (std::ranges::find(up, partner.system_id) != up.end()) {
      findings.good(partner.system_id + (partner.via.empty()
                                             ? ": its link is up"
                                             : ": is up, reached via " + partner.via));
    } else if (credentials != nullptr) {
      examine_partner(partner, settings.core, credentials, findings);
    }
  }
  if (findings.bad_count() == 0) return exit_good;
  return complain(std::to_string(findings.bad_count()) + " of these must be mended");
}

}  // namespace bivouac::firmware::cli
