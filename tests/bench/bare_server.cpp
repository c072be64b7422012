// SPDX-License-Identifier: Apache-2.0
// The ceiling: the least that a server behind mutual TLS can be, libuv and mbedTLS and nothing
// else. It answers so many bytes with so many bytes:
//   echo      at once, all answers to a connection in one record and one write
//   durable   the same after one append and one fdatasync for each turn of the loop
//   fan-out   what the first connection sends goes to all others, whose answers are only counted
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_ciphersuites.h>
#include <mbedtls/x509_crl.h>
#include <mbedtls/x509_crt.h>
#include <psa/crypto.h>
#include <unistd.h>
#include <uv.h>

namespace {

enum class Mode { echo, durable, fan_out };

struct Client {
  uv_tcp_t tcp{};
  mbedtls_ssl_context ssl{};
  const unsigned char* in = nullptr;  // ciphertext of this read that is not taken yet
  std::size_t in_bytes = 0;
  std::vector<unsigned char> out;  // ciphertext
  std::size_t asked_bytes = 0;     // of a request that is not whole yet
  std::size_t answers = 0;         // due, not written yet
  bool is_open = false;
  bool is_closing = false;
  bool is_due = false;  // in Server::due
};

struct Server {
  Mode mode = Mode::echo;
  std::size_t request_bytes = 0;
  std::size_t answer_bytes = 0;
  int file = -1;
  uv_loop_t* loop = uv_default_loop();
  uv_tcp_t listener{};
  uv_prepare_t prepare{};
  mbedtls_x509_crt own{};
  mbedtls_x509_crt authority{};
  mbedtls_x509_crl revoked{};
  mbedtls_pk_context key{};
  mbedtls_ssl_config config{};
  std::vector<Client*> clients;
  std::vector<Client*> due;             // have answers to be written
  std::vector<unsigned char> appended;  // requests of this turn
  std::vector<unsigned char> answer;    // as much as one record holds
  std::vector<char> read_buffer = std::vector<char>(64 * 1024);
  std::vector<unsigned char> plain = std::vector<unsigned char>(16 * 1024);
};

Server server;

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "bare_server: %s\n", what);
  std::exit(1);
}

int random_bytes(void* /*unused*/, unsigned char* out, std::size_t size) {
  return psa_generate_random(out, size) == PSA_SUCCESS ? 0 : -1;
}

int take_ciphertext(void* self, unsigned char* out, std::size_t size) {
  auto* client = static_cast<Client*>(self);
  if (client->in_bytes == 0) return MBEDTLS_ERR_SSL_WANT_READ;
  const std::size_t count = std::min(size, client->in_bytes);
  std::memcpy(out, client->in, count);
  client->in += count;
  client->in_bytes -= count;
  return static_cast<int>(count);
}

int give_ciphertext(void* self, const unsigned char* bytes, std::size_t size) {
  auto* client = static_cast<Client*>(self);
  client->out.insert(client->out.end(), bytes, bytes + size);
  return static_cast<int>(size);
}

void close_client(Client* client) {
  if (client->is_closing) return;
  client->is_closing = true;
  std::erase(server.clients, client);
  std::erase(server.due, client);
  uv_close(reinterpret_cast<uv_handle_t*>(&client->tcp), [](uv_handle_t* handle) {
    auto* gone = static_cast<Client*>(handle->data);
    mbedtls_ssl_free(&gone->ssl);
    delete gone;
  });
}

struct Write {
  uv_write_t request{};
  std::vector<unsigned char> bytes;
};

void flush(Client* client) {
  if (client->out.empty() || client->is_closing) return;
  auto* stream = reinterpret_cast<uv_stream_t*>(&client->tcp);
  uv_buf_t buffer = uv_buf_init(reinterpret_cast<char*>(client->out.data()),
                                static_cast<unsigned>(client->out.size()));
  int count = uv_try_write(stream, &buffer, 1);
  if (count == UV_EAGAIN) count = 0;
  if (count < 0) return close_client(client);
  client->out.erase(client->out.begin(), client->out.begin() + count);
  if (client->out.empty()) return;
  auto* write = new Write;
  write->bytes.swap(client->out);
  write->request.data = write;
  buffer = uv_buf_init(reinterpret_cast<char*>(write->bytes.data()),
                       static_cast<unsigned>(write->bytes.size()));
  uv_write(&write->request, stream, &buffer, 1,
           [](uv_write_t* request, int) { delete static_cast<Write*>(request->data); });
}

