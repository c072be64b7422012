// SPDX-License-Identifier: Apache-2.0
#include "firmware/cli/command_line.h"

#include <algorithm>
#include <cstdio>
#include <sstream>
#include <tuple>

#include <CLI/CLI.hpp>

#include "core/base/limits.h"
#include "firmware/cli/identity_option.h"

namespace bivouac::firmware::cli {
namespace {

constexpr std::int32_t ca_days_default = 3650;
constexpr std::int32_t certificate_days_default = 365;
constexpr std::int32_t days_max = 36'500;

class CommandLine {
 public:
  CommandLine() : app_("Bivouac, a field gateway for mission critical services.", "bivouac") {
    app_.require_subcommand(1);
    app_.footer(
        "Start here:  bivouac check-config gateway.toml && bivouac run --config gateway.toml");
    daemon();
    questions();
    groups();
    users();
    subscriptions();
    affiliations();
    clients();
    pki();
  }

  std::expected<Command, int> parse(const std::vector<std::string>& arguments) {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    try {
      app_.parse(reversed);
    } catch (const CLI::Success& success) {
      return std::unexpected(app_.exit(success));
    } catch (const CLI::ParseError& error) {
      app_.exit(error);
      return std::unexpected(exit_unusable_arguments);
    }
    if (command_.verb == Verb::client_listen) command_.follow = true;
    if (command_.days == 0) {
      command_.days = command_.verb == Verb::pki_init ? ca_days_default : certificate_days_default;
    }
    return command_;
  }

 private:
  CLI::App* verb(CLI::App& parent, const std::string& name, Verb verb, const std::string& what,
                 const std::string& example) {
    CLI::App* app = parent.add_subcommand(name, what);
    app->footer("Example:  " + example);
    app->callback([this, verb] { command_.verb = verb; });
    return app;
  }

  /// Verbs under one word.
  static CLI::App* family(CLI::App& parent, const std::string& name, const std::string& what,
                          const std::string& example) {
    CLI::App* app = parent.add_subcommand(name, what);
    app->require_subcommand(1);
    app->footer("Example:  " + example);
    return app;
  }

  /// How the running daemon is found.
  void reaches_daemon(CLI::App* app) {
    app->add_option("--config,-c", command_.config,
                    "Configuration file of the daemon that is meant")
        ->type_name("FILE");
    app->add_option("--socket", command_.socket,
                    "Its socket; else that of --config, of BIVOUAC_SOCKET, or "
                    "/run/bivouac/operator.sock")
        ->type_name("PATH");
    app->add_option("--timeout", command_.timeout_s, "How long to wait for an answer, in seconds")
        ->check(CLI::Range(1, 3600))
        ->capture_default_str();
  }

  void takes_configuration(CLI::App* app, const std::string& option) {
    app->add_option(option, command_.config, "Configuration file")->required()->type_name("FILE");
  }

  void takes_group(CLI::App* app) {
    app->add_option("id", command_.group_id, "MC service group ID")
        ->required()
        ->transform(identity());
  }

  void daemon() {
    CLI::App* run = verb(app_, "run", Verb::run, "Run the gateway until it is told to stop",
                         "bivouac run --config /etc/bivouac/gateway.toml");
    takes_configuration(run, "--config,-c");
    CLI::App* check = verb(app_, "check-config", Verb::check_config,
                           "Say all that is wrong with a configuration file, line by line",
                           "bivouac check-config gateway.toml");
    takes_configuration(check, "file,--config,-c");
    CLI::App* doctor =
        verb(app_, "doctor", Verb::doctor, "Try everything that the gateway needs, step by step",
             "bivouac doctor --config /etc/bivouac/gateway.toml");
    takes_configuration(doctor, "--config,-c");
    moves();
    verb(app_, "version", Verb::version, "Say which version this is", "bivouac version");
  }

  void moves() {
    CLI::App* out = verb(app_, "export", Verb::export_gateway,
                         "Move identity and store of a stopped gateway into a folder",
                         "bivouac export --config /etc/bivouac/gateway.toml --out /media/bravo");
    takes_configuration(out, "--config,-c");
    out->add_option("--out", command_.directory, "Folder to make")->required()->type_name("DIR");
    CLI::App* restore =
        verb(app_, "restore", Verb::restore_gateway, "Take an exported gateway in on a spare board",
             "bivouac restore /etc/bivouac");
    restore->add_option("dir", command_.directory, "What `bivouac export` wrote")->required();
  }

