// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/tree.h"

#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "base/strings.h"

namespace vuurmuur::test {

TemporaryDirectory::TemporaryDirectory() {
  // Debian's users let their group write (umask 002), which is what the program warns of.
  ::umask(022);
  std::string name = (std::filesystem::temp_directory_path() / "vuurmuur-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
  path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void TemporaryDirectory::write(const std::string& name, std::string_view text) const {
  const auto file = path_ / name;
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file) << text;
}

void TemporaryDirectory::copy_file(const std::filesystem::path& from, const std::string& name) const {
  std::stringstream text;
  text << std::ifstream(from).rdbuf();
  write(name, text.str());
}

SmallTree::SmallTree() {
  write("config.conf", "NFGRP=\"8\"\n");
  write("interfaces/nic.conf",
        "ACTIVE=\"Yes\"\nDEVICE=\"eth0\"\nIPADDRESS=\"192.0.2.1\"\nIPV6ADDRESS=\"2001:db8::1\"\n");
  write("services/http", "ACTIVE=\"Yes\"\nRANGE=\"6;80\"\n");
  write("zones/inet/zone.config", "ACTIVE=\"Yes\"\n");
  const std::string network = "zones/inet/networks/world/";
  write(network + "network.config",
        "ACTIVE=\"Yes\"\nNETWORK=\"0.0.0.0\"\nNETMASK=\"0.0.0.0\"\nIPV6NETWORK=\"::\"\nIPV6CIDR=\"0\"\n"
        "INTERFACE=\"nic\"\n");
  write(network + "hosts/web.host", "ACTIVE=\"Yes\"\nIPADDRESS=\"192.0.2.80\"\n");
  write(network + "hosts/mail.host", "ACTIVE=\"Yes\"\nIPADDRESS=\"192.0.2.25\"\n");
  write("rules/blocklist.conf", "");
  rules("accept service http from world.inet to firewall");
}

void SmallTree::closed_to_ssh() const {
  write("services/ssh", "ACTIVE=\"Yes\"\nRANGE=\"6;22\"\n");
  write("rules/assertions.conf", "any never reaches firewall service ssh\n");
}

void SmallTree::rules(std::string_view lines) const {
  std::string text;
  for (const std::string_view line : base::split(lines, '\n')) {
    if (base::trim(line).empty()) continue;
    text += "RULE=\"";
    for (const char c : base::trim(line)) text += c == '"' ? std::string("\\\"") : std::string(1, c);
    text += "\"\n";
  }
  write("rules/rules.conf", text);
}

}  // namespace vuurmuur::test
