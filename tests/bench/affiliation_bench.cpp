// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/affiliation_bench.h"

#include <array>
#include <format>
#include <utility>

namespace bivouac::bench {
namespace {

constexpr std::size_t clients = 64;
constexpr std::size_t groups = 32;

struct NamedShape {
  const char* name;
  Shape shape;
};
constexpr std::array shapes{
    NamedShape{"1x1", {1, 1}},
    NamedShape{"64x1", {64, 1}},
    NamedShape{"64x16", {64, 16}},
    NamedShape{"64x64", {64, 64}},
};

constexpr std::size_t gateway_at = 0, durable_at = 1, echo_at = 2;
constexpr std::array server_names{"gateway", "bare_durable", "bare_echo"};
constexpr std::array server_labels{"bivouac", "bare append + fdatasync", "bare echo"};

/// Windows of one server in one shape, a round each.
using Rounds = std::vector<Window>;

template <class Value>
double median_of(const Rounds& rounds, Value value) {
  std::vector<double> values;
  for (const Window& window : rounds) values.push_back(value(window));
  return median(std::move(values));
}

/// Of two servers in the same round each; then the median.
template <class Value>
double ratio_of(const Rounds& rounds, const Rounds& ceiling, Value value) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < rounds.size(); ++i)
    ratios.push_back(value(rounds[i]) / value(ceiling[i]));
  return median(std::move(ratios));
}

double cpu_rate(const Window& window) { return window.per_cpu_s(); }
double p50(const Window& window) { return window.p50_us; }

struct Sizes {
  Bytes request;
  std::size_t answer_bytes = 0;
};