  void questions() {
    CLI::App* status =
        verb(app_, "status", Verb::status, "Links, groups, store, clock and refusals on one screen",
             "bivouac status --json");
    reaches_daemon(status);
    status->add_flag("--json", command_.json, "The same facts for a program");
    CLI::App* watch =
        verb(app_, "watch", Verb::watch,
             "Print what happens as it happens, with the step of its clause", "bivouac watch");
    reaches_daemon(watch);
  }

  void groups() {
    CLI::App* group = family(app_, "group", "MC service groups", "bivouac group list");

    CLI::App* import = verb(*group, "import", Verb::group_import,
                            "Define a group here, or replace its definition, from a file",
                            "bivouac group import fire-1.toml");
    import->add_option("file", command_.file, "Group file")->required()->type_name("FILE");
    CLI::App* list = verb(*group, "list", Verb::group_list, "All groups that are known here",
                          "bivouac group list");
    list->add_flag("--json", command_.json, "The same facts for a program");
    CLI::App* show = verb(*group, "show", Verb::group_show,
                          "A group as its home defined it, what we change, and what each partner "
                          "was told",
                          "bivouac group show sip:fire-1@alpha.example");
    takes_group(show);
    show->add_flag("--json", command_.json, "The same facts for a program");
    show->add_flag("--toml", command_.toml, "Only the definition, as a file to import");
    CLI::App* push =
        verb(*group, "push", Verb::group_push, "Provide a group of ours to partners now (10.2.7.2)",
             "bivouac group push sip:fire-1@alpha.example --to sip:bravo.example");
    takes_group(push);
    push->add_option("--to", command_.partner, "Only to this partner; else to all that it is for")
        ->transform(system_id());
    CLI::App* fetch =
        verb(*group, "fetch", Verb::group_fetch, "Request a group from its home (10.2.7.3)",
             "bivouac group fetch sip:fire-2@alpha.example --service mcptt");
    takes_group(fetch);
    fetch->add_option("--service", command_.service, "For which MC service; else the first here")
        ->check(CLI::IsMember({"mcptt", "mcvideo", "mcdata"}));
    CLI::App* remove = verb(*group, "remove", Verb::group_remove,
                            "Remove a group of ours, here and at the partners",
                            "bivouac group remove sip:fire-1@alpha.example");
    takes_group(remove);
    CLI::App* subscribe = verb(*group, "subscribe", Verb::group_subscribe,
                               "Be told by its home of every change of a group (10.2.7.4)",
                               "bivouac group subscribe sip:fire-2@alpha.example --lease 7200");
    takes_group(subscribe);
    subscribe
        ->add_option("--lease", command_.lease_s,
                     "So many seconds; renewed by itself. Else the lease of its [[partner]]")
        ->check(CLI::Range(limits::lease_min_s, limits::lease_max_s));
    CLI::App* unsubscribe = verb(*group, "unsubscribe", Verb::group_unsubscribe,
                                 "End the subscription to a group, until it is subscribed to again",
                                 "bivouac group unsubscribe sip:fire-2@alpha.example");
    takes_group(unsubscribe);
    for (CLI::App* app : {import, list, show, push, fetch, remove, subscribe, unsubscribe})
      reaches_daemon(app);
    group_keys(*group);
  }

  void group_keys(CLI::App& group) {
    CLI::App* keys = family(group, "keys", "Key material of a group, in sealed envelopes",
                            "bivouac group keys list sip:fire-1@alpha.example");

    CLI::App* import =
        verb(*keys, "import", Verb::group_keys_import,
             "Add key material to a group of ours, from a file; it is kept here, sealed",
             "bivouac group keys import sip:fire-1@alpha.example keys.toml");
    takes_group(import);
    import->add_option("file", command_.file, "Key file")->required()->type_name("FILE");
    CLI::App* list = verb(*keys, "list", Verb::group_keys_list,
                          "For whom there is which key and how long; never the key",
                          "bivouac group keys list sip:fire-1@alpha.example");
    takes_group(list);
    list->add_flag("--json", command_.json, "The same facts for a program");
    CLI::App* remove =
        verb(*keys, "remove", Verb::group_keys_remove, "Remove key material of a group of ours",
             "bivouac group keys remove sip:fire-1@alpha.example --gmk 0x01234567");
    takes_group(remove);
    remove->add_option("--gmk", command_.gmk_id, "Only this group master key; else all")
        ->type_name("ID");
    for (CLI::App* app : {import, list, remove}) reaches_daemon(app);
  }

  void subscriptions() {
    CLI::App* subscription =
        family(app_, "subscription", "Subscriptions to group configuration, both ways",
               "bivouac subscription list");
    CLI::App* list = verb(*subscription, "list", Verb::subscription_list,
                          "Whom we notify of which group, and to which groups we subscribed",
                          "bivouac subscription list");
    list->add_flag("--json", command_.json, "The same facts for a program");
    reaches_daemon(list);
  }

