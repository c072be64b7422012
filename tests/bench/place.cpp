// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/place.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include <unistd.h>

#include "firmware/crypto/credentials.h"
#include "firmware/crypto/pki.h"
#include "firmware/platform/clock_trust.h"

namespace bivouac::bench {
namespace {

constexpr std::int64_t answer_ms = 20'000;
constexpr std::int64_t day_ms = 86'400'000;

void write_file(const std::string& path, const std::string& text) {
  std::ofstream file(path);
  file << text;
  if (!file.flush()) give_up("cannot write " + path);
}

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// "u007"
std::string numbered(char letter, std::size_t i) {
  std::string digits = std::to_string(i);
  return letter + std::string(digits.size() < 3 ? 3 - digits.size() : 0, '0') + digits;
}

}  // namespace

std::string user_id(std::size_t i) { return "sip:" + numbered('u', i) + "@alpha.example"; }
std::string group_id(std::size_t i) { return "sip:" + numbered('g', i) + "@alpha.example"; }

std::vector<std::string> group_ids(std::size_t first, std::size_t count) {
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < count; ++i) ids.push_back(group_id(first + i));
  return ids;
}

Place::Place(std::string programs, std::string folder, std::size_t users)
    : programs_(std::move(programs)), folder_(std::move(folder)), cores_(choose_cores()) {
  std::filesystem::remove_all(folder_);
  std::filesystem::create_directories(folder_);
  pin_to(cores_.load);
  if (const auto started = firmware::start_crypto(); !started) give_up(started.error());
  run_to_end({bivouac(), "pki", "init", file("pki")});
  run_to_end({bivouac(), "pki", "issue", file("pki"), "--system", system_id, "--out", "alpha"});
  for (std::size_t i = 0; i < users; ++i) {
    const std::string name = numbered('u', i);
    run_to_end({bivouac(), "pki", "issue", file("pki"), "--user", user_id(i), "--out", name});
    users_.push_back(load_credentials(file("pki"), name));
  }
}

Place::~Place() { std::filesystem::remove_all(folder_); }

SharedCredentials Place::issue(const std::string& name, const std::string& uri) const {
  const firmware::pki::Identity authority{read_file(file("pki/ca.crt")),
                                          read_file(file("pki/ca.key"))};
  firmware::pki::CertificateRequest request;
  request.uris = {uri};
  request.common_name = name;
  request.not_before = {firmware::wall_now().ms - day_ms};
  request.not_after = {firmware::wall_now().ms + day_ms};
  const auto identity = firmware::pki::issue(authority, request);
  if (!identity) give_up(identity.error());
  write_file(file("pki/" + name + ".crt"), identity->certificate_pem);
  write_file(file("pki/" + name + ".key"), identity->key_pem);
  std::filesystem::permissions(file("pki/" + name + ".key"), std::filesystem::perms::owner_read);
  return load_credentials(file("pki"), name);
}

std::unique_ptr<Process> Place::start_bare(const std::string& mode, int port,
                                           std::size_t request_bytes,
                                           std::size_t answer_bytes) const {
  return std::make_unique<Process>(
      Words{programs_ + "/bare_server", mode, std::to_string(port), file("pki"),
            std::to_string(request_bytes), std::to_string(answer_bytes), file(mode + ".bytes")},
      file(mode + ".log"), cores_.server);
}

Gateway::Gateway(const Place& place, std::string name, const std::string& partners)
    : place_(place), name_(std::move(name)), port_(free_port()) {
  char folder[] = "/tmp/bivouac-bench-XXXXXX";
  if (mkdtemp(folder) == nullptr) give_up("cannot make a folder in /tmp");
  runtime_folder_ = folder;
  write_file(place_.file(name_ + ".toml"),
             "[system]\nid = \"" + system_id +
                 "\"\nclock = \"trusted\"\n[listen]\naddresses = "
                 "[\"127.0.0.1:" +
                 std::to_string(port_) +
                 "\"]\n[tls]\ncertificate = "
                 "\"pki/alpha.crt\"\nkey = \"pki/alpha.key\"\nca = \"pki/ca.crt\"\ncrl = "
                 "\"pki/ca.crl\"\n[store]\ndata_dir = \"" +
                 name_ + "\"\nruntime_dir = \"" + runtime_folder_ + "\"\n" + partners);
  start();
}