/// Asks once for each group, so that every policy is where it is needed; and learns the sizes.
Sizes warm_up(Load& load) {
  Sizes sizes;
  auto& client = static_cast<ClientPeer&>(*load.lane(0).peer);
  for (std::size_t request = 0; request < 2 * groups; ++request) {
    sizes.request.clear();
    client.ask(sizes.request);
    load.lane(0).connection->send(sizes.request);
    if (!load.collect(1, 20'000)) give_up("an affiliation stays without an answer");
  }
  sizes.answer_bytes = client.answer_bytes();
  return sizes;
}

void connect_bare(Load& load, const Place& place, int port, const Sizes& sizes) {
  for (std::size_t i = 0; i < clients; ++i) {
    load.add(TlsConnection::open(port, place.user(i % place.users())),
             std::make_unique<BarePeer>(sizes.request, sizes.answer_bytes, false));
  }
}

void tell_shape(Report& report, const std::string& shape, const std::array<Rounds, 3>& rounds) {
  for (const std::size_t at : {gateway_at, durable_at, echo_at}) {
    const Rounds& its = rounds[at];
    const double rate = median_of(its, [](const Window& window) { return window.per_s(); });
    const double per_cpu = median_of(its, cpu_rate);
    const double p99 = median_of(its, [](const Window& window) { return window.p99_us; });
    report.row({shape + " " + server_labels[at], in_thousands(rate), in_thousands(per_cpu),
                in_us(median_of(its, p50)), in_us(p99)});
    const std::string id = "affiliation." + shape + "." + server_names[at];
    report.figure(id + ".per_s", rate);
    report.figure(id + ".per_cpu_s", per_cpu);
    report.figure(id + ".p50_us", median_of(its, p50));
    report.figure(id + ".p99_us", p99);
  }
  const bool is_64x1 = shape == "64x1", is_64x16 = shape == "64x16";
  const std::string label = "affiliation " + shape + ", of ";
  report.ratio("affiliation." + shape + ".of_echo", label + "bare echo",
               ratio_of(rounds[gateway_at], rounds[echo_at], cpu_rate), {is_64x1 ? 0.60 : 0});
  report.ratio("affiliation." + shape + ".of_durable", label + "bare durable append",
               ratio_of(rounds[gateway_at], rounds[durable_at], cpu_rate), {is_64x16 ? 0.50 : 0});
  if (shape != "1x1") return;
  report.ratio("affiliation.1x1.p50_of_durable", "p50 1x1, of bare durable append",
               ratio_of(rounds[gateway_at], rounds[durable_at], p50), {1.3, false});
}

/// What the gateway's store has done in the windows of one shape.
struct Stored {
  double commits = 0;
  double bytes = 0;  // written by the store
  double disk = 0;   // that the process had written, as the kernel counts
  double answers = 0;
};

Stored stored_so_far(const Gateway& gateway) {
  return {gateway.status("commits"), gateway.status("commit_bytes"),
          static_cast<double>(disk_bytes_of(gateway.pid())), 0};
}

void tell_stored(Report& report, const std::string& shape, const Stored& stored) {
  report.row({shape, fixed(stored.answers / stored.commits, 1),
              fixed(stored.bytes / stored.commits, 0), fixed(stored.bytes / stored.answers, 0),
              fixed(stored.disk / stored.answers, 0)});
  const std::string id = "affiliation." + shape + ".gateway.";
  report.figure(id + "requests_per_commit", stored.answers / stored.commits);
  report.figure(id + "store_bytes_per_commit", stored.bytes / stored.commits);
  report.figure(id + "store_bytes_per_request", stored.bytes / stored.answers);
  report.figure(id + "disk_bytes_per_request", stored.disk / stored.answers);
}

}  // namespace

void bench_affiliation(const Place& place, const Settings& settings, Report& report) {
  Gateway gateway(place, "affiliation");
  gateway.wait_until_up();
  gateway.import_groups(0, groups);
  gateway.import_users(place.users(), groups);
  Load clients_load(gateway.pid());
  for (std::size_t i = 0; i < clients; ++i)
    add_client(clients_load, place, gateway, i % place.users(),
               {{}, {}, "c" + std::to_string(i / place.users()), group_ids(0, groups)});
  const Sizes sizes = warm_up(clients_load);

  const int durable_port = free_port();
  const auto durable =
      place.start_bare("durable", durable_port, sizes.request.size(), sizes.answer_bytes);
  Load durable_load(durable->pid());
  connect_bare(durable_load, place, durable_port, sizes);
  const int echo_port = free_port();
  const auto echo = place.start_bare("echo", echo_port, sizes.request.size(), sizes.answer_bytes);
  Load echo_load(echo->pid());
  connect_bare(echo_load, place, echo_port, sizes);
  const std::array<Load*, 3> loads{&clients_load, &durable_load, &echo_load};

  report.section("Durable affiliations and de-affiliations (connections x outstanding)");
  report.row({"", "requests/s", "per CPU-s", "p50", "p99"});
  std::array<Stored, shapes.size()> stored;
  double wire_bytes = 0;
  for (std::size_t s = 0; s < shapes.size(); ++s) {
    std::array<Rounds, 3> rounds;
    for (std::size_t round = 0; round < settings.rounds; ++round) {
      for (const std::size_t at : {echo_at, gateway_at, durable_at}) {
        clients_load.keep_alive();
        const Stored before = at == gateway_at ? stored_so_far(gateway) : Stored{};
        const Window window = loads[at]->run(shapes[s].shape, settings.seconds);
        rounds[at].push_back(window);
        if (at != gateway_at) continue;
        const Stored after = stored_so_far(gateway);
        stored[s].commits += after.commits - before.commits;
        stored[s].bytes += after.bytes - before.bytes;
        stored[s].disk += after.disk - before.disk;
        stored[s].answers += window.all_answers;
        if (s == 0) wire_bytes = window.wire_bytes / window.answers;
      }
    }
    tell_shape(report, shapes[s].name, rounds);
  }
  report.note(std::format("a request of {} bytes, an answer of {}; {} groups of {} members",
                          sizes.request.size(), sizes.answer_bytes, groups, members_of_a_group));
  const double sync = sync_latency_us(place.file("."));
  report.note("append of 4 KiB + fdatasync in the file system of the store, alone: median " +
              in_us(sync));
  report.figure("sync_us", sync);

  report.section("Bytes of an affiliation");
  report.row(
      {"", "requests/commit", "store bytes/commit", "store bytes/request", "disk bytes/request"});
  for (std::size_t s = 0; s < shapes.size(); ++s) tell_stored(report, shapes[s].name, stored[s]);
  report.note(
      std::format("on the wire, request and answer, TLS included: {:.0f} bytes", wire_bytes));
  report.figure("affiliation.wire_bytes", wire_bytes);
}

}  // namespace bivouac::bench