  void affiliations() {
    CLI::App* affiliation = family(
        app_, "affiliation", "Affiliations of our users, and of partners' users to our groups",
        "bivouac affiliation list --pending");
    CLI::App* list = verb(*affiliation, "list", Verb::affiliation_list,
                          "Who is affiliated to which group, by which client, and since when",
                          "bivouac affiliation list --group sip:fire-1@alpha.example");
    list->add_option("--user", command_.user_id, "Only of this user")->transform(identity());
    list->add_option("--group", command_.group_id, "Only to this group")->transform(identity());
    list->add_flag("--pending", command_.pending,
                   "Only what the group's home has not said yes or no to");
    CLI::App* show = verb(*affiliation, "show", Verb::affiliation_show,
                          "All affiliations of a user: who wanted and changed them, and when",
                          "bivouac affiliation show sip:ben@bravo.example");
    show->add_option("id", command_.user_id, "MC service ID")->required()->transform(identity());
    for (CLI::App* app : {list, show}) {
      app->add_flag("--json", command_.json, "The same facts for a program");
      reaches_daemon(app);
    }
  }

  void users() {
    CLI::App* user =
        family(app_, "user", "MC service users who are served here", "bivouac user list");

    CLI::App* import = verb(*user, "import", Verb::user_import,
                            "Serve a user here, or replace the profile, from a file",
                            "bivouac user import ben.toml");
    import->add_option("file", command_.file, "Profile file")->required()->type_name("FILE");
    CLI::App* list =
        verb(*user, "list", Verb::user_list, "All users who are served here", "bivouac user list");
    list->add_flag("--json", command_.json, "The same facts for a program");
    CLI::App* show = verb(*user, "show", Verb::user_show,
                          "The profile of a user, and the clients that are logged on",
                          "bivouac user show sip:ben@bravo.example");
    show->add_flag("--json", command_.json, "The same facts for a program");
    show->add_flag("--toml", command_.toml, "Only the profile, as a file to import");
    CLI::App* remove = verb(*user, "remove", Verb::user_remove,
                            "Serve a user no more, and log the user's clients off",
                            "bivouac user remove sip:ben@bravo.example");
    for (CLI::App* app : {show, remove}) {
      app->add_option("id", command_.user_id, "MC service ID")->required()->transform(identity());
    }
    for (CLI::App* app : {import, list, show, remove}) reaches_daemon(app);
  }

  void clients() {
    CLI::App* client =
        family(app_, "client", "Act as an MC service client, over TLS with the user's certificate",
               "bivouac client get sip:fire-1@alpha.example --gateway bravo.example:8443 "
               "--certificate ben.crt --key ben.key --ca ca.crt");
    client->add_option("--as", command_.user_id, "MC service ID; else that of the certificate")
        ->transform(identity());
    client->add_option("--client-id", command_.client_id, "Which of the user's clients this is")
        ->capture_default_str();
    client->add_option("--gateway", command_.gateway, "Where the user's MC system listens")
        ->required()
        ->type_name("HOST:PORT");
    client->add_option("--system", command_.partner, "Only this MC system; else whichever answers")
        ->transform(system_id());
    for (const auto& [option, file, what] :
         {std::tuple{"--certificate", &command_.certificate, "The user's certificate"},
          std::tuple{"--key", &command_.key, "Its private key"},
          std::tuple{"--ca", &command_.ca, "Who may certify the gateway"}}) {
      client->add_option(option, *file, what)->required()->type_name("FILE");
    }
    client->add_option("--crl", command_.crl, "What these have revoked; then a list is required")
        ->type_name("FILE");
    client->add_option("--timeout", command_.timeout_s, "How long to wait, in seconds")
        ->check(CLI::Range(1, 3600))
        ->capture_default_str();
    client->add_flag("--json", command_.json, "The same facts for a program");

    CLI::App* log_on = verb(*client, "log-on", Verb::client_log_on,
                            "Log on, say what the profile allows, and log off, which de-affiliates",
                            "bivouac client log-on --gateway bravo.example:8443 ...");
    CLI::App* get =
        verb(*client, "get", Verb::client_get, "Get a group's configuration once, and log off",
             "bivouac client get sip:fire-1@alpha.example ...");
    CLI::App* subscribe = verb(*client, "subscribe", Verb::client_subscribe,
                               "Subscribe to a group, and say what is notified",
                               "bivouac client subscribe sip:fire-1@alpha.example --follow ...");
    for (CLI::App* app : {get, subscribe}) takes_group(app);
    for (CLI::App* app : {log_on, subscribe})
      app->add_flag("--follow", command_.follow, "Stay, and say all that happens");
    CLI::App* affiliate =
        verb(*client, "affiliate", Verb::client_affiliate,
             "Affiliate to groups (10.X.3); stays so for an hour after the command, or until "
             "this client logs off",
             "bivouac client affiliate sip:fire-1@alpha.example ...");
    CLI::App* deaffiliate =
        verb(*client, "deaffiliate", Verb::client_deaffiliate, "De-affiliate from groups (10.X.4)",
             "bivouac client deaffiliate sip:fire-1@alpha.example ...");
    for (CLI::App* app : {affiliate, deaffiliate}) {
      app->add_option("id", command_.group_ids, "MC service group IDs")
          ->required()
          ->expected(1, static_cast<int>(limits::affiliation_groups_max))
          ->transform(identity());
    }
    deaffiliate->add_flag("--all-clients", command_.all_clients,
                          "All clients of the user, not only this one");
    CLI::App* status =
        verb(*client, "status", Verb::client_status, "To which groups a user is affiliated",
             "bivouac client status --follow ...");
    status->add_option("--of", command_.about, "Another user, if the profile permits it")
        ->transform(identity());
    status->add_flag("--follow", command_.follow, "Stay, and say what changes");
    CLI::App* listen =
        verb(*client, "listen", Verb::client_listen,
             "Stay logged on, and say what becomes of the user's affiliations, asked for or not",
             "bivouac client listen --client-id phone ...");
    for (CLI::App* app : {log_on, get, subscribe, affiliate, deaffiliate, status, listen})
      app->fallthrough();
  }

