// SPDX-License-Identifier: GPL-2.0-or-later
#include <string>
#include <vector>

#include "program/run.h"

int main(int argc, char** argv) { return vuurmuur::conf::run(std::vector<std::string>(argv + 1, argv + argc)); }
