// SPDX-License-Identifier: Apache-2.0
#include "firmware/cli/json.h"

#include "firmware/config/quotes.h"

namespace bivouac::firmware::cli {

void Json::separate() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (depth_ == 0) return;
  out_ += first_ ? "\n" : ",\n";
  out_.append(depth_ * 2, ' ');
  first_ = false;
}

Json& Json::begin(char bracket) {
  separate();
  out_ += bracket;
  ++depth_;
  first_ = true;
  return *this;
}

Json& Json::end(char bracket) {
  --depth_;
  if (!first_) {
    out_ += '\n';
    out_.append(depth_ * 2, ' ');
  }
  out_ += bracket;
  first_ = false;
  return *this;
}

Json& Json::key(std::string_view name) {
  separate();
  out_ += in_quotes(name) + ": ";
  after_key_ = true;
  return *this;
}

Json& Json::text(std::string_view value) { return raw(in_quotes(value)); }

Json& Json::raw(std::string_view value) {
  separate();
  out_ += value;
  return *this;
}

std::string Json::take() { return std::move(out_) + '\n'; }

}  // namespace bivouac::firmware::cli
