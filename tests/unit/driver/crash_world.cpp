// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/driver/crash_world.h"

#include <algorithm>
#include <stdexcept>

#include "core/base/limits.h"
#include "core/store/batch.h"

namespace bivouac::test {

CrashNode::CrashNode(CrashWorld& world, engine::Configuration configuration)
    : world_(world),
      configuration_(std::make_shared<const engine::Configuration>(std::move(configuration))) {}

store::Table CrashNode::recovered() const {
  store::Table table;
  for (const Bytes& batch : durable_) {
    const auto mutations = store::decode_batch(batch);
    for (const store::Mutation& mutation : mutations.value()) table.apply(mutation);
  }
  return table;
}

void CrashNode::start() {
  is_dead_ = false;
  under_way_.reset();
  deadline_ = MonoMs::never();
  table_ = std::make_unique<store::Table>(recovered());
  gateway_ = std::make_unique<node::Gateway>(configuration_);
  group_commit_ = std::make_unique<driver::GroupCommit>(*gateway_, *table_, *this, *this, *this);
  engine::Boot boot;
  boot.entropy[0] = 0x1000 + world_.next_connection_++;
  boot.entropy[1] = 0x2000 + world_.next_connection_++;
  event(boot);
}

void CrashNode::event(const engine::Event& event) {
  if (is_dead_) return;
  group_commit_->on_event(world_.now_, event);
  group_commit_->flush();
}

void CrashNode::commit(Bytes batch) {
  const bool had_power = !is_dead_;
  if (!world_.meet_port_call(*this)) {
    if (had_power && world_.batch_survives) durable_.push_back(std::move(batch));
    return;
  }
  under_way_ = std::move(batch);
}

void CrashNode::release(const engine::Outgoing& outgoing) {
  const bool had_power = !is_dead_;
  if (!world_.meet_port_call(*this)) {
    if (had_power && world_.batch_survives && under_way_) durable_.push_back(*under_way_);
    return;
  }
  const std::size_t end = this == world_.nodes_[0].get() ? 0 : 1;
  switch (outgoing.kind) {
    case engine::Outgoing::Kind::send:
      if (world_.on_leaving) world_.on_leaving(*this, outgoing.connection, *outgoing.frame);
      if (outgoing.connection == world_.operator_connection_) world_.answer_ = *outgoing.frame;
      if (outgoing.connection == world_.link_[end]) {
        auto& to = world_.incoming_[1 - end];
        to.insert(to.end(), outgoing.frame->begin(), outgoing.frame->end());
      }
      return;
    case engine::Outgoing::Kind::close:
      if (outgoing.connection == world_.link_[end]) world_.drop_link();
      return;
    case engine::Outgoing::Kind::dial: world_.dial(*this); return;
  }
}

CrashWorld::CrashWorld(engine::Configuration a, engine::Configuration b) {
  nodes_[0] = std::make_unique<CrashNode>(*this, std::move(a));
  nodes_[1] = std::make_unique<CrashNode>(*this, std::move(b));
}

bool CrashWorld::meet_port_call(CrashNode& node) {
  if (node.is_dead_) return false;
  if (++port_calls != crash_at) return true;
  node.is_dead_ = has_crashed = true;
  return false;
}

void CrashWorld::drop_link() {
  for (std::size_t i = 0; i < 2; ++i) {
    incoming_[i].clear();
    const ConnectionId gone = link_[i];
    link_[i] = {};
    if (gone.is_set())
      soon_.push_back([this, i, gone] { nodes_[i]->event(engine::PeerDown{gone}); });
  }
}

void CrashWorld::dial(CrashNode& from) {
  CrashNode& to = other(from);
  if (to.is_dead_ || link_[0].is_set()) {
    soon_.push_back([&from, &to] { from.event(engine::DialFailed{to.id()}); });
    return;
  }
  for (std::size_t i = 0; i < 2; ++i) {
    const ConnectionId up{next_connection_++};
    link_[i] = up;
    CrashNode& node = *nodes_[i];
    const bool dialled = &node == &from;
    soon_.push_back(
        [this, &node, up, dialled] { node.event(engine::PeerUp{up, other(node).id(), dialled}); });
  }
}

void CrashWorld::restart(CrashNode& node) {
  drop_link();
  operator_connection_ = {};
  node.start();
}

bool CrashWorld::move_once() {
  for (const auto& node : nodes_) {
    if (node->is_dead_) return restart(*node), true;
  }
  if (!soon_.empty()) {
    const auto first = soon_.front();
    soon_.erase(soon_.begin());
    first();
    return true;
  }
  for (std::size_t i = 0; i < 2; ++i) {
    CrashNode& node = *nodes_[i];
    if (!incoming_[i].empty() && node.group_commit_->may_accept()) {
      const std::size_t count = std::min(incoming_[i].size(), limits::connection_buffer_bytes);
      const auto end = incoming_[i].begin() + static_cast<std::ptrdiff_t>(count);
      const Bytes bytes(incoming_[i].begin(), end);
      incoming_[i].erase(incoming_[i].begin(), end);
      node.event(engine::BytesIn{link_[i], bytes});
      return true;
    }
    if (node.under_way_) {
      // Durable, and then told: the power may go between the two.
      Bytes batch = *std::exchange(node.under_way_, std::nullopt);
      if (meet_port_call(node)) {
        node.durable_.push_back(std::move(batch));
        node.group_commit_->on_committed(driver::GroupCommit::Outcome::committed);
      } else if (batch_survives) {
        node.durable_.push_back(std::move(batch));
      }
      return true;
    }
    if (node.deadline_ <= now_.mono) {
      node.deadline_ = MonoMs::never();
      node.event(engine::Tick{});
      return true;
    }
  }
  return false;
}

void CrashWorld::settle() {
  for (int i = 0; i < 100'000; ++i) {
    if (!move_once()) return;
  }
  throw std::logic_error("the nodes do not come to rest");
}

void CrashWorld::pass(DurationMs duration) {
  const MonoMs end = now_.mono + duration;
  settle();
  while (now_.mono < end) {
    MonoMs next = end;
    for (const auto& node : nodes_) next = std::min(next, node->deadline_);
    now_.wall.ms += next.ms - now_.mono.ms;
    now_.mono = next;
    settle();
  }
}

Bytes CrashWorld::ask(CrashNode& node, const Bytes& frame) {
  const Bytes body(frame.begin() + limits::frame_header_bytes, frame.end());
  for (int attempt = 0; attempt < 5; ++attempt) {
    answer_.clear();
    operator_connection_ = {next_connection_++};
    node.event(engine::OperatorRequest{operator_connection_, body, nullptr});
    for (int i = 0; i < 20 && answer_.empty() && operator_connection_.is_set(); ++i) pass({1'000});
    if (!answer_.empty()) return answer_;
  }
  throw std::logic_error("an operator's request is never answered");
}

}  // namespace bivouac::test
