// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "core/base/affiliation.h"
#include "core/store/record.h"
#include "firmware/store/store.h"
#include "tests/integration/cli_process.h"
#include "tests/integration/phone.h"

// Two MC systems with groups and users of their own, each a partner of the other.

namespace bivouac::integration {

inline constexpr std::size_t users_per_system = 16;  // with two clients each
inline constexpr std::size_t groups_per_system = 4;
inline const std::string both[] = {"alpha", "bravo"};

inline std::string user_name(std::size_t number) { return "user-" + std::to_string(10 + number); }
inline std::string identity(const std::string& name, const std::string& system) {
  return "sip:" + name + "@" + system + ".example";
}
inline std::string group_name(std::size_t number) { return "group-" + std::to_string(number); }

inline std::vector<std::string> all_groups() {
  std::vector<std::string> all;
  for (const std::string& system : both) {
    for (std::size_t i = 0; i < groups_per_system; ++i)
      all.push_back(identity(group_name(i), system));
  }
  return all;
}

/// A client of a user, and a group.
using Spot = std::tuple<std::string, std::string, std::string>;
/// Who is affiliated to what, settled or not.
using Affiliated = std::map<Spot, std::string>;

/// What is durable of a system.
struct Stored {
  Affiliated affiliated;                                  // as its MC service server has it
  std::set<std::pair<std::string, std::string>> members;  // groups and users, as its GMS was told
};

inline Stored stored(const std::string& database) {
  firmware::StoreOptions options;
  options.path = database;
  store::Table table;
  const auto opened = firmware::Store::open(options, table);
  REQUIRE(opened.has_value());
  const store::View view(table);
  const auto text = [&](const store::Key& key, std::size_t offset) {
    const auto number = IdentityNumber{key.number_at(offset)};
    const auto* identity = store::find<store::fb::Identity>(view, store::identity_key(number));
    return identity == nullptr ? std::string() : identity->text()->str();
  };
  Stored all;
  for (const auto& [key, value] : view.scan(store::prefix(store::RecordKind::affiliation))) {
    const auto status =
        static_cast<AffiliationStatus>(store::get<store::fb::Affiliation>(value).status());
    all.affiliated[{text(key, 4), text(key, 12), text(key, 8)}] = name(status);
  }
  for (const auto& [key, value] : view.scan(store::prefix(store::RecordKind::affiliated)))
    all.members.emplace(text(key, 4), text(key, 8));
  return all;
}

inline bool is_of(const std::string& identity, const std::string& system) {
  return identity.ends_with("@" + system + ".example");
}

/// Both of them, with the clients of their users.
class TwoSystems {
 public:
  TwoSystems() {
    for (const std::string& system : both) ports_[system] = free_port();
    REQUIRE(run_program({"pki", "issue", place.file("pki"), "--system", "sip:bravo.example",
                         "--out", "bravo"})
                .code == 0);
    configure("alpha", "bravo", "");
    configure("bravo", "alpha", "\"127.0.0.1:" + ports_["alpha"] + '"');
    for (const std::string& system : both) start(system);
    for (const std::string& system : both) define(system);
  }

  void start(const std::string& system) {
    daemons_[system] =
        std::make_unique<Daemon>(place.file(system + ".toml"), place.file(system + ".log"));
  }
  void kill(const std::string& system) { daemons_[system]->end(SIGKILL); }
  Ran command(const std::string& system, std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--config", place.file(system + ".toml")});
    return run_program(arguments);
  }
  bool is_linked() const {
    return command("bravo", {"status", "--json"}).output.contains("\"up\": true");
  }
  /// Of one that was killed.
  Stored stored_by(const std::string& system) const {
    return stored(place.file(system + "/data/store.db"));
  }

  std::deque<Phone> phones() const {
    REQUIRE(firmware::start_crypto().has_value());
    std::deque<Phone> all;
    for (const std::string& system : both) {
      for (std::size_t i = 0; i < users_per_system; ++i) {
        const auto credentials = issue(system, user_name(i));
        for (const char* client : {"phone", "tablet"})
          all.emplace_back(credentials, client, ports_.at(system), 1'000 + all.size());
      }
    }
    return all;
  }

  const Place place;

 private:
  void configure(const std::string& name, const std::string& other,
                 const std::string& dials) const {
    const std::string own = "[\"sip:*@" + name + ".example\"]\n";
    const std::string its = "[\"sip:*@" + other + ".example\"]\n";
    place.write(
        name + ".toml",
        "[system]\nid = \"sip:" + name +
            ".example\"\nclock = \"trusted\"\n[listen]\naddresses = [\"127.0.0.1:" +
            ports_.at(name) + "\"]\n[tls]\ncertificate = \"pki/" + name + ".crt\"\nkey = \"pki/" +
            name + ".key\"\nca = \"pki/ca.crt\"\ncrl = \"pki/ca.crl\"\n[store]\ndata_dir = \"" +
            name + "/data\"\nruntime_dir = \"" + name +
            "/run\"\n[[partner]]\nsystem_id = \"sip:" + other + ".example\"\naddresses = [" +
            dials + "]\nusers = " + its + "groups = " + its + "[partner.rights]\nprovide = " + its +
            "request = " + own + "receive = " + own + "subscribe = " + own + "affiliate = " + own);
  }

  /// Groups of which everybody is a member, and users who may use all groups.
  void define(const std::string& system) const {
    REQUIRE(
        within(std::chrono::seconds(20), [&] { return command(system, {"status"}).code == 0; }));
    for (std::size_t i = 0; i < groups_per_system; ++i) {
      std::string text =
          "group_id = \"" + identity(group_name(i), system) + "\"\nservices = [\"mcptt\"]\n";
      for (const std::string& home : both) {
        for (std::size_t user = 0; user < users_per_system; ++user)
          text += "[[member]]\nmc_service_id = \"" + identity(user_name(user), home) + "\"\n";
      }
      place.write("group.toml", text);
      REQUIRE(command(system, {"group", "import", place.file("group.toml")}).code == 0);
    }
    for (std::size_t user = 0; user < users_per_system; ++user) {
      std::string text = "mc_service_id = \"" + identity(user_name(user), system) +
                         "\"\nservices = [\"mcptt\"]\naffiliations_max = 8\n";
      for (const std::string& group : all_groups())
        text += "[[group]]\ngroup_id = \"" + group + "\"\n";
      place.write("user.toml", text);
      REQUIRE(command(system, {"user", "import", place.file("user.toml")}).code == 0);
    }
  }

  std::shared_ptr<const firmware::Credentials> issue(const std::string& system,
                                                     const std::string& user) const {
    const std::string out = user + "-" + system;
    REQUIRE(run_program(
                {"pki", "issue", place.file("pki"), "--user", identity(user, system), "--out", out})
                .code == 0);
    firmware::CredentialFiles files;
    files.certificate = place.file("pki/" + out + ".crt");
    files.key = place.file("pki/" + out + ".key");
    files.ca = place.file("pki/ca.crt");
    files.crl_required = false;
    auto loaded = firmware::Credentials::load(files, firmware::wall_now());
    REQUIRE(loaded.has_value());
    return *loaded;
  }

  std::map<std::string, std::string> ports_;
  std::map<std::string, std::unique_ptr<Daemon>> daemons_;
};

}  // namespace bivouac::integration
