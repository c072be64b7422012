// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "firmware/cli/app.h"

// What the library itself would say of an exception that nobody caught comes with the reader of C++
// names that it is spelled with: 64 KiB of a board's flash. This is instead of it.
namespace __gnu_cxx {
void __verbose_terminate_handler() {
  try {
    if (std::current_exception()) throw;
    std::fputs("bivouac: ended for no reason that it knows\n", stderr);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bivouac: nobody caught: %s\n", error.what());
  } catch (...) {
    std::fputs("bivouac: nobody caught what was thrown\n", stderr);
  }
  std::abort();
}
}  // namespace __gnu_cxx

int main(int argument_count, char** arguments) {
  return bivouac::firmware::cli::app(argument_count, arguments);
}
