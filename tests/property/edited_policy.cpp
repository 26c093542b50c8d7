// SPDX-License-Identifier: GPL-2.0-or-later
#include "edited_policy.h"

#include <algorithm>
#include <vector>

#include "base/strings.h"
#include "kernel/matrix/random_policy.h"

namespace vuurmuur::property {

using kernel_test::Files;

namespace {

std::vector<std::string> lines_of(const Files& files) {
  std::vector<std::string> lines;
  for (const std::string_view line : base::split(files.at("rules/rules.conf"), '\n'))
    if (!line.empty()) lines.emplace_back(line);
  return lines;
}

}  // namespace

Files edited(const Files& files, std::mt19937& random) {
  Files after = files;
  std::vector<std::string> lines = lines_of(files);
  const auto strangers = lines_of(kernel_test::random_policy(random));
  const unsigned edits = static_cast<unsigned>(random() % 5);
  for (unsigned i = 0; i < edits && !lines.empty(); ++i) {
    const auto at = lines.begin() + static_cast<std::ptrdiff_t>(random() % lines.size());
    switch (random() % 5) {
      case 0: lines.erase(at); break;
      case 1: lines.insert(at, strangers[random() % strangers.size()]); break;
      case 2: std::iter_swap(at, lines.begin() + static_cast<std::ptrdiff_t>(random() % lines.size())); break;
      case 3: *at = strangers[random() % strangers.size()]; break;
      case 4: {
        const std::size_t action = at->find("accept ");
        if (action != std::string::npos) at->replace(action, 6, random() % 2 == 0 ? "drop" : "reject");
        // Marks are for what is let pass.
        if (const std::size_t mark = at->find("nfmark"); action != std::string::npos && mark != std::string::npos)
          lines.erase(at);
        break;
      }
    }
  }
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  after["rules/rules.conf"] = text;
  if (random() % 5 == 0) {
    // A host gets another address.
    std::vector<std::string*> hosts;
    for (auto& [path, content] : after)
      if (path.find("/hosts/") != std::string::npos && content.find("IPADDRESS=\"10.") != std::string::npos)
        hosts.push_back(&content);
    if (!hosts.empty()) {
      std::string& host = *hosts[random() % hosts.size()];
      const std::size_t begin = host.find("IPADDRESS=\"10."), end = host.find('"', begin + 11);
      host.replace(host.rfind('.', end) + 1, end - host.rfind('.', end) - 1, std::to_string(2 + random() % 20));
    }
  }
  return after;
}

}  // namespace vuurmuur::property