void write_answers(Client* client) {
  client->is_due = false;
  std::size_t left = std::exchange(client->answers, 0) * server.answer_bytes;
  while (left > 0) {
    const int count =
        mbedtls_ssl_write(&client->ssl, server.answer.data(), std::min(left, server.answer.size()));
    if (count <= 0) return close_client(client);
    left -= static_cast<std::size_t>(count);
  }
  flush(client);
}

void owe(Client* client, std::size_t answers) {
  client->answers += answers;
  if (client->is_due) return;
  client->is_due = true;
  server.due.push_back(client);
}

/// All that is due, after what was asked in this turn is on the disk.
void end_of_turn(uv_prepare_t* /*unused*/) {
  if (server.due.empty()) return;
  if (server.mode == Mode::durable) {
    const ssize_t written = write(server.file, server.appended.data(), server.appended.size());
    if (written != static_cast<ssize_t>(server.appended.size()) || fdatasync(server.file) != 0)
      fail("cannot append");
    server.appended.clear();
  }
  const std::vector<Client*> due = std::exchange(server.due, {});
  for (Client* client : due) write_answers(client);
}

void on_plain(Client* client, std::size_t count) {
  if (server.mode == Mode::durable) {
    server.appended.insert(server.appended.end(), server.plain.begin(),
                           server.plain.begin() + static_cast<std::ptrdiff_t>(count));
  }
  client->asked_bytes += count;
  const std::size_t requests = client->asked_bytes / server.request_bytes;
  client->asked_bytes %= server.request_bytes;
  if (requests == 0) return;
  if (server.mode != Mode::fan_out) return owe(client, requests);
  if (client != server.clients.front()) return;
  for (Client* other : server.clients) {
    if (other != client && other->is_open) owe(other, requests);
  }
}

void read_plain(Client* client) {
  for (;;) {
    const int count = mbedtls_ssl_read(&client->ssl, server.plain.data(), server.plain.size());
    if (count == MBEDTLS_ERR_SSL_WANT_READ) break;
    if (count <= 0) return close_client(client);
    on_plain(client, static_cast<std::size_t>(count));
  }
  if (server.mode == Mode::echo && client->is_due) {
    std::erase(server.due, client);
    write_answers(client);
  }
}

void on_read(uv_stream_t* stream, ssize_t count, const uv_buf_t* buffer) {
  auto* client = static_cast<Client*>(stream->data);
  if (count < 0) return close_client(client);
  client->in = reinterpret_cast<const unsigned char*>(buffer->base);
  client->in_bytes = static_cast<std::size_t>(count);
  if (!client->is_open) {
    const int code = mbedtls_ssl_handshake(&client->ssl);
    flush(client);
    if (code == MBEDTLS_ERR_SSL_WANT_READ) return;
    if (code != 0) return close_client(client);
    client->is_open = true;
  }
  if (!client->is_closing) read_plain(client);
}

void on_alloc(uv_handle_t* /*unused*/, std::size_t /*unused*/, uv_buf_t* buffer) {
  *buffer =
      uv_buf_init(server.read_buffer.data(), static_cast<unsigned>(server.read_buffer.size()));
}

void on_connection(uv_stream_t* listener, int status) {
  if (status != 0) return;
  auto* client = new Client;
  uv_tcp_init(server.loop, &client->tcp);
  client->tcp.data = client;
  mbedtls_ssl_init(&client->ssl);
  if (mbedtls_ssl_setup(&client->ssl, &server.config) != 0) fail("no memory");
  mbedtls_ssl_set_bio(&client->ssl, client, give_ciphertext, take_ciphertext, nullptr);
  server.clients.push_back(client);
  if (uv_accept(listener, reinterpret_cast<uv_stream_t*>(&client->tcp)) != 0)
    return close_client(client);
  uv_tcp_nodelay(&client->tcp, 1);
  uv_read_start(reinterpret_cast<uv_stream_t*>(&client->tcp), on_alloc, on_read);
}

