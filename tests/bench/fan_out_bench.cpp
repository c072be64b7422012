// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/fan_out_bench.h"

#include <format>
#include <functional>

#include "core/wire/operator_message.h"
#include "firmware/cli/operator_client.h"
#include "tests/bench/partner_peer.h"

namespace bivouac::bench {
namespace {

constexpr std::size_t clients = 100;
constexpr std::size_t partners = 1'000;  // more than there may be clients
constexpr std::int64_t patience_ms = 20'000;
constexpr DurationMs operator_patience{patience_ms};

GroupConfiguration group_of(std::uint8_t priority) {
  GroupConfiguration group;
  group.group_id = group_id(0);
  group.services = Services::of(Service::mcptt);
  group.group_priority = priority;
  for (std::size_t i = 0; i < members_of_a_group; ++i) {
    group.members.emplace_back();
    group.members.back().mc_service_id = user_id(i);
  }
  return group;
}

/// Changes the group, as an operator does.
class Changer {
 public:
  explicit Changer(const Gateway& gateway) : client_(connect(gateway)) {}

  void change() {
    priority_ = static_cast<std::uint8_t>(priority_ % 200 + 1);
    const auto sent = client_.send(wire::build_group_import_request(group_of(priority_)));
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
Window fan_out(Load& load, double seconds, const std::function<void()>& change,
               const std::function<void()>& done) {
  Window window;
  std::vector<std::uint32_t> latencies_ns;
  const std::int64_t start = now_ns();
  const std::int64_t cpu = cpu_ns(load.server());
  while (now_ns() < start + static_cast<std::int64_t>(seconds * 1e9)) {
    const std::int64_t changed = now_ns();
    change();
    if (!load.collect(load.size(), patience_ms)) give_up("a subscriber is not notified");
    latencies_ns.push_back(static_cast<std::uint32_t>(now_ns() - changed));
    done();
    window.answers += static_cast<double>(load.size());
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

/// Every one subscribes, and is given what there is.
Told subscribe(Load& load) {
  for (std::size_t i = 0; i < load.size(); ++i) {
    auto& subscriber = static_cast<Subscriber&>(*load.lane(i).peer);
    load.lane(i).connection->send(subscriber.subscribe_to(group_id(0)));
  }
  if (!load.collect(load.size(), patience_ms)) give_up("a subscriber is not given the group");
  const auto& any = static_cast<Subscriber&>(*load.lane(0).peer);
  return {any.answer_bytes(), any.acknowledgement()};
}

/// The figures of one kind of subscribers.
struct Kind {
  std::string name;
  std::string id;
  bool has_aim = false;
};

void measure(const Place& place, const Settings& settings, Report& report, const Gateway& gateway,
             Load& load, const Kind& kind, const std::vector<SharedCredentials>& credentials) {
  const Told told = subscribe(load);
  const int port = free_port();
  const auto bare =
      place.start_bare("fan-out", port, told.acknowledgement.size(), told.notification_bytes);
  const auto trigger = TlsConnection::open(port, place.user(0));
  Load bare_load(bare->pid());
  for (std::size_t i = 0; i < load.size(); ++i) {
    if (i % 100 == 0) load.keep_alive();
    bare_load.add(TlsConnection::open(port, credentials[i]),
                  std::make_unique<BarePeer>(told.acknowledgement, told.notification_bytes, true));
  }
  Changer changer(gateway);
  std::vector<double> rate, bare_rate, last, bare_last, rates, lasts;
  for (std::size_t round = 0; round < settings.rounds; ++round) {
    load.keep_alive();
    const Window of_bare =
        fan_out(bare_load, settings.seconds, [&] { trigger->send(told.acknowledgement); }, [] {});
    load.keep_alive();
    const Window of_gateway = fan_out(
        load, settings.seconds, [&] { changer.change(); }, [&] { changer.wait_for_answer(); });
    rate.push_back(of_gateway.per_cpu_s());
    bare_rate.push_back(of_bare.per_cpu_s());
    last.push_back(of_gateway.p50_us);
    bare_last.push_back(of_bare.p50_us);
    rates.push_back(rate.back() / bare_rate.back());
    lasts.push_back(last.back() / bare_last.back());
  }
  report.row({kind.name + ", bivouac", in_thousands(median(rate)), in_us(median(last))});
  report.row({kind.name + ", bare", in_thousands(median(bare_rate)), in_us(median(bare_last))});
  report.note(std::format("{}: a notification of {} bytes, an acknowledgement of {}", kind.name,
                          told.notification_bytes, told.acknowledgement.size()));
  const std::string id = "fan_out." + kind.id;
  report.figure(id + ".gateway.per_cpu_s", median(rate));
  report.figure(id + ".bare.per_cpu_s", median(bare_rate));
  report.figure(id + ".gateway.last_us", median(last));
  report.figure(id + ".bare.last_us", median(bare_last));
  report.ratio(id + ".of_bare", "notifications to " + kind.name + ", of bare", median(rates),
               {kind.has_aim ? 0.80 : 0});
  report.ratio(id + ".last_of_bare", "the last of " + kind.name + ", time of bare", median(lasts),
               {kind.has_aim ? 1.25 : 0, false});
}

void to_clients(const Place& place, const Settings& settings, Report& report) {
  Gateway gateway(place, "clients");
  gateway.wait_until_up();
  gateway.import_groups(0, 1);
  gateway.import_users(place.users(), 1);
  Load load(gateway.pid());
  std::vector<SharedCredentials> credentials;
  for (std::size_t i = 0; i < clients; ++i) {
    const std::size_t user = i % place.users();
    credentials.push_back(place.user(user));
    add_client(load, place, gateway, user, {{}, {}, "c" + std::to_string(i), {}, true});
  }
  measure(place, settings, report, gateway, load, {"100 clients", "100"}, credentials);
}

std::string partner_name(std::size_t i) { return "p" + std::to_string(1000 + i); }
std::string partner_id(std::size_t i) { return "sip:" + partner_name(i) + ".example"; }

void to_partners(const Place& place, const Settings& settings, Report& report) {
  std::string sections;
  std::vector<SharedCredentials> credentials;
  for (std::size_t i = 0; i < partners; ++i) {
    sections += "[[partner]]\nsystem_id = \"" + partner_id(i) + "\"\nusers = [\"sip:*@" +
                partner_name(i) + ".example\"]\n[partner.rights]\nsubscribe = [\"*\"]\n";
    credentials.push_back(place.issue(partner_name(i), partner_id(i)));
  }
  Gateway gateway(place, "partners", sections);
  gateway.wait_until_up();
  gateway.import_groups(0, 1);
  Load load(gateway.pid());
  for (std::size_t i = 0; i < partners; ++i) {
    if (i % 100 == 0) load.keep_alive();
    auto peer = std::make_unique<PartnerPeer>(partner_id(i), system_id);
    auto connection = TlsConnection::open(gateway.port(), credentials[i]);
    talk(*connection, *peer, peer->hello(), [&] { return peer->is_greeted(); });
    load.add(std::move(connection), std::move(peer));
  }
  measure(place, settings, report, gateway, load, {"1,000 partners", "1000", true}, credentials);
}

}  // namespace

void bench_fan_out(const Place& place, const Settings& settings, Report& report) {
  report.section("A group of 100 members changes: notifications with acknowledgement");
  report.row({"", "per CPU-s", "change to last acknowledgement, p50"});
  to_clients(place, settings, report);
  to_partners(place, settings, report);
}

}  // namespace bivouac::bench