Gateway::~Gateway() {
  stop();
  std::filesystem::remove_all(runtime_folder_);
}

void Gateway::start() {
  process_ = std::make_unique<Process>(
      Words{place_.bivouac(), "run", "--config", place_.file(name_ + ".toml")},
      place_.file(name_ + ".log"), place_.cores().server);
}

void Gateway::stop() { process_.reset(); }

std::string Gateway::operate(Words words) const {
  words.insert(words.begin(), place_.bivouac());
  words.insert(words.end(), {"--config", place_.file(name_ + ".toml")});
  return run_to_end(words);
}

double Gateway::status(const std::string& field) const {
  const std::string text = operate({"status", "--json"});
  const std::string key = "\"" + field + "\": ";
  const std::size_t at = text.find(key);
  if (at == std::string::npos) give_up("status says nothing of " + field);
  return std::strtod(text.c_str() + at + key.size(), nullptr);
}

void Gateway::import_groups(std::size_t first, std::size_t count, int priority) const {
  for (const std::string& id : group_ids(first, count)) {
    std::string text = "group_id = \"" + id +
                       "\"\nservices = [\"mcptt\"]\ngroup_priority = " + std::to_string(priority) +
                       "\n";
    for (std::size_t i = 0; i < members_of_a_group; ++i)
      text += "[[member]]\nmc_service_id = \"" + user_id(i) + "\"\n";
    write_file(place_.file("group.toml"), text);
    operate({"group", "import", place_.file("group.toml")});
  }
}

void Gateway::wait_until_up() const { TlsConnection::open(port_, place_.user(0)); }

void Gateway::import_users(std::size_t count, std::size_t groups) const {
  for (std::size_t i = 0; i < count; ++i) {
    std::string text = "mc_service_id = \"" + user_id(i) +
                       "\"\nservices = [\"mcptt\"]\naffiliations_max = " + std::to_string(groups) +
                       "\n";
    for (const std::string& id : group_ids(0, groups))
      text += "[[group]]\ngroup_id = \"" + id + "\"\n";
    write_file(place_.file("user.toml"), text);
    operate({"user", "import", place_.file("user.toml")});
  }
}

void talk(TlsConnection& connection, Peer& peer, const Bytes& first,
          const std::function<bool()>& is_done) {
  connection.send(first);
  const std::int64_t deadline = now_ns() + answer_ms * 1'000'000;
  while (!is_done()) {
    Bytes in, out;
    if (!connection.wait(answer_ms) || !connection.receive(in) || now_ns() > deadline)
      give_up("a peer gets no answer: the gateway's log says why");
    peer.take(in, out);
    if (!out.empty()) connection.send(out);
  }
}

ClientPeer& connect_client(Load& load, const Place& place, const Gateway& gateway, std::size_t user,
                           ClientPeer::Options options) {
  options.system = system_id;
  options.mc_service_id = user_id(user);
  auto peer = std::make_unique<ClientPeer>(std::move(options));
  ClientPeer& client = *peer;
  auto connection = TlsConnection::open(gateway.port(), place.user(user));
  talk(*connection, client, client.hello(), [&] { return client.is_greeted(); });
  load.add(std::move(connection), std::move(peer));
  return client;
}

void log_on(Load& load, std::size_t lane) {
  auto& client = static_cast<ClientPeer&>(*load.lane(lane).peer);
  talk(*load.lane(lane).connection, client, client.log_on(), [&] { return client.is_logged_on(); });
}

ClientPeer& add_client(Load& load, const Place& place, const Gateway& gateway, std::size_t user,
                       ClientPeer::Options options) {
  ClientPeer& client = connect_client(load, place, gateway, user, std::move(options));
  log_on(load, load.size() - 1);
  return client;
}

}  // namespace bivouac::bench
