// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/runtime_bench.h"

#include <algorithm>
#include <chrono>

#include "firmware/platform/clock_trust.h"
#include "firmware/platform/logger.h"

namespace bivouac::test {

namespace {
std::mutex log_mutex;
std::string log_text;
}  // namespace

void PretendedStore::answer(What what) {
  threads_.emplace_back([this, what] {
    {
      const std::scoped_lock lock(mutex_);
      answers_.push_back(what);
    }
    wake_();
  });
}

void PretendedStore::collect(Listener& listener) {
  std::vector<What> answers;
  {
    const std::scoped_lock lock(mutex_);
    answers.swap(answers_);
  }
  for (const What what : answers) {
    switch (what) {
      case What::pong: listener.on_pong(); break;
      case What::broken: listener.on_failed(); break;
      case What::committed:
      case What::failed: ++commits; listener.on_committed(what == What::committed);
    }
  }
}

Daemon::Daemon(const Folder& folder, const TrialPki& pki, const std::string& name) {
  configuration.system_id = "sip:" + name + ".example";
  options.credentials = pki.load(folder, name, pki.issue(configuration.system_id));
  options.listen = {{"127.0.0.1", 0}};
  options.clock = firmware::ClockTrust::Mode::trusted;
}

void Daemon::add_partner(const std::string& name, const std::string& address) {
  engine::Partner partner;
  partner.system_id = "sip:" + name + ".example";
  if (!address.empty()) partner.addresses = {address};
  configuration.partners.push_back(std::move(partner));
}

void Daemon::prepare() {
  options.configuration = std::make_shared<const engine::Configuration>(configuration);
  runtime_ = std::make_unique<firmware::Runtime>(options);
  if (auto bound = runtime_->bind(); !bound) throw std::runtime_error(bound.error());
  port = runtime_->ports().at(0);
}

void Daemon::start() {
  if (runtime_ == nullptr) prepare();
  thread_ = std::thread([this] {
    store::Table table;
    node::Gateway gateway(options.configuration);
    driver::GroupCommit commit(gateway, table, store, runtime_->outbox(), runtime_->alarm());
    code_ = runtime_->run(gateway, commit, store, {});
    ended = true;
  });
}

int Daemon::wait() {
  if (thread_.joinable()) thread_.join();
  return code_;
}

int Daemon::end() {
  if (runtime_ != nullptr && thread_.joinable()) runtime_->stop();
  return wait();
}

bool eventually(const std::function<bool()>& condition, std::int64_t within_ms) {
  const MonoMs end = firmware::monotonic_now() + DurationMs{within_ms};
  while (!condition()) {
    if (firmware::monotonic_now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

LogCapture::LogCapture() {
  const std::scoped_lock lock(log_mutex);
  log_text.clear();
  firmware::log::set_writer([](const std::string& line) {
    const std::scoped_lock inner(log_mutex);
    log_text += line;
  });
}

LogCapture::~LogCapture() { firmware::log::set_writer(nullptr); }

bool LogCapture::has(const std::string& part) {
  const std::scoped_lock lock(log_mutex);
  return log_text.find(part) != std::string::npos;
}

}  // namespace bivouac::test