constexpr int cipher_suites[] = {MBEDTLS_TLS1_3_CHACHA20_POLY1305_SHA256, 0};

/// As the gateway has it: mutual, revocation lists, no session tickets.
void set_up_tls(const std::string& folder) {
  mbedtls_x509_crt_init(&server.own);
  mbedtls_x509_crt_init(&server.authority);
  mbedtls_x509_crl_init(&server.revoked);
  mbedtls_pk_init(&server.key);
  mbedtls_ssl_config_init(&server.config);
  if (psa_crypto_init() != PSA_SUCCESS) fail("no randomness");
  if (mbedtls_x509_crt_parse_file(&server.own, (folder + "/alpha.crt").c_str()) != 0 ||
      mbedtls_x509_crt_parse_file(&server.authority, (folder + "/ca.crt").c_str()) != 0 ||
      mbedtls_x509_crl_parse_file(&server.revoked, (folder + "/ca.crl").c_str()) != 0 ||
      mbedtls_pk_parse_keyfile(&server.key, (folder + "/alpha.key").c_str(), nullptr, random_bytes,
                               nullptr) != 0)
    fail("cannot read the certificates");
  mbedtls_ssl_config* config = &server.config;
  if (mbedtls_ssl_config_defaults(config, MBEDTLS_SSL_IS_SERVER, MBEDTLS_SSL_TRANSPORT_STREAM,
                                  MBEDTLS_SSL_PRESET_DEFAULT) != 0 ||
      mbedtls_ssl_conf_own_cert(config, &server.own, &server.key) != 0)
    fail("cannot set up TLS");
  mbedtls_ssl_conf_min_tls_version(config, MBEDTLS_SSL_VERSION_TLS1_3);
  mbedtls_ssl_conf_authmode(config, MBEDTLS_SSL_VERIFY_REQUIRED);
  mbedtls_ssl_conf_rng(config, random_bytes, nullptr);
  mbedtls_ssl_conf_ciphersuites(config, cipher_suites);
  mbedtls_ssl_conf_ca_chain(config, &server.authority, &server.revoked);
  mbedtls_ssl_conf_tls13_key_exchange_modes(config, MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_EPHEMERAL);
  mbedtls_ssl_conf_session_tickets(config, MBEDTLS_SSL_SESSION_TICKETS_DISABLED);
}

void listen_on(int port) {
  sockaddr_in address{};
  uv_ip4_addr("127.0.0.1", port, &address);
  uv_tcp_init(server.loop, &server.listener);
  if (uv_tcp_bind(&server.listener, reinterpret_cast<const sockaddr*>(&address), 0) != 0 ||
      uv_listen(reinterpret_cast<uv_stream_t*>(&server.listener), 511, on_connection) != 0)
    fail("cannot listen");
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 7)
    fail("usage: bare_server echo|durable|fan-out PORT PKI-FOLDER REQUEST-BYTES ANSWER-BYTES FILE");
  const std::string mode = arguments[1];
  server.mode = mode == "durable" ? Mode::durable : mode == "echo" ? Mode::echo : Mode::fan_out;
  server.request_bytes = std::strtoul(arguments[4], nullptr, 10);
  server.answer_bytes = std::strtoul(arguments[5], nullptr, 10);
  if (server.request_bytes == 0 || server.answer_bytes == 0) fail("sizes are numbers above 0");
  server.answer.assign(
      std::max<std::size_t>(1, 16 * 1024 / server.answer_bytes) * server.answer_bytes, 'a');
  if (server.mode == Mode::durable) {
    server.file = open(arguments[6], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (server.file < 0) fail("cannot open the file");
  }
  set_up_tls(arguments[3]);
  listen_on(static_cast<int>(std::strtol(arguments[2], nullptr, 10)));
  uv_prepare_init(server.loop, &server.prepare);
  uv_prepare_start(&server.prepare, end_of_turn);
  return uv_run(server.loop, UV_RUN_DEFAULT);
}
