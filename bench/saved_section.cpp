// SPDX-License-Identifier: GPL-2.0-or-later
// Section "saved": rules of another program as iptables-save writes them: read, checked, and one packet sent through.
#include <fmt/format.h>

#include <random>

#include "analyse/saved_check.h"
#include "process.h"
#include "prove/saved_diff.h"
#include "prove/service_matrix.h"
#include "samples.h"
#include "saved/read.h"
#include "saved/walk.h"
#include "section.h"
#include "table.h"

namespace vuurmuur::bench {
namespace {

constexpr std::uint32_t kDevices = 8, kRulesPerChain = 50;

/// Rules of a gateway that was written by hand over the years: a chain for some of the ways through it, which begins
/// with whom it is not about; addresses, ports, a MAC address or a limit here and there; a packet that no chain takes
/// goes on in FORWARD.
std::string generate_saved(std::uint32_t rules) {
  std::mt19937 random(1);
  const auto pick = [&](std::uint32_t n) { return static_cast<std::uint32_t>(random() % n); };
  const std::uint32_t chains = (rules + kRulesPerChain - 1) / kRulesPerChain;
  std::string text = "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n", bodies;
  for (std::uint32_t chain = 0; chain < chains; ++chain) text += fmt::format(":way{} - [0:0]\n", chain);
  text += "-A INPUT -i lo -j ACCEPT\n-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n";
  text += "-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n";
  const auto host = [&](std::uint32_t device) {
    const std::uint32_t network = pick(16);
    return pick(3) == 0 ? fmt::format("10.{}.{}.0/24", device, network)
                        : fmt::format("10.{}.{}.{}/32", device, network, 10 + pick(40));
  };
  for (std::uint32_t i = 0; i < rules; ++i) {
    const std::uint32_t chain = i / kRulesPerChain, from = chain % kDevices,
                        to = (chain / kDevices + from + 1) % kDevices;
    if (i % kRulesPerChain == 0) {
      text += fmt::format("-A FORWARD -i eth{} -o eth{} -j way{}\n", from, to, chain);
      bodies += fmt::format("-A way{} -s 10.{}.255.0/24 -j RETURN\n", chain, from);
      continue;
    }
    bodies += fmt::format("-A way{} -s {} -d {} ", chain, host(from), host(to));
    const std::string_view target = std::array{"ACCEPT", "ACCEPT", "ACCEPT", "DROP", "REJECT"}[pick(5)];
    switch (i % 10) {
      case 0:
        bodies += fmt::format("-m mac --mac-source 02:00:00:00:{:02X}:{:02X} -j {}\n", pick(256), pick(256), target);
        break;
      case 1:
        bodies +=
            fmt::format("-p tcp -m multiport --dports 25,{},{} -j {}\n", 1000 + pick(40), 1100 + pick(40), target);
        break;
      case 2: bodies += fmt::format("-p udp -m udp --dport {} -j {}\n", 1000 + pick(40), target); break;
      case 3:
        bodies += fmt::format("-p icmp -m icmp --icmp-type 8 -m limit --limit {}/sec -j ACCEPT\n", 1 + pick(9));
        break;
      case 4: bodies += "-j LOG --log-prefix \"way: \"\n"; break;
      default: bodies += fmt::format("-p tcp -m tcp --dport {} -j {}\n", 1000 + pick(40), target); break;
    }
  }
  return text + bodies + "COMMIT\n";
}

/// What the commands do with the file: everything is read anew.
struct Read {
  diag::SourceMap sources;
  diag::Sink sink;
  saved::Ruleset ruleset;
  explicit Read(const std::string& text) : ruleset(saved::read(sources.add("rules", text), sources, sink)) {}
};

base::Result<void> measure(std::uint32_t rules, unsigned runs) {
  const std::string text = generate_saved(rules);
  Samples read, check, explain, matrix, diff;
  std::size_t told = 0, cells = 0;
  // The same with one rule less.
  const std::size_t dropped = text.rfind("\n-A way", text.rfind("-j ACCEPT"));
  std::string other = text;
  other.erase(dropped, other.find('\n', dropped + 1) - dropped);
  for (unsigned i = 0; i < runs; ++i) {
    Stopwatch step;
    Read checked(text);
    read.add(step.lap());
    analyse::check_deep(checked.ruleset, net::Family::Ipv4, checked.sink);
    check.add(step.lap());
    told = checked.sink.all().size();
    Read walked(text);
    step.lap();
    const saved::Walker walker(walked.ruleset, net::Family::Ipv4, walked.sink);
    saved::Packet packet{.way = saved::Way::Through, .in = "eth7", .out = "eth0"};
    packet.source = *net::Address::parse("10.7.1.10");
    packet.destination = *net::Address::parse("10.0.1.10");
    packet.destination_port = 1001;
    const saved::Answer answer = walker.walk(packet);
    explain.add(step.lap());
    Read reached(text);
    const prove::ServiceMatrix services =
        prove::services_between_devices(reached.ruleset, net::Family::Ipv4, reached.sink);
    matrix.add(step.lap());
    cells = services.rows.size();
    Read before(text), after(other);
    const prove::SavedDiff difference = prove::diff(before.ruleset, after.ruleset, net::Family::Ipv4, before.sink);
    diff.add(step.lap());
    if (!services.not_modelled.empty() || services.unfinished != 0 || !difference.not_modelled.empty() ||
        difference.unfinished != 0)
      return base::failure("not all of the generated rules is modelled");
    if (checked.sink.has_errors() || walked.sink.has_errors() || answer.outcomes.empty())
      return base::failure("the generated rules cannot be read");
  }
  print_row({fmt::format("{}", rules), read.to_string(), check.to_string(), fmt::format("{}", told),
             explain.to_string(), matrix.to_string(), fmt::format("{}", cells), diff.to_string(),
             fmt::format("{:.0f}", peak_megabytes())});
  return {};
}

}  // namespace

base::Result<void> run_saved(const Settings& settings) {
  print_header({"rules", "read, ms", "checked, ms", "of that told", "a packet explained, ms",
                "services between devices, ms", "pairs of devices", "compared with one rule less, ms", "peak MB"});
  bool good = true;
  for (const std::uint32_t rules : settings.sizes)
    good = in_child("saved", [&] { return measure(rules, settings.runs_or(11)); }) && good;
  if (!good) return base::failure("a size failed");
  return {};
}

}  // namespace vuurmuur::bench
