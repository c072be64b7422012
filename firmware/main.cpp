// SPDX-License-Identifier: Apache-2.0
#include "firmware/cli/app.h"

int main(int argument_count, char** arguments) {
  return bivouac::firmware::cli::app(argument_count, arguments);
}
