// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/fan_out_bench.h"

#include <algorithm>
#include <array>
#include <format>
#include <functional>

#include "core/wire/operator_message.h"
#include "firmware/cli/operator_client.h"

namespace bivouac::bench {
namespace {

/// The second is as many as may be logged on, but for a few.
constexpr std::array<std::size_t, 2> sizes{100, 500};
constexpr std::int64_t patience_ms = 20'000;
constexpr DurationMs operator_patience{patience_ms};

/// One group for each size.
GroupConfiguration group_of(std::size_t which, std::uint8_t priority) {
  GroupConfiguration group;
  group.group_id = group_id(which);
  group.services = Services::of(Service::mcptt);
  group.group_priority = priority;
  for (std::size_t i = 0; i < members_of_a_group; ++i) {
    group.members.emplace_back();
    group.members.back().mc_service_id = user_id(i);
  }
  return group;
}

/// Changes groups, as an operator does.
class Changer {
 public:
  explicit Changer(const Gateway& gateway) : client_(connect(gateway)) {}

  void change(std::size_t which) {
    priority_ = static_cast<std::uint8_t>(priority_ % 200 + 1);
    const auto sent = client_.send(wire::build_group_import_request(group_of(which, priority_)));
    if (!sent) give_up(sent.error());
  }
  void wait_for_answer() {
    const auto answer = client_.receive(false);
    if (!answer) give_up(answer.error());
  }

 private:
  static firmware::cli::OperatorClient connect(const Gateway& gateway) {
    auto client =
        firmware::cli::OperatorClient::connect(gateway.operator_socket(), operator_patience);
    if (!client) give_up(client.error());
    return *std::move(client);
  }
  firmware::cli::OperatorClient client_;
  std::uint8_t priority_ = 1;
};

/// Again and again: `change`, then every one of them has been told and has acknowledged.
Window fan_out(Load& load, std::size_t subscribers, double seconds,
               const std::function<void()>& change, const std::function<void()>& done) {
  Window window;
  std::vector<std::uint32_t> latencies_ns;
  const std::int64_t start = now_ns();
  const std::int64_t cpu = cpu_ns(load.server());
  while (now_ns() < start + static_cast<std::int64_t>(seconds * 1e9)) {
    const std::int64_t changed = now_ns();
    change();
    if (!load.collect(subscribers, patience_ms)) give_up("a subscriber is not notified");
    latencies_ns.push_back(static_cast<std::uint32_t>(now_ns() - changed));
    done();
    window.answers += static_cast<double>(subscribers);
  }
  window.seconds = static_cast<double>(now_ns() - start) / 1e9;
  window.cpu_s = static_cast<double>(cpu_ns(load.server()) - cpu) / 1e9;
  window.p50_us = quantile(latencies_ns, 0.5) / 1000;
  window.p99_us = quantile(latencies_ns, 0.99) / 1000;
  return window;
}

struct Told {
  std::size_t notification_bytes = 0;
  Bytes acknowledgement;
};

/// Every one subscribes to the group of its size, and is given what there is.
Told subscribe(Load& load, std::size_t which) {
  Told told;
  for (std::size_t i = 0; i < sizes[which]; ++i) {
    auto& client = static_cast<ClientPeer&>(*load.lane(i).peer);
    load.lane(i).connection->send(client.subscribe_to(group_id(which)));
    if (!load.collect(1, patience_ms)) give_up("a subscriber is not given the group");
    told = {client.answer_bytes(), client.acknowledgement()};
  }
  return told;
}

void measure(const Place& place, const Settings& settings, Report& report, Load& load,
             Changer& changer, std::size_t which) {
  const std::size_t subscribers = sizes[which];
  const Told told = subscribe(load, which);
  const int port = free_port();
  const auto bare =
      place.start_bare("fan-out", port, told.acknowledgement.size(), told.notification_bytes);
  const auto trigger = TlsConnection::open(port, place.user(0));
  Load bare_load(bare->pid());
  for (std::size_t i = 0; i < subscribers; ++i) {
    if (i % 100 == 0) load.keep_alive();
    bare_load.add(TlsConnection::open(port, place.user(i % place.users())),
                  std::make_unique<BarePeer>(told.acknowledgement, told.notification_bytes, true));
  }
  std::vector<double> rate, bare_rate, last, bare_last, rates, lasts;
  for (std::size_t round = 0; round < settings.rounds; ++round) {
    load.keep_alive();
    const Window of_bare = fan_out(
        bare_load, subscribers, settings.seconds, [&] { trigger->send(told.acknowledgement); },
        [] {});
    load.keep_alive();
    const Window of_gateway = fan_out(
        load, subscribers, settings.seconds, [&] { changer.change(which); },
        [&] { changer.wait_for_answer(); });
    rate.push_back(of_gateway.per_cpu_s());
    bare_rate.push_back(of_bare.per_cpu_s());
    last.push_back(of_gateway.p50_us);
    bare_last.push_back(of_bare.p50_us);
    rates.push_back(rate.back() / bare_rate.back());
    lasts.push_back(last.back() / bare_last.back());
  }
  const std::string n = std::to_string(subscribers);
  report.row({n + " bivouac", in_thousands(median(rate)), in_us(median(last))});
  report.row({n + " bare", in_thousands(median(bare_rate)), in_us(median(bare_last))});
  report.note(std::format("{} subscribers: a notification of {} bytes, an acknowledgement of {}", n,
                          told.notification_bytes, told.acknowledgement.size()));
  const std::string id = "fan_out." + n;
  report.figure(id + ".gateway.per_cpu_s", median(rate));
  report.figure(id + ".bare.per_cpu_s", median(bare_rate));
  report.figure(id + ".gateway.last_us", median(last));
  report.figure(id + ".bare.last_us", median(bare_last));
  const bool is_largest = which + 1 == sizes.size();
  report.ratio(id + ".of_bare", "notifications to " + n + ", of bare", median(rates),
               {is_largest ? 0.80 : 0});
  report.ratio(id + ".last_of_bare", "last of " + n + " notified, time of bare", median(lasts),
               {is_largest ? 1.25 : 0, false});
}

}  // namespace

void bench_fan_out(const Place& place, const Settings& settings, Report& report) {
  Gateway gateway(place, "fan-out");
  gateway.wait_until_up();
  gateway.import_groups(0, sizes.size());
  gateway.import_users(place.users(), sizes.size());
  Load load(gateway.pid());
  for (std::size_t i = 0; i < *std::ranges::max_element(sizes); ++i) {
    if (i % 100 == 0) load.keep_alive();
    add_client(load, place, gateway, i % place.users(),
               {{}, {}, "c" + std::to_string(i / place.users()), {}, true});
  }
  Changer changer(gateway);
  report.section("A group changes: notifications with acknowledgement");
  report.row({"subscribers", "per CPU-s", "change to last acknowledgement, p50"});
  for (std::size_t which = 0; which < sizes.size(); ++which)
    measure(place, settings, report, load, changer, which);
}

}  // namespace bivouac::bench
