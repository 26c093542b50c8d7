// SPDX-License-Identifier: GPL-2.0-or-later
#include <string>
#include <vector>

#include "script/run.h"

int main(int argc, char** argv) { return vuurmuur::script::run(std::vector<std::string>(argv + 1, argv + argc)); }
