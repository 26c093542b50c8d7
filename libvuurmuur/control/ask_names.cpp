// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/ask_names.h"

namespace vuurmuur::control {
namespace {

bool is_known(const KnownNames& names, const NameQuestion& question) {
  const auto known = names.find(question.name);
  return known != names.end() && known->second.of(question.family);
}

}  // namespace

dns::Options dns_options(const model::Settings& settings) {
  dns::Options options;
  for (const auto& server : settings.dns_servers)
    options.servers.push_back({.address = server->address, .port = server->port});
  return options;
}

void take_answer(KnownNames& names, const NameQuestion& question, const dns::Answer& answer) {
  if (answer.kind != dns::Answer::Kind::Failure) names[question.name].of(question.family) = answer.addresses;
}

NameSource ask_names_in(base::FileSystem& files, std::string directory, std::chrono::milliseconds at_most) {
  return [&files, directory = std::move(directory), at_most](const model::Policy& policy) {
    KnownNames names = known_names_in(files, directory)(policy), answers;
    base::PollLoop loop;
    dns::Resolver resolver(loop, dns_options(policy.settings));
    for (const NameQuestion& question : questions_of(policy))
      if (!is_known(names, question))
        resolver.ask(question.name, question.family,
                     [&answers, question](const dns::Answer& answer) { take_answer(answers, question, answer); });
    const std::int64_t deadline = base::boottime() + std::chrono::nanoseconds(at_most).count();
    while (resolver.waiting() != 0) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(std::chrono::nanoseconds(deadline - base::boottime()));
      if (left.count() <= 0 || !loop.run_once(left)) break;
    }
    if (answers.empty()) return names;
    // What cannot be written down is used all the same.
    if (auto written = write_known_names(files, directory, answers)) return std::move(*written);
    for (const auto& [name, answer] : answers)
      for (const net::Family family : net::kFamilies)
        if (answer.of(family)) names[name].of(family) = answer.of(family);
    return names;
  };
}

}  // namespace vuurmuur::control
