// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/base/ids.h"
#include "core/wire/build.h"
#include "core/wire/deframer.h"
#include "core/wire/inbound.h"
#include "tests/bench/peer.h"

namespace bivouac::bench {

/// Another MC system, which subscribes to groups and acknowledges what it is told (10.2.7.4, 5).
class PartnerPeer : public Subscriber {
 public:
  PartnerPeer(std::string own_id, std::string home_id);

  Bytes hello() const;
  bool is_greeted() const { return greeted_; }

  Bytes subscribe_to(const std::string& group) override;
  void ask(Bytes& /*out*/) override {}
  /// Notifications are what counts.
  std::size_t take(ByteView plain, Bytes& out) override;
  void keep_alive(Bytes& out) override;
  std::size_t answer_bytes() const override { return notification_bytes_; }
  const Bytes& acknowledgement() const override { return acknowledgement_; }

 private:
  wire::Address address(ExchangeId exchange, Incarnation asker) const;
  bool on_message(const wire::fb::Envelope& envelope, Bytes& out);

  std::string own_id_;
  std::string home_id_;
  Incarnation incarnation_;
  wire::LargeFrames large_frames_{1};
  wire::Deframer deframer_;
  bool greeted_ = false;
  std::size_t notification_bytes_ = 0;
  Bytes acknowledgement_;
};

}  // namespace bivouac::bench
