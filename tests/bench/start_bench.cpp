// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/start_bench.h"

#include <format>
#include <utility>

#include "core/base/limits.h"

namespace bivouac::bench {
namespace {

constexpr std::size_t groups = 128;
constexpr std::size_t messages = groups / limits::affiliation_groups_max;
constexpr std::size_t clients_of_each = 8;
constexpr std::size_t measured_users = 4;  // of whom nothing is stored while others are
constexpr std::size_t starts = 5;
static_assert(groups % limits::affiliation_groups_max == 0);

double ms_since(std::int64_t start) { return static_cast<double>(now_ns() - start) / 1e6; }

/// A client logs on: the whole way through the gateway, and a profile read from its store.
double start_gateway(const Place& place, Gateway& gateway) {
  gateway.stop();
  const std::int64_t start = now_ns();
  gateway.start();
  Load load(gateway.pid());
  add_client(load, place, gateway, 0, {{}, {}, "first", {}});
  return ms_since(start);
}

double start_bare(const Place& place) {
  const int port = free_port();
  const std::int64_t start = now_ns();
  const auto bare = place.start_bare("echo", port, 200, 200);
  Load load(bare->pid());
  const Bytes request(200, 'a');
  Lane& lane = load.add(TlsConnection::open(port, place.user(0)),
                        std::make_unique<BarePeer>(request, 200, false));
  lane.connection->send(request);
  if (!load.collect(1, 20'000)) give_up("the bare server does not answer");
  return ms_since(start);
}

/// What a request costs the gateway while ever more of other users is stored.
class Growth {
 public:
  Growth(const Place& place, const Gateway& gateway, const Settings& settings)
      : settings_(settings), load_(gateway.pid()) {
    for (std::size_t user = 0; user < measured_users; ++user)
      add_client(load_, place, gateway, user, {{}, {}, "measured", group_ids(0, groups)});
    load_.run(shape, 0.5);  // every policy is where it is needed
  }
  void measure(std::size_t stored) {
    std::vector<double> rates;
    for (std::size_t round = 0; round < settings_.rounds; ++round)
      rates.push_back(load_.run(shape, settings_.seconds / 2).per_cpu_s());
    points_.push_back({stored, median(rates)});
  }
  void keep_alive() { load_.keep_alive(); }

  void tell(Report& report) const {
    report.section("What a request costs while others' affiliations are stored");
    report.row({"stored", "requests per CPU-s"});
    for (const auto& [stored, rate] : points_) {
      report.row({std::to_string(stored), in_thousands(rate)});
      report.figure(std::format("growth.{}.per_cpu_s", stored), rate);
    }
    report.ratio("growth", std::format("cost of a request with {} stored", points_.back().first),
                 points_.front().second / points_.back().second, {1.2, false});
  }

 private:
  static constexpr Shape shape{measured_users, 16};
  const Settings& settings_;
  Load load_;
  std::vector<std::pair<std::size_t, double>> points_;
};

/// One client of each user after another, until there is hardly a place left.
void fill(const Place& place, const Gateway& gateway, Growth& growth) {
  const std::size_t of_a_turn = groups * (place.users() - measured_users);
  for (std::size_t turn = 0; turn < clients_of_each; ++turn) {
    if (turn < 2) growth.measure(turn * of_a_turn);
    Load load(gateway.pid());
    for (std::size_t user = measured_users; user < place.users(); ++user) {
      ClientPeer& client =
          add_client(load, place, gateway, user, {{}, {}, "c" + std::to_string(turn), {}});
      for (std::size_t i = 0; i < messages; ++i) {
        load.lane(user - measured_users)
            .connection->send(client.affiliate_to(
                group_ids(i * limits::affiliation_groups_max, limits::affiliation_groups_max)));
      }
      if (!load.collect(messages, 60'000)) give_up("an affiliation stays without an answer");
    }
    growth.keep_alive();
  }
  growth.measure(clients_of_each * of_a_turn);
}

}  // namespace

void bench_start(const Place& place, const Settings& settings, Report& report) {
  Gateway empty(place, "empty");
  empty.wait_until_up();
  empty.import_users(1, 0);
  Gateway full(place, "full");
  full.wait_until_up();
  full.import_groups(0, groups);
  full.import_users(place.users(), groups);
  {
    Growth growth(place, full, settings);
    fill(place, full, growth);
    growth.tell(report);
  }
  const double records = full.status("records");
  std::vector<double> of_bare, of_empty, of_full, empty_to_bare, full_to_empty;
  for (std::size_t i = 0; i < starts; ++i) {
    of_bare.push_back(start_bare(place));
    of_empty.push_back(start_gateway(place, empty));
    empty.stop();
    of_full.push_back(start_gateway(place, full));
    full.stop();
    empty_to_bare.push_back(of_empty.back() / of_bare.back());
    full_to_empty.push_back(of_full.back() / of_empty.back());
  }
  report.section("From the start of the process to the first reply over mutual TLS");
  report.row({"", "median"});
  report.row({"bare echo", std::format("{:.0f} ms", median(of_bare))});
  report.row({"bivouac, one user", std::format("{:.0f} ms", median(of_empty))});
  report.row(
      {std::format("bivouac, {:.0f} records", records), std::format("{:.0f} ms", median(of_full))});
  report.figure("start.bare_ms", median(of_bare));
  report.figure("start.empty_ms", median(of_empty));
  report.figure("start.full_ms", median(of_full));
  report.figure("start.full_records", records);
  report.ratio("start.empty", "start, of bare echo", median(empty_to_bare), {1.25, false});
  report.ratio("start.full", "start with many records, of the empty one", median(full_to_empty),
               {2, false});
}

}  // namespace bivouac::bench
