// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <expected>
#include <iostream>

#include "analyse/explanation_text.h"
#include "base/heap.h"
#include "base/strings.h"
#include "cli/emitted_rules.h"
#include "cli/explanation_json.h"
#include "cli/kernel_report.h"
#include "cli/policy.h"
#include "cli/saved_packet.h"
#include "cli/saved_rules.h"
#include "commands/commands.h"
#include "control/entry_question.h"
#include "diag/render.h"
#include "filter/keys.h"
#include "log/json_line.h"
#include "log/traffic_line.h"

namespace vuurmuur::cli {
namespace {

constexpr std::array kOptions{
    Option{.name = "src",
           .argument = "WHO",
           .help = "where it comes from: an address, a zone, network, host or group, firewall, any (default)"},
    Option{.name = "dst", .argument = "WHO", .help = "where it goes to"},
    Option{.name = "service", .argument = "NAME", .help = "a service of the configuration; default any"},
    Option{
        .name = "proto", .argument = "PROTOCOL", .help = "instead of a service: tcp, udp, icmp, icmpv6…, or a number"},
    Option{.name = "dport", .argument = "PORT", .help = "destination port, or N:M"},
    Option{.name = "sport", .argument = "PORT", .help = "source port, or N:M"},
    Option{.name = "icmp-type", .argument = "TYPE", .help = "type of ICMP, or TYPE/CODE"},
    Option{.name = "in", .argument = "BY", .help = "it comes in by this interface, or one of this zone or network"},
    Option{.name = "out", .argument = "BY", .help = "it leaves by this interface, or one of this zone or network"},
    Option{.name = "log-line",
           .argument = "LINE",
           .help = "the packet of a line of the traffic log; '-' reads the line from standard input"},
    Option{.name = "why-not", .argument = "RULE", .help = "tell why the rule of that number does not take it"},
    Option{.name = "rules", .argument = "", .help = "tell for each example which of the compiled rules it meets"},
    Option{
        .name = "iptables-save",
        .argument = "FILE",
        .help =
            "instead of a configuration the rules that iptables-save or ip6tables-save wrote; '-' is standard input"},
    Option{.name = "ipset-save",
           .argument = "FILE",
           .help = "with these the sets that they ask, as 'ipset save' wrote them"},
    kStateDirOption,
    kJsonOption,
};

using Failure = std::string;

std::expected<net::PortRange, Failure> read_ports(std::string_view option, const std::string& text) {
  const std::size_t colon = text.find(':');
  const auto first = base::parse_number<std::uint16_t>(text.substr(0, colon));
  const auto last = colon == std::string::npos ? first : base::parse_number<std::uint16_t>(text.substr(colon + 1));
  if (!first || !last || *first > *last)
    return std::unexpected(fmt::format("option '--{}': expected a port or N:M up to 65535, not '{}'", option, text));
  return net::PortRange{*first, *last};
}

/// What --proto and its companions say.
std::expected<std::vector<model::PortSet>, Failure> read_protocol(const Arguments& arguments) {
  const auto name = arguments.value("proto"), dport = arguments.value("dport"), sport = arguments.value("sport"),
             icmp = arguments.value("icmp-type");
  model::PortSet set;
  std::optional<std::uint8_t> protocol;
  if (name) {
    protocol = filter::protocol_named(*name);
    if (!protocol)
      return std::unexpected(fmt::format(
          "option '--proto': expected a protocol like tcp, udp or icmp, or a number up to 255, not '{}'", *name));
  }
  const bool has_ports = dport || sport;
  if (has_ports && protocol && !net::has_ports(static_cast<net::Protocol>(*protocol)))
    return std::unexpected(
        fmt::format("protocol '{}' has no ports: '--dport' and '--sport' are for tcp and udp", *name));
  if (has_ports && icmp)
    return std::unexpected("options '--dport' and '--sport' do not go together with '--icmp-type'");
  if (dport) {
    const auto ports = read_ports("dport", *dport);
    if (!ports) return std::unexpected(ports.error());
    set.destination = *ports;
  }
  if (sport) {
    const auto ports = read_ports("sport", *sport);
    if (!ports) return std::unexpected(ports.error());
    set.source = *ports;
  }
  if (icmp) {
    const std::size_t slash = icmp->find('/');
    set.icmp_type = base::parse_number<std::uint8_t>(icmp->substr(0, slash));
    if (slash != std::string::npos) set.icmp_code = base::parse_number<std::uint8_t>(icmp->substr(slash + 1));
    if (!set.icmp_type || (slash != std::string::npos && !set.icmp_code))
      return std::unexpected(
          fmt::format("option '--icmp-type': expected a number up to 255, or TYPE/CODE, not '{}'", *icmp));
    const bool is_icmp = !protocol || *protocol == 1 || *protocol == 58;
    if (!is_icmp) return std::unexpected(fmt::format("protocol '{}' is not ICMP: it has no type", *name));
  }
  std::vector<model::PortSet> sets;
  const auto add = [&](net::Protocol each) {
    set.protocol = each;
    sets.push_back(set);
  };
  if (protocol) {
    add(static_cast<net::Protocol>(*protocol));
  } else if (has_ports) {
    add(net::Protocol::Tcp);
    add(net::Protocol::Udp);
  } else if (icmp) {
    add(net::Protocol::Icmp);
  }
  return sets;
}

/// Reads the words of the options; what is wrong with them is rendered.
std::expected<analyse::Question, Failure> read_question(const Context& context, const Arguments& arguments,
                                                        const analyse::Configuration& configuration) {
  analyse::Question question;
  diag::SourceMap words;
  diag::Sink sink;
  const auto located = [&](std::string_view option) -> std::optional<model::Located<std::string>> {
    const auto value = arguments.value(option);
    if (!value) return std::nullopt;
    const auto file = words.add(fmt::format("--{}", option), *value);
    return model::Located<std::string>(*value, diag::Span{file, 0, static_cast<std::uint32_t>(value->size())});
  };
  if (const auto text = located("src"))
    if (auto end = analyse::read_end(configuration, *text, sink)) question.from = std::move(*end);
  if (const auto text = located("dst"))
    if (auto end = analyse::read_end(configuration, *text, sink)) question.to = std::move(*end);
  if (const auto text = located("service"))
    static_cast<void>(analyse::read_service(configuration, *text, question, sink));
  for (const auto& [option, to] : {std::pair{"in", &question.in}, std::pair{"out", &question.out}})
    if (const auto text = located(option))
      if (auto devices = analyse::read_devices(configuration, *text, sink)) *to = std::move(*devices);
  if (sink.has_errors()) return std::unexpected(diag::render(sink, words, style_for(context.colour, STDERR_FILENO)));
  return question;
}

std::expected<log::Entry, Failure> read_line(const std::string& option) {
  std::string line = option;
  if (option == "-" && !std::getline(std::cin, line))
    return std::unexpected("option '--log-line': there is no line on standard input");
  const auto now = std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
  const std::string_view text = base::trim(line);
  auto entry = text.starts_with('{') ? log::read_json_line(text) : log::read_traffic_line(text, now);
  if (!entry) return std::unexpected("option '--log-line': this is no line of the traffic log");
  if (entry->in_device.empty() && entry->out_device.empty())
    return std::unexpected("option '--log-line': the line does not say by which device the packet came or went");
  return std::move(*entry);
}

/// The place among the active rules of a rule's number.
std::expected<std::size_t, Failure> find_rule(const CheckedPolicy& checked, const std::string& text) {
  const auto number = base::parse_number<std::uint32_t>(text);
  const auto& rules = checked.policy.rules;
  const auto found =
      std::ranges::find_if(rules, [&](const sema::Rule& rule) { return number && rule.source->number == *number; });
  if (found != rules.end()) return static_cast<std::size_t>(found - rules.begin());
  const auto& written = checked.tree.policy.rules;
  if (number && std::ranges::any_of(written, [&](const model::Rule& rule) { return rule.number == *number; }))
    return std::unexpected(fmt::format(
        "rule {} is switched off, a separator, or about something that is switched off: it takes nothing", text));
  return std::unexpected(
      fmt::format("option '--why-not': expected the number of a rule, 1 to {}, not '{}'", written.size(), text));
}

/// What rules of any firewall do with one packet.
ExitCode explain_saved(Context& context, const Arguments& arguments, const std::string& file,
                       const std::vector<model::PortSet>& protocols) {
  for (const char* option : {"service", "log-line", "why-not", "rules"})
    if (arguments.has(option))
      return usage_error(context, kExplainCommand,
                         fmt::format("options '--iptables-save' and '--{}' do not go together", option));
  if (!arguments.positional().empty())
    return usage_error(context, kExplainCommand, "option '--iptables-save' and a directory do not go together");
  const auto packet = read_saved_packet(arguments, protocols);
  if (!packet) return usage_error(context, kExplainCommand, packet.error());
  SavedRules rules;
  if (const auto read = read_saved_rules(context.files, file, arguments.value("ipset-save"), rules); !read)
    return report_failure(context, read.error().message, ExitCode::Configuration);
  const saved::Walker walker(rules.ruleset, packet->source.family, rules.sink,
                             {.sets = &rules.sets, .route = {}, .addresses = {}});
  context.err << diag::render(rules.sink, rules.sources, style_for(context.colour, STDERR_FILENO));
  if (rules.sink.has_errors()) return ExitCode::Configuration;
  const saved::Answer answer = walker.walk(*packet);
  if (context.json)
    context.out << json_of(answer, rules.sources).dump(2) << '\n';
  else
    context.out << text_of(*packet) << '\n' << text_of(answer, rules.sources);
  return ExitCode::Done;
}

/// The compiled rules that examples meet.
void tell_rules(Context& context, const std::vector<analyse::Explanation>& explanations, const sema::Policy& policy,
                const names::Index& names) {
  const EmittedRules emitted(policy);
  context.out << "\nwhat the compiled rules do with the examples (vuurmuur compile prints them):\n";
  for (const analyse::Explanation& explanation : explanations)
    for (const analyse::Branch& branch : explanation.branches)
      for (const analyse::Row& row : branch.rows) {
        // Behind a redirection the example is no packet that comes in any more.
        if (!row.is_finished || branch.redirected_by) continue;
        context.out << analyse::text_of(row.example, names) << '\n'
                    << text_of(emitted.walk(row.example), emitted.sources(explanation.family), "  ");
      }
}

std::optional<Failure> wrong_together(const Arguments& arguments) {
  constexpr std::array kOfProtocol{"proto", "dport", "sport", "icmp-type"};
  for (const char* option : kOfProtocol)
    if (arguments.has("service") && arguments.has(option))
      return fmt::format("options '--service' and '--{}' do not go together", option);
  if (!arguments.has("log-line")) return std::nullopt;
  for (const char* option : {"src", "dst", "service", "in", "out", "proto", "dport", "sport", "icmp-type"})
    if (arguments.has(option)) return fmt::format("options '--log-line' and '--{}' do not go together", option);
  return std::nullopt;
}

ExitCode run(Context& context, const Arguments& arguments) {
  base::prefer_huge_pages();
  if (const auto wrong = wrong_together(arguments)) return usage_error(context, kExplainCommand, *wrong);
  if (const auto mistyped = mistyped_directory(context, arguments))
    return usage_error(context, kExplainCommand, *mistyped);
  const auto protocols = read_protocol(arguments);
  if (!protocols) return usage_error(context, kExplainCommand, protocols.error());
  if (const auto file = arguments.value("iptables-save")) return explain_saved(context, arguments, *file, *protocols);
  if (arguments.has("ipset-save"))
    return usage_error(context, kExplainCommand, "option '--ipset-save' goes with '--iptables-save'");
  std::optional<log::Entry> entry;
  if (const auto line = arguments.value("log-line")) {
    auto read = read_line(*line);
    if (!read) return usage_error(context, kExplainCommand, read.error());
    entry = std::move(*read);
  }
  const auto checked = check_tree(context.files, directory_of(arguments), known_names(context, arguments));
  if (checked->sink.has_errors()) {
    print_diagnostics(context, *checked);
    return report_failure(context, "the configuration has errors", ExitCode::Configuration);
  }
  const sema::Policy& policy = checked->policy;
  const model::Policy& model = checked->in_surroundings ? *checked->in_surroundings : checked->tree.policy;
  analyse::Question question;
  if (entry) {
    question = control::question_of(*entry, policy);
  } else {
    auto read = read_question(context, arguments, {.model = model, .objects = checked->objects, .policy = policy});
    if (!read) {
      context.err << read.error();
      return ExitCode::Usage;
    }
    question = std::move(*read);
    if (!protocols->empty()) {
      question.any_service = false;
      question.port_sets = *protocols;
    }
  }
  const names::Index names = names::Index::build(model, policy);
  if (const auto text = arguments.value("why-not")) {
    const auto rule = find_rule(*checked, *text);
    if (!rule) return report_failure(context, rule.error(), ExitCode::Usage);
    const analyse::WhyNot why = analyse::why_not(policy, question, *rule);
    if (context.json)
      context.out << why_not_json(why, *rule, policy, names).dump(2) << '\n';
    else
      context.out << analyse::text_of(why, *rule, question, policy, names);
    return ExitCode::Done;
  }
  const std::vector<analyse::Explanation> explanations = analyse::explain(policy, question);
  if (context.json)
    context.out << explanation_json(explanations, policy, names).dump(2) << '\n';
  else
    context.out << analyse::text_of(explanations, question, policy, names);
  if (arguments.has("rules") && !context.json) tell_rules(context, explanations, policy, names);
  return ExitCode::Done;
}

}  // namespace

constinit const Command kExplainCommand{
    .name = "explain",
    .summary = "tell what the rules do with a packet, or with many at once, and which rule it is",
    .arguments = "[DIR]",
    .usage =
        "Reads the configuration tree DIR (default " VUURMUUR_CONFIG_DIR
        ") and tells what becomes of the first packet of a\n"
        "connection: the verdict, the rule with its place, what rules before it log, and how it is translated. Where "
        "the\n"
        "answer depends on something that is not said, it is split by that, rule by rule, each with an example packet: "
        "first comes\n"
        "what the first rule takes. An address is taken to be behind the interfaces of its network unless --in or "
        "--out says another.\n"
        "Nothing is sent or changed. --why-not tells which rules come before another one, or which of its conditions "
        "is not met.\n"
        "With --iptables-save it tells what the rules of any firewall do with one packet, and on what that depends.",
    .options = kOptions,
    .max_positional = 1,
    .run = run,
};

}  // namespace vuurmuur::cli
