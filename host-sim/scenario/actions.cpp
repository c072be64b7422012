// SPDX-License-Identifier: Apache-2.0
// What each verb of a scenario does to the world.
#include <algorithm>

#include "core/wire/operator_message.h"
#include "host-sim/scenario/runner.h"
#include "host-sim/scenario/settings.h"
#include "host-sim/scenario/setup.h"
#include "host-sim/scenario/words.h"

namespace bivouac::sim {

const Runner::Action Runner::actions[] = {
    {Verb::start, &Runner::start},
    {Verb::start_all, &Runner::start},
    {Verb::stop, &Runner::life},
    {Verb::restart, &Runner::life},
    {Verb::crash, &Runner::crash},
    {Verb::crash_in_commit, &Runner::crash_in_commit},
    {Verb::crash_in_next_commit, &Runner::crash_in_commit},
    {Verb::reload_policy, &Runner::reload},
    {Verb::reload_overlay, &Runner::reload},
    {Verb::reload_no_overlay, &Runner::reload},
    {Verb::reload_without, &Runner::reload},
    {Verb::reload_with, &Runner::reload},
    {Verb::lose_store, &Runner::store},
    {Verb::damage_store, &Runner::store},
    {Verb::lose_sealing_key, &Runner::store},
    {Verb::disk, &Runner::disk},
    {Verb::fail_commit, &Runner::disk},
    {Verb::space_low, &Runner::disk},
    {Verb::space_back, &Runner::disk},
    {Verb::clock_jumps, &Runner::clock},
    {Verb::clock_lost, &Runner::clock},
    {Verb::clock_set, &Runner::clock},
    {Verb::certificate_expires, &Runner::certificate},
    {Verb::certificate_renewed, &Runner::certificate},
    {Verb::path, &Runner::network},
    {Verb::cut, &Runner::network},
    {Verb::heal, &Runner::network},
    {Verb::heal_all, &Runner::network},
    {Verb::block, &Runner::network},
    {Verb::unblock, &Runner::network},
    {Verb::cut_after_bytes, &Runner::network},
    {Verb::import, &Runner::ask},
    {Verb::remove, &Runner::ask},
    {Verb::push, &Runner::ask},
    {Verb::fetch, &Runner::ask},
    {Verb::subscribe, &Runner::ask},
    {Verb::unsubscribe, &Runner::ask},
    {Verb::import_user, &Runner::ask_about_user},
    {Verb::remove_user, &Runner::ask_about_user},
    {Verb::client_logs_on, &Runner::client},
    {Verb::client_logs_off, &Runner::client},
    {Verb::client_subscribes, &Runner::client},
    {Verb::client_unsubscribes, &Runner::client},
    {Verb::client_gets, &Runner::client},
    {Verb::client_affiliates, &Runner::client},
    {Verb::client_deaffiliates, &Runner::client},
    {Verb::client_deaffiliates_all, &Runner::client},
    {Verb::client_watches, &Runner::client},
    {Verb::client_unwatches, &Runner::client},
    {Verb::client_restarts, &Runner::client},
    {Verb::cut_client, &Runner::client_network},
    {Verb::heal_client, &Runner::client_network},
    {Verb::import_keys, &Runner::ask_about_keys},
    {Verb::remove_keys, &Runner::ask_about_keys},
    {Verb::happens, &Runner::happens},
    {Verb::wait, &Runner::time},
    {Verb::count_anew, &Runner::time},
};

void Runner::act(const Statement& one) {
  const auto* found = std::ranges::find(actions, one.verb, &Action::verb);
  if (found != std::end(actions)) (this->*found->act)(one);
}

System& Runner::system(const Statement& one) { return world_.at(full_identity(one.system)); }
System& Runner::client_of(const Statement& one) {
  return *world_.find_client(full_client(one.client));
}
System& Runner::other(const Statement& one) { return world_.at(full_identity(one.other)); }

// ---- life

void Runner::start(const Statement& one) {
  if (one.verb == Verb::start_all) {
    for (const auto& each : world_.systems()) {
      if (!each->is_up()) world_.start(*each);
    }
    return;
  }
  System& starting = system(one);
  if (!starting.is_up()) return world_.start(starting);
  // A crash that was not in the scenario has brought it up again.
  if (!options_.crash) fail(one, one.system + " is up already");
}

void Runner::life(const Statement& one) {
  if (one.verb == Verb::stop) return world_.stop(system(one));
  world_.restart_after(system(one), one.duration);
}

void Runner::crash(const Statement& one) { world_.crash(system(one), one.how, one.batch_survives); }

void Runner::crash_in_commit(const Statement& one) {
  if (options_.crash) return;  // one planned crash at a time
  const std::uint64_t commit =
      one.verb == Verb::crash_in_commit ? one.count : system(one).commits() + 1;
  world_.crash_in_commit(
      {full_identity(one.system), commit, one.batch_survives, one.how, one.duration});
}

void Runner::reload(const Statement& one) {
  System& reloading = system(one);
  engine::Configuration configuration = reloading.configuration();
  change(scenario_, one, configuration);
  world_.reload(reloading, std::move(configuration));
}

bool Runner::require_down(const Statement& one) {
  System& needed = system(one);
  if (!needed.is_up()) return true;
  if (!options_.crash) {
    fail(one, one.system + " is up: stop, kill or power-cut it first");
    return false;
  }
  world_.crash(needed, Down::power_cut, false);
  return true;
}

// ---- the box

void Runner::store(const Statement& one) {
  if (!require_down(one)) return;
  if (one.verb == Verb::lose_store) return world_.lose_store(system(one));
  if (one.verb == Verb::lose_sealing_key) return world_.lose_sealing_key(system(one));
  world_.damage_store(system(one));
}

void Runner::disk(const Statement& one) {
  if (one.verb == Verb::fail_commit) return world_.fail_next_commit(system(one));
  if (one.verb != Verb::disk) {
    return world_.set_space_low(system(one), one.verb == Verb::space_low);
  }
  DiskConditions conditions = system(one).disk().conditions;
  apply_all(one.settings, conditions);
  world_.set_disk(system(one), conditions);
}

void Runner::clock(const Statement& one) {
  if (one.verb == Verb::clock_jumps) return world_.jump_clock(system(one), one.duration.ms);
  if (one.verb == Verb::clock_set) return world_.set_clock(system(one));
  if (require_down(one)) world_.lose_clock(system(one));
}

void Runner::certificate(const Statement& one) {
  if (one.verb == Verb::certificate_expires) return world_.expire_certificate(system(one));
  world_.renew_certificate(system(one));
}

// ---- the network

void Runner::network(const Statement& one) {
  Network& network = world_.network();
  if (one.verb == Verb::heal_all) return network.heal_all();
  System& a = system(one);
  System& b = other(one);
  if (one.verb == Verb::cut) return network.cut(a, b);
  if (one.verb == Verb::heal) return network.heal(a, b);
  if (one.verb == Verb::block) return network.block(a, b);
  if (one.verb == Verb::unblock) return network.unblock(a, b);
  if (one.verb == Verb::cut_after_bytes) {
    return network.cut_after(a, b, static_cast<std::size_t>(one.count));
  }
  PathConditions conditions = network.conditions;
  apply_all(one.settings, conditions);
  network.set_conditions(a, b, conditions);
}

// ---- operators and time

void Runner::ask(const Statement& one) {
  const std::string group_id = full_identity(one.group);
  Bytes frame;
  if (one.verb == Verb::import) {
    GroupConfiguration& group = groups_[one.group];
    apply_all(one.settings, group);
    frame = wire::build_group_import_request(group);
  } else if (one.verb == Verb::remove) {
    frame = wire::build_group_remove_request(group_id);
  } else if (one.verb == Verb::push) {
    const std::string to = one.other.empty() ? "" : full_identity(one.other);
    frame = wire::build_group_push_request(group_id, to);
  } else if (one.verb == Verb::subscribe) {
    frame = wire::build_group_subscribe_request(group_id, 0);
  } else if (one.verb == Verb::unsubscribe) {
    frame = wire::build_group_unsubscribe_request(group_id);
  } else {
    Services services;
    for (const Service service : all_services) {
      if (name(service) == one.word) services = Services::of(service);
    }
    frame = wire::build_group_fetch_request(group_id, services);
  }
  operators_.ask(system(one), std::move(frame));
}

void Runner::ask_about_user(const Statement& one) {
  if (one.verb == Verb::remove_user) {
    return operators_.ask(system(one), wire::build_user_remove_request(full_identity(one.user)));
  }
  UserProfile& profile = users_[one.user];
  apply_all(one.settings, profile);
  operators_.ask(system(one), wire::build_user_import_request(profile));
}

/// A client is switched on by the first thing that its user wants of it.
void Runner::client(const Statement& one) {
  System& its = client_of(one);
  if (one.verb == Verb::client_restarts) return world_.restart_client(its);
  if (!its.is_up()) world_.start(its);
  const std::string group = full_identity(one.group);
  const std::string user = full_identity(one.user);
  std::vector<std::string> groups;
  for (const std::string& name : split_list(one.group)) groups.push_back(full_identity(name));
  its.wish([&](client::McServiceClient& client, Now now, engine::Effects& effects) {
    if (one.verb == Verb::client_logs_on) client.log_on(now, effects);
    if (one.verb == Verb::client_logs_off) client.log_off(now, effects);
    if (one.verb == Verb::client_subscribes) client.subscribe(now, effects, group);
    if (one.verb == Verb::client_unsubscribes) client.unsubscribe(now, effects, group);
    if (one.verb == Verb::client_gets) client.get(now, effects, group);
    if (one.verb == Verb::client_affiliates) client.affiliate(now, effects, groups);
    if (one.verb == Verb::client_deaffiliates) client.deaffiliate(now, effects, groups);
    if (one.verb == Verb::client_deaffiliates_all)
      client.deaffiliate(now, effects, groups, DeaffiliationScope::all_clients);
    if (one.verb == Verb::client_watches) client.watch_affiliations(now, effects, user);
    if (one.verb == Verb::client_unwatches) client.unwatch_affiliations(now, effects, user);
  });
}

void Runner::client_network(const Statement& one) {
  if (one.verb == Verb::cut_client) return world_.network().cut(client_of(one), system(one));
  world_.network().heal(client_of(one), system(one));
}

void Runner::ask_about_keys(const Statement& one) {
  const std::string group_id = full_identity(one.group);
  KeyChoice choice;
  apply_all(one.settings, choice);
  operators_.ask(system(one), one.verb == Verb::import_keys
                                  ? wire::build_group_keys_import_request(
                                        group_id, declared_keys(scenario_, one.group, choice))
                                  : wire::build_group_keys_remove_request(group_id, {choice.gmk}));
}

void Runner::time(const Statement& one) {
  if (one.verb == Verb::wait) return advance(world_.now() + one.duration);
  ledger_.count_anew();
}

/// The earliest pending event of this kind and number, before everything else that is pending.
void Runner::happens(const Statement& one) {
  const auto& entries = world_.schedule().entries();
  const auto found = std::ranges::find_if(entries, [&](const auto& entry) {
    return name(entry.second.kind) == one.word && entry.second.subject == one.count;
  });
  if (found == entries.end()) return fail(one, "no such event is pending");
  world_.run(found);
}

}  // namespace bivouac::sim
