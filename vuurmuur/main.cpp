// SPDX-License-Identifier: GPL-2.0-or-later
#include <string>
#include <vector>

#include "cli/run.h"

int main(int argc, char** argv) { return vuurmuur::cli::run(std::vector<std::string>(argv + 1, argv + argc)); }
