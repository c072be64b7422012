// SPDX-License-Identifier: Apache-2.0
#include "firmware/crypto/peer_judge.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "firmware/crypto/certificate.h"
#include "firmware/platform/text.h"

namespace bivouac::firmware {

using engine::HandshakeFailure;

namespace {

constexpr std::uint32_t library_dates = MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE |
                                        MBEDTLS_X509_BADCRL_EXPIRED | MBEDTLS_X509_BADCRL_FUTURE;

bool same(const mbedtls_x509_buf& a, const mbedtls_x509_buf& b) {
  return a.len == b.len && std::memcmp(a.p, b.p, a.len) == 0;
}

std::string issuer_text(const mbedtls_x509_crt& certificate) {
  std::array<char, 256> text{};
  const int size = mbedtls_x509_dn_gets(text.data(), text.size(), &certificate.issuer);
  std::string clean(text.data(), size < 0 ? 0 : static_cast<std::size_t>(size));
  std::ranges::replace_if(clean, [](char c) { return c < ' ' || c > '~'; }, '?');
  return clean;
}

std::string flags_text(std::uint32_t flags) {
  std::array<char, 256> text{};
  if (mbedtls_x509_crt_verify_info(text.data(), text.size(), "", flags) < 0)
    return "not acceptable";
  std::string one_line(text.data());
  std::ranges::replace(one_line, '\n', ' ');
  return one_line;
}

}  // namespace

int PeerJudge::callback(void* self, mbedtls_x509_crt* certificate, int depth,
                        std::uint32_t* flags) {
  static_cast<PeerJudge*>(self)->judge(*certificate, depth, *flags);
  return 0;
}

void PeerJudge::judge(const mbedtls_x509_crt& certificate, int depth, std::uint32_t& flags) {
  flags &= ~library_dates;
  const WallMs end = mbed::to_wall(certificate.valid_to);
  if (report_.expires.ms == 0 || end < report_.expires) report_.expires = end;

  if ((flags & MBEDTLS_X509_BADCERT_NOT_TRUSTED) != 0) {
    fail(HandshakeFailure::unknown_ca, filled("{}: issued by {}, which is not a trusted authority",
                                              describe(certificate), issuer_text(certificate)));
    return;
  }
  if ((flags & MBEDTLS_X509_BADCERT_REVOKED) != 0) {
    fail(HandshakeFailure::revoked,
         filled("{}: revoked by {}", describe(certificate), issuer_text(certificate)));
    return;
  }
  if (!judge_dates(certificate, flags)) return;
  if (!is_anchor(certificate) && !judge_revocation(certificate, flags)) return;
  if (flags != 0) {
    fail(HandshakeFailure::other, filled("{}: {}", describe(certificate), flags_text(flags)));
    return;
  }
  // A fault higher in the chain is the cause; the peer's own certificate adds nothing to it.
  if (depth == 0 && !report_.failure) judge_peer(certificate, flags);
}

bool PeerJudge::judge_dates(const mbedtls_x509_crt& certificate, std::uint32_t& flags) {
  const WallMs from = mbed::to_wall(certificate.valid_from);
  const WallMs to = mbed::to_wall(certificate.valid_to);
  if (policy_.judged_at > to) {
    flags |= MBEDTLS_X509_BADCERT_EXPIRED;
    fail(HandshakeFailure::expired,
         filled("{}: expired on {} (judged at {})", describe(certificate), mbed::to_text(to),
                mbed::to_text(policy_.judged_at)));
    return false;
  }
  // The floor is only the least that the time can be. While nothing better is known, a start after
  // it proves nothing against a pinned peer, whose certificate may be newer than all that we hold.
  if (policy_.judged_at < from && policy_.clock_trusted) {
    flags |= MBEDTLS_X509_BADCERT_FUTURE;
    fail(HandshakeFailure::not_yet_valid,
         filled("{}: valid only from {} (judged at {})", describe(certificate), mbed::to_text(from),
                mbed::to_text(policy_.judged_at)));
    return false;
  }
  return true;
}

bool PeerJudge::judge_revocation(const mbedtls_x509_crt& certificate, std::uint32_t& flags) {
  if ((flags & MBEDTLS_X509_BADCRL_NOT_TRUSTED) != 0) {
    fail(HandshakeFailure::crl_missing,
         filled("{}: the revocation list in the name of {} is not signed by it",
                describe(certificate), issuer_text(certificate)));
    return false;
  }
  if (!inside_.files.crl_required) return true;
  bool found = false;
  WallMs newest;
  const mbedtls_x509_crl* list = set_.has_revocations ? set_.revocations.get() : nullptr;
  for (; list != nullptr; list = list->next) {
    if (!same(list->issuer_raw, certificate.issuer_raw)) continue;
    found = true;
    newest = std::max(newest, mbed::to_wall(list->next_update));
  }
  if (!found) {
    flags |= MBEDTLS_X509_BADCERT_OTHER;
    fail(HandshakeFailure::crl_missing,
         filled("{}: no revocation list of {} is at hand, and one is required",
                describe(certificate), issuer_text(certificate)));
    return false;
  }
  if (policy_.judged_at.ms > newest.ms + inside_.files.crl_grace.ms) {
    flags |= MBEDTLS_X509_BADCERT_OTHER;
    fail(HandshakeFailure::crl_missing,
         filled("{}: the revocation list of {} ended on {} and the grace is over",
                describe(certificate), issuer_text(certificate), mbed::to_text(newest)));
    return false;
  }
  return true;
}

bool PeerJudge::judge_peer(const mbedtls_x509_crt& certificate, std::uint32_t& flags) {
  const Purpose purpose =
      own_role_ == TlsRole::listening ? Purpose::client_auth : Purpose::server_auth;
  if (!has_purpose(certificate, purpose)) {
    flags |= MBEDTLS_X509_BADCERT_EXT_KEY_USAGE;
    fail(HandshakeFailure::wrong_eku,
         filled("{}: the extended key usage lacks {}", describe(certificate),
                purpose == Purpose::client_auth ? "clientAuth" : "serverAuth"));
    return false;
  }
  return judge_identity(certificate, flags);
}

bool PeerJudge::judge_identity(const mbedtls_x509_crt& certificate, std::uint32_t& flags) {
  auto identity = identity_of(certificate);
  if (!identity) {
    flags |= MBEDTLS_X509_BADCERT_OTHER;
    fail(HandshakeFailure::wrong_san, filled("{}: {}", describe(certificate), identity.error()));
    return false;
  }
  if (!policy_.expected.empty() && *identity != policy_.expected) {
    flags |= MBEDTLS_X509_BADCERT_OTHER;
    fail(HandshakeFailure::wrong_san,
         filled("{}: expected the URI {}", describe(certificate), policy_.expected));
    return false;
  }
  if (!policy_.clock_trusted && policy_.is_pinned && !policy_.is_pinned(*identity)) {
    flags |= MBEDTLS_X509_BADCERT_OTHER;
    fail(HandshakeFailure::other,
         filled("{}: the clock is not trusted, and only configured partners are let in",
                describe(certificate)));
    return false;
  }
  report_.identity = std::move(*identity);
  return true;
}

bool PeerJudge::is_anchor(const mbedtls_x509_crt& certificate) const {
  for (const mbedtls_x509_crt* ca = set_.authorities.get(); ca != nullptr; ca = ca->next) {
    if (same(ca->raw, certificate.raw)) return true;
  }
  return false;
}

void PeerJudge::fail(HandshakeFailure failure, std::string detail) {
  if (report_.failure) return;
  report_.failure = failure;
  report_.detail = std::move(detail);
}

}  // namespace bivouac::firmware
