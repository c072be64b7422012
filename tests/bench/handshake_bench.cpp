// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/handshake_bench.h"

#include <csignal>
#include <format>

#include <sys/wait.h>
#include <unistd.h>

namespace bivouac::bench {
namespace {

constexpr double handshakes_per_s = 40;  // below what is admitted: nobody is turned away
constexpr std::size_t clients = 16;
constexpr std::size_t groups = 4;
constexpr double requests_per_s = 400;
constexpr std::size_t strangers = 16;  // as many as may wait from one address

/// Opens and closes, one after another.
Window shake_hands(const Place& place, pid_t server, int port, double seconds) {
  Window window;
  const std::int64_t interval = static_cast<std::int64_t>(1e9 / handshakes_per_s);
  const std::int64_t start = now_ns();
  const std::int64_t cpu = cpu_ns(server);
  std::int64_t next = start;
  for (std::size_t i = 0; now_ns() < start + static_cast<std::int64_t>(seconds * 1e9); ++i) {
    TlsConnection::open(port, place.user(i % place.users()));
    window.answers += 1;
    next += interval;
    const std::int64_t left = next - now_ns();
    if (left > 0) usleep(static_cast<useconds_t>(left / 1000));
  }
  window.seconds = static_cast<double>(now_ns() - start) / 1e9;
  window.cpu_s = static_cast<double>(cpu_ns(server) - cpu) / 1e9;
  return window;
}

/// Processes that do nothing but connect, while it lives. They leave the core to the load that is
/// measured whenever that wants it.
class Storm {
 public:
  Storm(const Place& place, int port) {
    for (std::size_t i = 0; i < strangers; ++i) {
      const pid_t pid = fork();
      if (pid < 0) give_up("cannot fork");
      if (pid == 0) connect_for_ever(place, port, i);
      pids_.push_back(pid);
    }
  }
  ~Storm() {
    for (const pid_t pid : pids_) kill(pid, SIGKILL);
    for (const pid_t pid : pids_) waitpid(pid, nullptr, 0);
  }
  Storm(const Storm&) = delete;
  Storm& operator=(const Storm&) = delete;

 private:
  [[noreturn]] static void connect_for_ever(const Place& place, int port, std::size_t user) {
    if (nice(19) < 0) _exit(1);
    for (const pid_t parent = getppid(); getppid() == parent;) {
      TlsConnection::try_open(port, place.user(user % place.users()));
      usleep(2'000);
    }
    _exit(0);
  }
  std::vector<pid_t> pids_;
};

struct Calm {
  std::vector<double> calm_us, storm_us, ratios;  // p99, a round each
};

void weather(Calm& calm, Load& load, const Place& place, int port, double seconds) {
  calm.calm_us.push_back(load.run_at(requests_per_s, seconds).p99_us);
  const Storm storm(place, port);
  usleep(500'000);
  calm.storm_us.push_back(load.run_at(requests_per_s, seconds).p99_us);
  calm.ratios.push_back(calm.storm_us.back() / calm.calm_us.back());
}

void tell_storm(Report& report, const std::string& name, const std::string& id, const Calm& calm) {
  report.row({name, in_us(median(calm.calm_us)), in_us(median(calm.storm_us))});
  report.figure(id + ".calm_p99_us", median(calm.calm_us));
  report.figure(id + ".storm_p99_us", median(calm.storm_us));
}

}  // namespace

void bench_handshake(const Place& place, const Settings& settings, Report& report) {
  Gateway gateway(place, "handshake");
  gateway.wait_until_up();
  gateway.import_groups(0, groups);
  gateway.import_users(clients, groups);
  const int port = free_port();
  const auto bare = place.start_bare("echo", port, 200, 200);

  std::vector<double> of_gateway, of_bare, ratios;
  for (std::size_t round = 0; round < settings.rounds; ++round) {
    of_bare.push_back(shake_hands(place, bare->pid(), port, settings.seconds).per_cpu_s());
    of_gateway.push_back(
        shake_hands(place, gateway.pid(), gateway.port(), settings.seconds).per_cpu_s());
    ratios.push_back(of_gateway.back() / of_bare.back());
  }
  report.section("Full handshakes, mutual, TLS 1.3");
  report.row({"", "per CPU-s"});
  report.row({"bivouac", fixed(median(of_gateway), 0)});
  report.row({"bare", fixed(median(of_bare), 0)});
  report.figure("handshake.gateway.per_cpu_s", median(of_gateway));
  report.figure("handshake.bare.per_cpu_s", median(of_bare));
  report.ratio("handshake.of_bare", "full handshakes, of bare", median(ratios), {0.9});

  Load bare_load(bare->pid());
  Load load(gateway.pid());
  const Bytes request(200, 'a');
  for (std::size_t i = 0; i < clients; ++i) {
    add_client(load, place, gateway, i, {{}, {}, "c", group_ids(0, groups)});
    bare_load.add(TlsConnection::open(port, place.user(i)),
                  std::make_unique<BarePeer>(request, 200, false));
  }
  load.run_at(requests_per_s, 0.5);  // every policy is where it is needed
  Calm of_clients, of_echo;
  double admitted = 0;
  for (std::size_t round = 0; round < settings.rounds; ++round) {
    weather(of_echo, bare_load, place, port, settings.seconds);
    load.keep_alive();
    const double before = gateway.status("handshakes");
    const std::int64_t start = now_ns();
    weather(of_clients, load, place, gateway.port(), settings.seconds);
    const double seconds = static_cast<double>(now_ns() - start) / 1e9;
    // Half of that time was calm.
    admitted += (gateway.status("handshakes") - before) / (seconds / 2);
  }
  admitted /= static_cast<double>(settings.rounds);
  report.section(std::format("p99 of {} connected clients, {:.0f} requests/s together", clients,
                             requests_per_s));
  report.row({"", "calm", "storm of handshakes"});
  tell_storm(report, "bivouac, durable affiliations", "storm.gateway", of_clients);
  tell_storm(report, "bare echo, handshakes in the loop", "storm.bare", of_echo);
  report.note(std::format("the gateway admitted {:.0f} handshakes/s in the storm", admitted));
  report.figure("storm.gateway.admitted_per_s", admitted);
  report.ratio("storm.p99", "p99 of clients in a storm, of calm", median(of_clients.ratios),
               {2, false});
}

}  // namespace bivouac::bench
