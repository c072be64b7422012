// SPDX-License-Identifier: Apache-2.0
#include "firmware/cli/credentials.h"

namespace bivouac::firmware::cli {

CredentialFiles credential_files(const Settings& settings) {
  CredentialFiles files;
  files.certificate = settings.tls.certificate;
  files.key = settings.tls.key;
  files.ca = settings.tls.ca;
  files.crl = settings.tls.crl;
  files.crl_required = settings.tls.crl_policy == CrlPolicy::required;
  files.crl_grace = {std::int64_t{settings.tls.crl_grace_days} * 24 * 60 * 60 * 1000};
  return files;
}

std::expected<std::shared_ptr<const Credentials>, Problem> load_credentials(
    const Settings& settings, WallMs judged_at) {
  auto credentials = Credentials::load(credential_files(settings), judged_at);
  if (!credentials) {
    return std::unexpected(Problem{settings.file, settings.places.certificate,
                                   Problem::Severity::error,
                                   credentials.error().file + ": " + credentials.error().text});
  }
  if ((*credentials)->identity() != settings.core.system_id) {
    return std::unexpected(
        Problem{settings.file, settings.places.system_id, Problem::Severity::error,
                "expected the MC system ID that our certificate names, " +
                    (*credentials)->identity() + ", got " + settings.core.system_id});
  }
  return std::move(*credentials);
}

}  // namespace bivouac::firmware::cli
