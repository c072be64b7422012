// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/memory_bench.h"

#include <algorithm>
#include <format>

#include <unistd.h>

#include "core/base/limits.h"

namespace bivouac::bench {
namespace {

constexpr std::size_t clients = 100;
constexpr std::size_t groups = 100;
constexpr double kib = 1024, mib = 1024 * 1024;

double pss(pid_t pid) {
  usleep(300'000);  // what was freed is given back, what was sent has left
  return static_cast<double>(memory_of(pid).pss_bytes);
}

/// The client's affiliation to every group, in as few messages as can be.
void affiliate(Load& load, std::size_t lane) {
  auto& client = static_cast<ClientPeer&>(*load.lane(lane).peer);
  for (std::size_t at = 0; at < groups; at += limits::affiliation_groups_max) {
    const std::size_t count = std::min(limits::affiliation_groups_max, groups - at);
    load.lane(lane).connection->send(client.affiliate_to(group_ids(at, count)));
    if (!load.collect(1, 20'000)) give_up("an affiliation stays without an answer");
  }
}

double bare_connection(const Place& place) {
  const int port = free_port();
  const auto bare = place.start_bare("echo", port, 200, 200);
  Load load(bare->pid());
  const Bytes request(200, 'a');
  const auto connect = [&](std::size_t user) {
    Lane& lane = load.add(TlsConnection::open(port, place.user(user % place.users())),
                          std::make_unique<BarePeer>(request, 200, false));
    lane.connection->send(request);
    if (!load.collect(1, 20'000)) give_up("the bare server does not answer");
  };
  connect(0);
  const double before = pss(bare->pid());
  for (std::size_t i = 0; i < clients; ++i) connect(i);
  return (pss(bare->pid()) - before) / clients;
}

}  // namespace

void bench_memory(const Place& place, const Settings& /*settings*/, Report& report) {
  const double bare = bare_connection(place);
  Gateway gateway(place, "memory");
  gateway.wait_until_up();
  const double empty = pss(gateway.pid());
  gateway.import_users(place.users(), groups);
  Load load(gateway.pid());
  add_client(load, place, gateway, 0, {{}, {}, "first", {}});  // what the first one costs
  const double before_connections = pss(gateway.pid());
  for (std::size_t i = 0; i < clients; ++i)
    connect_client(load, place, gateway, i % place.users(), {{}, {}, "c" + std::to_string(i), {}});
  const double before_log_ons = pss(gateway.pid());
  for (std::size_t i = 1; i <= clients; ++i) log_on(load, i);
  load.keep_alive();
  const double before_groups = pss(gateway.pid());
  gateway.import_groups(0, groups);
  load.keep_alive();
  affiliate(load, 1);  // now the MC service server has asked for every policy
  const double before_affiliations = pss(gateway.pid());
  for (std::size_t i = 2; i <= clients; ++i) {
    affiliate(load, i);
    if (i % 10 == 0) load.keep_alive();
  }
  const double after = pss(gateway.pid());

  const double connection = (before_log_ons - before_connections) / clients;
  const double client = (before_groups - before_log_ons) / clients;
  const double group = (before_affiliations - before_groups) / groups;
  const double affiliation = (after - before_affiliations) / ((clients - 1) * groups);
  const double affiliations = gateway.status("records");
  report.section("Resident memory of the gateway");
  report.row({"", "memory"});
  report.row({"empty", std::format("{:.1f} MiB", empty / mib)});
  report.row({"per connection", std::format("{:.1f} KiB", connection / kib)});
  report.row({"  of the bare server", std::format("{:.1f} KiB", bare / kib)});
  report.row({"per client that is logged on, beside its connection",
              std::format("{:.1f} KiB", client / kib)});
  report.row({"per group of 100 members, in both servers", std::format("{:.1f} KiB", group / kib)});
  report.row({"per affiliation", std::format("{:.0f} B", affiliation)});
  report.row(
      {"100 clients, 100 groups, 10,000 affiliations", std::format("{:.1f} MiB", after / mib)});
  report.row(
      {"  the same without the groups", std::format("{:.1f} MiB", (after - group * groups) / mib)});
  report.note(std::format("{:.0f} records are stored", affiliations));
  report.figure("memory.empty_bytes", empty);
  report.figure("memory.connection_bytes", connection);
  report.figure("memory.bare_connection_bytes", bare);
  report.figure("memory.client_bytes", client);
  report.figure("memory.group_bytes", group);
  report.figure("memory.affiliation_bytes", affiliation);
  report.figure("memory.all_bytes", after);
  report.ratio("memory.connection_of_bare", "memory of a connection, of bare", connection / bare);
  report.ratio("memory.connection", "memory of a connection, of 45 KiB", connection / (45 * kib),
               {1, false});
  report.ratio("memory.affiliation", "memory of an affiliation, of 200 B", affiliation / 200,
               {1, false});
  report.ratio("memory.all", "100 clients, 10,000 affiliations, of 12 MiB",
               (after - group * groups) / (12 * mib), {1, false});
}

}  // namespace bivouac::bench
