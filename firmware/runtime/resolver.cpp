// SPDX-License-Identifier: Apache-2.0
#include "firmware/runtime/resolver.h"

#include <cstring>
#include <memory>

#include <sys/stat.h>

namespace bivouac::firmware {

namespace {

constexpr int try_ms = 3'000;
constexpr int tries = 2;
constexpr std::uint64_t timer_ms = 250;
constexpr std::size_t addresses_max = 8;

struct Query {
  Resolver::Done done;
};

Resolver::Result collect(const ares_addrinfo& info) {
  std::vector<SocketAddress> found;
  for (const ares_addrinfo_node* node = info.nodes; node != nullptr && found.size() < addresses_max;
       node = node->ai_next) {
    if (node->ai_addrlen > sizeof(sockaddr_storage)) continue;
    SocketAddress address;
    std::memcpy(&address.storage, node->ai_addr, node->ai_addrlen);
    found.push_back(address);
  }
  if (found.empty()) return std::unexpected("the name has no address");
  return found;
}

}  // namespace

/// One socket of the library, watched by the loop.
struct Resolver::Watch {
  uv_poll_t handle{};
  Resolver* owner = nullptr;
  ares_socket_t socket = ARES_SOCKET_BAD;
};

Resolver::Resolver(uv_loop_t* loop) : loop_(loop), timer_(new uv_timer_t) {
  uv_timer_init(loop_, timer_);
  timer_->data = this;
  ares_library_init(ARES_LIB_INIT_ALL);
  ares_options options{};
  options.timeout = try_ms;
  options.tries = tries;
  options.sock_state_cb_data = this;
  options.sock_state_cb = [](void* self, ares_socket_t socket, int readable, int writable) {
    static_cast<Resolver*>(self)->on_socket(socket, readable != 0, writable != 0);
  };
  const int wanted = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB;
  if (ares_init_options(&channel_, &options, wanted) != ARES_SUCCESS) channel_ = nullptr;
}

Resolver::~Resolver() { ares_library_cleanup(); }

void Resolver::resolve(const std::string& host, std::uint16_t port, Done done) {
  if (const auto literal = parse_address(host, port)) return done(std::vector{*literal});
  if (channel_ == nullptr) return done(std::unexpected("the resolver could not start"));
  reread_name_servers();
  ares_addrinfo_hints hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = ARES_AI_NUMERICSERV;
  auto query = std::make_unique<Query>(Query{std::move(done)});
  ares_getaddrinfo(
      channel_, host.c_str(), std::to_string(port).c_str(), &hints,
      [](void* argument, int status, int, ares_addrinfo* info) {
        const std::unique_ptr<Query> finished(static_cast<Query*>(argument));
        if (status != ARES_SUCCESS || info == nullptr) {
          return finished->done(std::unexpected(ares_strerror(status)));
        }
        auto found = collect(*info);
        ares_freeaddrinfo(info);
        finished->done(std::move(found));
      },
      query.release());
  keep_time();
}

/// A new backhaul brings new name servers.
void Resolver::reread_name_servers() {
  struct stat status{};
  if (::stat("/etc/resolv.conf", &status) != 0) return;
  const std::int64_t changed = status.st_mtim.tv_sec * 1'000'000'000LL + status.st_mtim.tv_nsec;
  if (servers_changed_ns_ != 0 && servers_changed_ns_ != changed) ares_reinit(channel_);
  servers_changed_ns_ = changed;
}

void Resolver::on_socket(ares_socket_t socket, bool readable, bool writable) {
  const auto found = watches_.find(socket);
  if (!readable && !writable) {
    if (found == watches_.end()) return;
    uv_close(reinterpret_cast<uv_handle_t*>(&found->second->handle),
             [](uv_handle_t* handle) { delete static_cast<Watch*>(handle->data); });
    watches_.erase(found);
    return;
  }
  Watch* watch = found == watches_.end() ? nullptr : found->second;
  if (watch == nullptr) {
    auto made = std::make_unique<Watch>();
    if (uv_poll_init(loop_, &made->handle, socket) != 0) return;
    watch = made.release();
    watch->owner = this;
    watch->socket = socket;
    watch->handle.data = watch;
    watches_.emplace(socket, watch);
  }
  const int events = (readable ? UV_READABLE : 0) | (writable ? UV_WRITABLE : 0);
  uv_poll_start(&watch->handle, events, [](uv_poll_t* handle, int status, int ready) {
    const auto* one = static_cast<Watch*>(handle->data);
    Resolver* self = one->owner;
    const ares_socket_t fd = one->socket;
    const bool can_read = status != 0 || (ready & UV_READABLE) != 0;
    const bool can_write = status != 0 || (ready & UV_WRITABLE) != 0;
    ares_process_fd(self->channel_, can_read ? fd : ARES_SOCKET_BAD,
                    can_write ? fd : ARES_SOCKET_BAD);
    self->keep_time();
  });
}

/// The library has no timers of its own; it is asked while something is open.
void Resolver::keep_time() {
  if (channel_ == nullptr) return;
  if (ares_queue_active_queries(channel_) == 0) {
    uv_timer_stop(timer_);
  } else if (uv_is_active(reinterpret_cast<const uv_handle_t*>(timer_)) == 0) {
    uv_timer_start(
        timer_,
        [](uv_timer_t* timer) {
          auto* self = static_cast<Resolver*>(timer->data);
          ares_process_fd(self->channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
          self->keep_time();
        },
        timer_ms, timer_ms);
  }
}

void Resolver::close() {
  if (channel_ != nullptr) ares_destroy(channel_);
  channel_ = nullptr;
  if (timer_ != nullptr) {
    uv_close(reinterpret_cast<uv_handle_t*>(timer_), [](uv_handle_t* handle) {
      delete static_cast<uv_timer_t*>(static_cast<void*>(handle));
    });
  }
  timer_ = nullptr;
}

}  // namespace bivouac::firmware
