// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>

#include "base/memory_file_system.h"
#include "edit/draft.h"
#include "edit/save.h"

namespace vuurmuur::test {

inline constexpr const char* kRoot = "/etc/vuurmuur";

/// A small good tree in memory, with remarks and a key that nobody knows.
struct SmallTree {
  SmallTree() {
    put("config.conf", "NFGRP=\"8\"\n");
    put("interfaces/nic.conf", "DEVICE=\"eth0\"\nIPADDRESS=\"192.0.2.1\"\n");
    put("services/http", "# the web\nTCP=\"80*1024:65535\"\nX-MINE=\"kept\"\n");
    put("services/dns", "RANGE=\"6;53\"\nRANGE=\"17;53\"\n");
    put("zones/inet/zone.config", "ACTIVE=\"Yes\"\n");
    const std::string network = "zones/inet/networks/world/";
    put(network + "network.config", "NETWORK=\"192.0.2.0\"\nNETMASK=\"255.255.255.0\"\nINTERFACE=\"nic\"\n");
    put(network + "hosts/web.host", "IPADDRESS=\"192.0.2.80\"\n");
    put(network + "hosts/mail.host", "# by the door\nIPADDRESS=\"192.0.2.25\"\n");
    put(network + "groups/servers.group", "MEMBER=\"web\"\n  # the old one\nMEMBER = \"mail\"\n");
    put("rules/rules.conf",
        "# the web\nRULE=\"accept service http from world.inet to firewall options in_int=\\\"nic\\\"\"\n"
        "RULE=\"Drop  service any from   web.world.inet to firewall\"   # for now\n"
        "RULE=\";accept service dns from servers.world.inet to inet\"\n");
    put("rules/blocklist.conf", "RULE=\"block mail.world.inet\"\n");
  }

  void put(const std::string& path, const std::string& text) { files.files[std::string(kRoot) + "/" + path] = text; }
  [[nodiscard]] std::string text(const std::string& path) const {
    const auto found = files.files.find(std::string(kRoot) + "/" + path);
    return found == files.files.end() ? "(no file)" : found->second;
  }
  /// Saves a draft of it.
  [[nodiscard]] base::Result<edit::Outcome> save(const edit::Draft& draft) {
    return edit::save(files, edit::Turn::alone(kRoot), draft.changes());
  }

  base::MemoryFileSystem files;
};

}  // namespace vuurmuur::test
