// SPDX-License-Identifier: Apache-2.0
#include "firmware/crypto/tls_session.h"

#include <algorithm>
#include <optional>

#include <mbedtls/error.h>
#include <mbedtls/platform_util.h>

#include "core/base/assert.h"
#include "firmware/crypto/certificate.h"
#include "firmware/crypto/peer_judge.h"
#include "firmware/platform/text.h"

namespace bivouac::firmware {

using engine::HandshakeFailure;

namespace {

/// What a record grows by: header, explicit nonce or content type, tag, padding.
constexpr std::size_t record_overhead_bytes = 64;

/// Names of the alerts that a peer sends when it does not like us (RFC 8446, section 6).
const char* alert_name(unsigned char alert) {
  switch (alert) {
    case MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE: return "handshake_failure";
    case MBEDTLS_SSL_ALERT_MSG_BAD_CERT: return "bad_certificate";
    case MBEDTLS_SSL_ALERT_MSG_UNSUPPORTED_CERT: return "unsupported_certificate";
    case MBEDTLS_SSL_ALERT_MSG_CERT_REVOKED: return "certificate_revoked";
    case MBEDTLS_SSL_ALERT_MSG_CERT_EXPIRED: return "certificate_expired";
    case MBEDTLS_SSL_ALERT_MSG_CERT_UNKNOWN: return "certificate_unknown";
    case MBEDTLS_SSL_ALERT_MSG_UNKNOWN_CA: return "unknown_ca";
    case MBEDTLS_SSL_ALERT_MSG_ACCESS_DENIED: return "access_denied";
    case MBEDTLS_SSL_ALERT_MSG_PROTOCOL_VERSION: return "protocol_version";
    case MBEDTLS_SSL_ALERT_MSG_INSUFFICIENT_SECURITY: return "insufficient_security";
    case MBEDTLS_SSL_ALERT_MSG_INTERNAL_ERROR: return "internal_error";
    case 116: return "certificate_required";
    default: return nullptr;
  }
}

void describe_chain(const mbedtls_x509_crt* first, PeerReport& report) {
  for (const mbedtls_x509_crt* one = first; one != nullptr; one = one->next) {
    report.chain.emplace_back(one->raw.p, one->raw.p + one->raw.len);
  }
}

}  // namespace

struct TlsSession::Library {
  std::shared_ptr<CredentialSet> set;  // the configuration that `ssl` points to
  std::optional<PeerJudge> judge;
  mbed::Ssl ssl;
};

TlsSession::TlsSession(std::shared_ptr<const Credentials> credentials, TlsRole role,
                       std::size_t lane, PeerPolicy policy)
    : credentials_(std::move(credentials)), role_(role), lane_(lane), policy_(std::move(policy)) {}

TlsSession::~TlsSession() = default;

int TlsSession::send_bytes(void* self, const unsigned char* bytes, std::size_t size) {
  const std::size_t taken = static_cast<TlsSession*>(self)->outgoing_.append({bytes, size});
  return taken == 0 ? MBEDTLS_ERR_SSL_WANT_WRITE : static_cast<int>(taken);
}

int TlsSession::receive_bytes(void* self, unsigned char* out, std::size_t size) {
  ByteRing& ring = static_cast<TlsSession*>(self)->incoming_;
  if (ring.empty()) return MBEDTLS_ERR_SSL_WANT_READ;
  const std::size_t count = std::min(size, ring.size());
  std::copy_n(ring.front().begin(), count, out);
  ring.consume(count);
  return static_cast<int>(count);
}

bool TlsSession::set_up() {
  library_ = std::make_unique<Library>();
  library_->set = credentials_->inside().set_of(lane_);
  if (library_->set == nullptr) return false;
  CredentialSet& set = *library_->set;
  mbedtls_ssl_context* ssl = library_->ssl.get();
  library_->judge.emplace(credentials_->inside(), set, role_, policy_, report_);
  const auto& config = role_ == TlsRole::listening ? set.listening : set.dialling;
  if (mbedtls_ssl_setup(ssl, config.get()) != 0) return false;
  // No host name: a partner is known by the URI in its certificate, which PeerJudge compares.
  if (role_ == TlsRole::dialling && mbedtls_ssl_set_hostname(ssl, nullptr) != 0) return false;
  mbedtls_ssl_set_verify(ssl, &PeerJudge::callback, &*library_->judge);
  mbedtls_ssl_set_bio(ssl, this, &send_bytes, &receive_bytes, nullptr);
  return true;
}

TlsSession::Progress TlsSession::handshake() {
  if (report_.failure) return Progress::failed;
  if (library_ == nullptr && !set_up()) {
    give_up(HandshakeFailure::other, "no memory for a TLS session");
    return Progress::failed;
  }
  for (;;) {
    const int code = mbedtls_ssl_handshake(library_->ssl.get());
    if (code == 0) return finish();
    if (code == MBEDTLS_ERR_SSL_WANT_READ) return Progress::wants_input;
    if (code == MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET) continue;
    // A whole flight fits in the ring: that it does not is a peer's doing.
    return fail(code);
  }
}

TlsSession::Progress TlsSession::finish() {
  mbedtls_ssl_context* ssl = library_->ssl.get();
  // The judge has accepted; nobody may be taken for accepted in any other way.
  if (report_.identity.empty() || mbedtls_ssl_get_verify_result(ssl) != 0) {
    give_up(HandshakeFailure::other, "the library accepted a peer that was not judged");
    return Progress::failed;
  }
  report_.tls_version = mbedtls_ssl_get_version(ssl);
  describe_chain(mbedtls_ssl_get_peer_cert(ssl), report_);
  return Progress::finished;
}

TlsSession::Progress TlsSession::fail(int code) {
  std::string detail = mbed::error_text(code);
  HandshakeFailure failure = HandshakeFailure::other;
  if (code == MBEDTLS_ERR_SSL_NO_CLIENT_CERTIFICATE) {
    failure = HandshakeFailure::no_certificate;
    detail = "the peer sent no certificate";
  } else if (code == MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION) {
    failure = HandshakeFailure::protocol_version;
    detail = "the peer speaks neither TLS 1.3 nor TLS 1.2";
  } else if (code == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE) {
    failure = HandshakeFailure::peer_closed;
    detail = alert_text();
  } else if (code == MBEDTLS_ERR_SSL_CONN_EOF || code == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY) {
    failure = HandshakeFailure::peer_closed;
    detail = "the peer closed the connection";
  } else if (code == MBEDTLS_ERR_SSL_INVALID_MAC) {
    // This library, dialling with TLS 1.3, tells why it breaks off before it has turned on
    // encryption.
    failure = HandshakeFailure::peer_closed;
    detail = "the peer broke off, its reason cannot be read here: see the log over there";
  }
  give_up(failure, std::move(detail));
  return Progress::failed;
}

void TlsSession::give_up(HandshakeFailure failure, std::string detail) {
  if (report_.failure) return;  // the judge knows better than the error code that follows from it
  report_.failure = failure;
  report_.detail = std::move(detail);
}

std::string TlsSession::alert_text() const {
  // The library keeps the alert it received only in its message buffer: level, then description.
  const unsigned char* message = library_->ssl->MBEDTLS_PRIVATE(in_msg);
  const unsigned char alert = message == nullptr ? 0 : message[1];
  const char* known = alert_name(alert);
  return known != nullptr ? filled("the peer refuses us: {}", known)
                          : filled("the peer refuses us: alert {}", alert);
}

/// What was decrypted last would lie in the library's buffer until a longer record comes. Of the
/// next record nothing is there yet but its first `in_left` bytes.
void TlsSession::wipe_last_record() {
  if (!holds_record_) return;
  mbedtls_ssl_context* ssl = library_->ssl.get();
  if (mbedtls_ssl_get_bytes_avail(ssl) != 0) return;
  constexpr std::size_t record_bytes = 5 + MBEDTLS_SSL_IN_CONTENT_LEN;  // header, content
  const std::size_t left = ssl->MBEDTLS_PRIVATE(in_left);
  if (left >= record_bytes) return;
  mbedtls_platform_zeroize(ssl->MBEDTLS_PRIVATE(in_hdr) + left, record_bytes - left);
  holds_record_ = false;
}

TlsSession::Read TlsSession::read(std::span<std::uint8_t> out) {
  BIVOUAC_ASSERT(library_ != nullptr);
  for (;;) {
    const int code = mbedtls_ssl_read(library_->ssl.get(), out.data(), out.size());
    if (code > 0) {
      has_read_ = holds_record_ = true;
      return {Reading::bytes, static_cast<std::size_t>(code)};
    }
    if (code == MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET) continue;
    if (code == MBEDTLS_ERR_SSL_WANT_READ || code == MBEDTLS_ERR_SSL_WANT_WRITE) {
      wipe_last_record();
      return {Reading::wants_input, 0};
    }
    if (code == 0 || code == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY ||
        code == MBEDTLS_ERR_SSL_CONN_EOF) {
      return {Reading::closed, 0};
    }
    if (code == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE) {
      error_ = alert_text();
    } else if (code == MBEDTLS_ERR_SSL_INVALID_MAC && !has_read_) {
      // In TLS 1.3 we are done before the listening side has judged us, and this library there
      // tells its refusal under the keys of the handshake.
      error_ =
          "the peer broke off right after the handshake, as when it refuses our certificate: "
          "see the log over there";
    } else {
      error_ = mbed::error_text(code);
    }
    return {Reading::failed, 0};
  }
}

bool TlsSession::can_write() const {
  return outgoing_.room() >= record_bytes_max + record_overhead_bytes;
}

bool TlsSession::write(ByteView record) {
  BIVOUAC_ASSERT(library_ != nullptr && can_write() && record.size() <= record_bytes_max);
  // There is room for the whole record, so the library never keeps a part that a second call with
  // the same bytes would have to finish.
  while (!record.empty()) {
    const int code = mbedtls_ssl_write(library_->ssl.get(), record.data(), record.size());
    if (code == MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET) continue;
    if (code <= 0) {
      error_ = mbed::error_text(code);
      return false;
    }
    record = record.subspan(static_cast<std::size_t>(code));
  }
  return true;
}

void TlsSession::close_notify() {
  if (library_ != nullptr) mbedtls_ssl_close_notify(library_->ssl.get());
}

PeerReport judge_again(const Credentials& credentials, std::size_t lane, TlsRole own_role,
                       const PeerPolicy& policy, const std::vector<Bytes>& chain) {
  PeerReport report;
  mbed::Certificate peer;
  for (const Bytes& der : chain) {
    if (mbedtls_x509_crt_parse_der(peer.get(), der.data(), der.size()) != 0) {
      report.failure = HandshakeFailure::other;
      report.detail = "the peer's certificate cannot be read again";
      return report;
    }
  }
  const auto set = credentials.inside().set_of(lane);
  if (set == nullptr || chain.empty()) {
    report.failure = HandshakeFailure::other;
    report.detail = "no memory to judge a peer again";
    return report;
  }
  PeerJudge judge(credentials.inside(), *set, own_role, policy, report);
  std::uint32_t flags = 0;
  const int code = mbedtls_x509_crt_verify_with_profile(
      peer.get(), set->authorities.get(), set->has_revocations ? set->revocations.get() : nullptr,
      &certificate_profile(), nullptr, &flags, &PeerJudge::callback, &judge);
  if (code != 0 && !report.failure) {
    report.failure = HandshakeFailure::other;
    report.detail = mbed::error_text(code);
  }
  return report;
}

}  // namespace bivouac::firmware
