// SPDX-License-Identifier: Apache-2.0
#include "core/engine/stored_rules.h"

#include "core/store/record.h"
#include "core/wire/configuration_codec.h"
#include "core/wire/user_profile_codec.h"

namespace bivouac::engine {
namespace {

using store::RecordKind;

struct Refused {
  store::Key key;
  IdentityNumber number;
  Cause cause = Cause::none;
};

ByteView view(const flatbuffers::Vector<std::uint8_t>& bytes) {
  return {bytes.data(), bytes.size()};
}

std::vector<Refused> refused_in(const store::View& records) {
  std::vector<Refused> refused;
  for (const auto& [key, value] : records.scan(store::prefix(RecordKind::user))) {
    const auto profile = wire::view_profile(view(*store::get<store::fb::User>(value).profile()));
    if (!profile) refused.push_back({key, {key.number_at(4)}, profile.error()});
  }
  for (const auto& [key, value] : records.scan(store::prefix(RecordKind::policy))) {
    const auto configuration =
        wire::view_configuration(view(*store::get<store::fb::Policy>(value).configuration()));
    if (!configuration) refused.push_back({key, {key.number_at(8)}, configuration.error()});
  }
  return refused;
}

Bytes without_contents(RecordKind kind) {
  flatbuffers::FlatBufferBuilder builder(64);
  const auto nothing = builder.CreateVector(Bytes{});
  return kind == RecordKind::user
             ? store::finish(builder, store::fb::CreateUser(builder, nothing))
             : store::finish(builder, store::fb::CreatePolicy(builder, nothing));
}

std::string text(const store::View& records, IdentityNumber number) {
  const auto* identity = store::find<store::fb::Identity>(records, store::identity_key(number));
  return identity == nullptr ? std::string() : identity->text()->str();
}

}  // namespace

std::vector<RefusedRecord> judge_stored(store::Table& table) {
  std::vector<RefusedRecord> told;
  for (const Refused& one : refused_in(store::View(table))) {
    told.push_back({text(store::View(table), one.number), one.cause});
    table.apply({one.key, without_contents(one.key.kind()), false});
  }
  return told;
}

}  // namespace bivouac::engine
