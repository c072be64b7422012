// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <string>

#include "core/base/bytes.h"
#include "core/base/time.h"
#include "core/wire/schema/operator_generated.h"

namespace bivouac::firmware::cli {

/// A verified message of the daemon, with the bytes that it lives in.
struct OperatorAnswer {
  Bytes bytes;
  const wire::fb::OperatorMessage& message() const {
    return *wire::fb::GetOperatorMessage(bytes.data());
  }
};

/// The operator's end of the local socket; blocks, but never longer than its deadline. Errors are
/// sentences that say what to do next.
class OperatorClient {
 public:
  static std::expected<OperatorClient, std::string> connect(const std::string& socket_path,
                                                            DurationMs timeout);
  ~OperatorClient();
  OperatorClient(OperatorClient&& other) noexcept;
  OperatorClient& operator=(OperatorClient&&) = delete;

  /// A whole frame, as core/wire/operator_message.h builds it.
  std::expected<void, std::string> send(const Bytes& frame);
  /// The next message; waits as long as it takes when `patient`.
  std::expected<OperatorAnswer, std::string> receive(bool patient);
  /// One request and its answer, which must be of the type given.
  std::expected<OperatorAnswer, std::string> ask(const Bytes& request,
                                                 wire::fb::OperatorBody answer);

 private:
  OperatorClient(int descriptor, std::string socket_path, DurationMs timeout)
      : descriptor_(descriptor), socket_path_(std::move(socket_path)), timeout_(timeout) {}
  std::expected<void, std::string> read_exactly(std::uint8_t* out, std::size_t size,
                                                std::int64_t deadline_ms);
  std::string silent() const;

  int descriptor_;
  std::string socket_path_;
  DurationMs timeout_;
};

}  // namespace bivouac::firmware::cli
