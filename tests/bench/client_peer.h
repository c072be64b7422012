// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/ids.h"
#include "core/wire/build.h"
#include "core/wire/deframer.h"
#include "core/wire/inbound.h"
#include "tests/bench/peer.h"

namespace bivouac::bench {

/// An MC service client, as lean as can be: frames are built once and given a new exchange id each
/// time. Its requests are an affiliation and a de-affiliation in turn, group after group. Whatever
/// is refused gives up.
class ClientPeer : public Subscriber {
 public:
  struct Options {
    std::string system;
    std::string mc_service_id;
    std::string client_id;
    std::vector<std::string> groups;
    bool counts_notifications = false;  // of groups, in place of answers
  };
  explicit ClientPeer(Options options);

  Bytes hello() const;
  Bytes log_on();
  bool is_greeted() const { return greeted_; }
  bool is_logged_on() const { return logged_on_; }
  /// One request for many groups.
  Bytes affiliate_to(const std::vector<std::string>& groups);
  Bytes subscribe_to(const std::string& group) override;

  void ask(Bytes& out) override;
  std::size_t take(ByteView plain, Bytes& out) override;
  void keep_alive(Bytes& out) override;

  std::size_t answer_bytes() const override { return answer_bytes_; }
  const Bytes& acknowledgement() const override { return acknowledgement_; }

 private:
  wire::Address address(ExchangeId exchange);
  bool on_message(const wire::fb::Envelope& envelope, Bytes& out);
  bool on_answer(const wire::fb::Envelope& envelope);
  void acknowledge(Bytes frame, Bytes& out);

  Options options_;
  Incarnation incarnation_;
  std::vector<Bytes> requests_;
  std::size_t next_ = 0;
  std::uint64_t exchange_ = 1;
  wire::LargeFrames large_frames_{1};
  wire::Deframer deframer_;
  Incarnation system_incarnation_;
  bool greeted_ = false;
  bool logged_on_ = false;
  std::size_t answer_bytes_ = 0;
  Bytes acknowledgement_;
};

}  // namespace bivouac::bench
