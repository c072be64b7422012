// SPDX-License-Identifier: Apache-2.0
// The demo holds what it says: it verifies each of its steps, so its exit code is the test.

#include <cstdlib>

#include "tests/integration/cli_process.h"

TEST_CASE("the demo ends well, in under 40 lines") {
  const std::filesystem::path bin = std::filesystem::path(BIVOUAC_PROGRAM).parent_path();
  const std::string command = "BIVOUAC_BIN='" + bin.string() + "' tests/demo/demo.sh 2>&1";
  std::FILE* stream = popen(command.c_str(), "r");
  REQUIRE(stream != nullptr);
  std::string output;
  char buffer[4096];
  while (const std::size_t count = std::fread(buffer, 1, sizeof buffer, stream)) {
    output.append(buffer, count);
  }
  const int status = pclose(stream);
  INFO(output);
  CHECK(status == 0);
  CHECK(std::count(output.begin(), output.end(), '\n') < 40);
}
