// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

// A gateway on its way to a spare board, as a folder that the boot partition of a board takes:
//
//   gateway.toml, pki/...     the configuration and what it names, by the same paths
//   store/                    the store and the key that its key material is sealed with
//   bivouac.export            what the export is of, and how each file is known again; written last

namespace bivouac::firmware::cli {

inline constexpr const char* export_description = "bivouac.export";
inline constexpr const char* export_configuration = "gateway.toml";
inline constexpr const char* export_store = "store";
inline constexpr const char* store_file = "store.db";
inline constexpr const char* sealing_key_file = "sealing.key";

/// What a file is known again by, after a card or stick has carried it.
struct FileFacts {
  std::uint64_t bytes = 0;
  std::uint32_t checksum = 0;
  friend bool operator==(const FileFacts&, const FileFacts&) = default;
};

struct ExportedFile {
  std::string path;  // relative to the folder of the export
  FileFacts facts;
};

struct ExportDescription {
  std::string system_id;
  std::vector<ExportedFile> files;
};

std::string to_text(const ExportDescription& description);
/// Refuses what another version wrote, what is cut off, and paths that leave the folder.
std::expected<ExportDescription, std::string> parse_export_description(std::string_view text);

using Done = std::expected<void, std::string>;

std::expected<FileFacts, std::string> facts_of(const std::filesystem::path& file);
/// Durable, once its folder is synced; for its owner alone. There must be no file of that name.
std::expected<FileFacts, std::string> copy_durably(const std::filesystem::path& from,
                                                   const std::filesystem::path& to);
Done write_durably(const std::filesystem::path& file, std::string_view text);
Done rename_durably(const std::filesystem::path& from, const std::filesystem::path& to);
Done sync_folder(const std::filesystem::path& folder);

}  // namespace bivouac::firmware::cli