  void validity(CLI::App* app, std::int32_t days_default) {
    app->add_option("--days", command_.days,
                    "How long it is valid [" + std::to_string(days_default) + "]")
        ->check(CLI::Range(1, days_max));
    app->add_option("--not-before", command_.not_before, "First day, as YYYY-MM-DD [now]");
  }

  void pki() {
    CLI::App* pki = family(
        app_, "pki", "Certificates: a PKI for trials, and signing requests",
        "bivouac pki init pki && bivouac pki issue pki --system sip:alpha.example --out alpha");

    CLI::App* init =
        verb(*pki, "init", Verb::pki_init,
             "Make a certificate authority and its empty revocation list", "bivouac pki init pki");
    init->add_option("dir", command_.directory, "Folder of the PKI")->required();
    init->add_option("--name", command_.name, "Name of the authority, shown in logs");
    validity(init, ca_days_default);

    CLI::App* issue = verb(*pki, "issue", Verb::pki_issue, "Issue a certificate",
                           "bivouac pki issue pki --system sip:alpha.example --out alpha");
    issue->add_option("dir", command_.directory, "Folder of the PKI")->required();
    issue->add_option("--system", command_.system, "MC system ID, or any URI, that it is for");
    issue
        ->add_option("--user", command_.user_id,
                     "MC service ID of the user whose clients it is for")
        ->transform(identity());
    issue->add_option("--out", command_.name, "Writes DIR/NAME.crt and DIR/NAME.key")
        ->required()
        ->type_name("NAME");
    issue->add_option("--request", command_.request, "Signing request of a device: no key is made")
        ->type_name("FILE");
    issue->add_option("--usage", command_.usage, "Extended key usage: both, client or server")
        ->transform(CLI::CheckedTransformer(std::vector<std::pair<std::string, Extended>>{
            {"both", Extended::both}, {"client", Extended::client}, {"server", Extended::server}}));
    validity(issue, certificate_days_default);

    CLI::App* revoke =
        verb(*pki, "revoke", Verb::pki_revoke, "Put a certificate on the revocation list",
             "bivouac pki revoke pki alpha");
    revoke->add_option("dir", command_.directory, "Folder of the PKI")->required();
    revoke->add_option("name", command_.name, "The NAME that it was issued under")->required();

    CLI::App* request = verb(*pki, "request", Verb::pki_request,
                             "Make a key on this device, and the request to certify it",
                             "bivouac pki request --system sip:bravo.example --out bravo");
    request->add_option("--system", command_.system, "MC system ID")
        ->required()
        ->transform(system_id());
    request->add_option("--out", command_.name, "Writes NAME.key and NAME.csr")
        ->required()
        ->type_name("NAME");
  }

  CLI::App app_;
  Command command_;
};

}  // namespace

std::expected<Command, int> parse_command_line(const std::vector<std::string>& arguments) {
  return CommandLine().parse(arguments);
}

}  // namespace bivouac::firmware::cli
