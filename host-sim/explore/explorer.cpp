// SPDX-License-Identifier: Apache-2.0
#include "host-sim/explore/explorer.h"

#include <algorithm>
#include <deque>
#include <unordered_set>

#include "host-sim/explore/explored_world.h"
#include "host-sim/soak/guarded.h"

namespace bivouac::sim {
namespace {

constexpr std::uint64_t states_between_reports = 5'000;

class Explorer {
 public:
  Explorer(const Scenario& scenario, const ExploreOptions& options,
           const std::function<void(const Explored&)>& progress)
      : scenario_(scenario), options_(options), progress_(progress) {}

  Explored run() {
    result_.exhaustive = true;
    search();
    if (!result_.violation.empty()) find_shortest();
    return result_;
  }

 private:
  using Path = std::vector<Choice>;

  /// A world at the end of this path; null when a rule of our own broke on the way.
  std::unique_ptr<ExploredWorld> at(const Path& path, std::string& violation) const {
    auto world = std::make_unique<ExploredWorld>(scenario_, options_);
    violation = guarded([&] {
      for (const Choice& choice : path) world->take(choice);
    });
    if (violation.empty()) violation = world->violation();
    return world;
  }

  /// Depth first. Only the choices of the states on the present path are kept.
  void search() {
    struct Open {
      std::vector<Choice> choices;
      std::size_t next = 0;
    };
    std::vector<Open> open;
    Path path;
    std::string violation;
    auto world = at(path, violation);
    bool is_there = true;  // `world` is at the end of `path`
    if (!violation.empty()) return report(violation, world);
    if (is_new(*world)) open.push_back({world->choices(), 0});
    while (!open.empty() && result_.violation.empty()) {
      Open& here = open.back();
      if (here.next == here.choices.size()) {
        open.pop_back();
        if (!path.empty()) path.pop_back();
        is_there = false;
        continue;
      }
      const Choice choice = here.choices[here.next++];
      if (!std::exchange(is_there, true)) world = at(path, violation);
      path.push_back(choice);
      violation = guarded([&] { world->take(choice); });
      if (violation.empty()) violation = world->violation();
      ++result_.transitions;
      if (!violation.empty()) return report(violation, world);
      std::vector<Choice> next;
      if (path.size() > options_.depth_max || result_.states >= options_.states_max) {
        result_.exhaustive = false;
      } else if (is_new(*world)) {
        result_.depth = std::max<std::uint64_t>(result_.depth, path.size());
        next = world->choices();
        if (next.empty()) {
          violation = end(*world);
          if (!violation.empty()) return report(violation, world);
          is_there = false;
        }
      }
      open.push_back({std::move(next), 0});
    }
  }

  bool is_new(const ExploredWorld& world) {
    if (!known_.insert(world.fingerprint()).second) return false;
    if (++result_.states % states_between_reports == 0) progress_(result_);
    return true;
  }

  std::string end(ExploredWorld& world) {
    ++result_.ends;
    const std::string broken = guarded([&] { world.come_to_rest(); });
    return broken.empty() ? world.violation() : broken;
  }

  void report(const std::string& violation, std::unique_ptr<ExploredWorld>& world) {
    result_.violation = violation;
    result_.exhaustive = false;
    result_.trace = Scenario{scenario_.declarations, world->path(), {}, {}};
    // After a broken rule it is in no state to be taken apart.
    if (is_broken_rule(violation)) static_cast<void>(world.release());
  }

  /// Breadth first, up to the first violation.
  void find_shortest() {
    known_.clear();
    std::deque<Path> waiting{Path{}};
    std::string violation;
    while (!waiting.empty() && known_.size() < options_.states_max) {
      const Path path = std::move(waiting.front());
      waiting.pop_front();
      auto world = at(path, violation);
      if (!violation.empty()) return report(violation, world);
      if (!known_.insert(world->fingerprint()).second) continue;
      const std::vector<Choice> choices = world->choices();
      if (choices.empty()) violation = end(*world);
      if (!violation.empty()) return report(violation, world);
      for (const Choice& choice : choices) {
        waiting.push_back(path);
        waiting.back().push_back(choice);
      }
    }
  }

  const Scenario& scenario_;
  const ExploreOptions& options_;
  const std::function<void(const Explored&)>& progress_;
  std::unordered_set<std::uint64_t> known_;
  Explored result_;
};

}  // namespace

Explored explore(const Scenario& scenario, const ExploreOptions& options,
                 const std::function<void(const Explored&)>& progress) {
  return Explorer(scenario, options, progress).run();
}

}  // namespace bivouac::sim
