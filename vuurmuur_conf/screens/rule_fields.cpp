// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/rule_fields.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "base/nearest.h"
#include "config/rule_options.h"
#include "config/rule_syntax.h"
#include "diag/diagnostic.h"
#include "edit/object.h"
#include "screens/names.h"
#include "sema/legality.h"
#include "ui/translate.h"

namespace vuurmuur::screens {
namespace {

using ui::fill;
using ui::FormProblem;
using ui::FormRow;
using ui::to_translate;
using ui::tr;

constexpr std::array kActions{
    model::Action::Accept, model::Action::Drop,   model::Action::Reject,   model::Action::Nfqueue, model::Action::Log,
    model::Action::Nflog,  model::Action::Portfw, model::Action::Redirect, model::Action::Dnat,    model::Action::Snat,
    model::Action::Masq,   model::Action::Bounce, model::Action::Chain};

constexpr std::array kRejectTypes{model::RejectType::PortUnreachable, model::RejectType::NetUnreachable,
                                  model::RejectType::HostUnreachable, model::RejectType::ProtoUnreachable,
                                  model::RejectType::NetProhibited,   model::RejectType::HostProhibited,
                                  model::RejectType::AdminProhibited, model::RejectType::TcpReset};

/// What people call an option.
constexpr std::array<std::pair<std::string_view, const char*>, 23> kLabels{{
    {"in_int", to_translate("Incoming interface")},
    {"out_int", to_translate("Outgoing interface")},
    {"via_int", to_translate("Via interface")},
    {"log", to_translate("Log")},
    {"loglimit", to_translate("Log limit")},
    {"logprefix", to_translate("Log prefix")},
    {"limit", to_translate("Limit")},
    {"burst", to_translate("Burst")},
    {"rejecttype", to_translate("Reject type")},
    {"redirectport", to_translate("Redirect port")},
    {"listenport", to_translate("Listen ports")},
    {"remoteport", to_translate("Remote ports")},
    {"nfmark", to_translate("Packet mark")},
    {"chain", to_translate("Chain")},
    {"nfqueuenum", to_translate("Queue")},
    {"bypass", to_translate("Bypass")},
    {"fanout", to_translate("Fanout by CPU")},
    {"release", to_translate("Release mark")},
    {"dropurg", to_translate("Drop urgent data")},
    {"nflognum", to_translate("Log group")},
    {"random", to_translate("Random ports")},
    {"prio", to_translate("Priority")},
    {"comment", to_translate("Comment")},
}};

/// Options that are seldom wanted: shown when they are set, or asked for.
constexpr std::array<std::string_view, 10> kAdvanced{"loglimit", "limit",  "burst",  "in_int",  "out_int",
                                                     "nfmark",   "random", "fanout", "release", "dropurg"};

std::string label_of(std::string_view option) {
  const auto found = std::ranges::find(kLabels, option, &std::pair<std::string_view, const char*>::first);
  return found == kLabels.end() ? std::string(option) : tr(found->second);
}

std::optional<model::Action> action_from(std::string_view word) {
  for (const model::Action action : kActions)
    if (to_string(action) == word) return action;
  return std::nullopt;
}

bool has(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

void check_name(std::string_view id, const std::string& value, const std::vector<Choice>& choices,
                std::vector<FormProblem>& problems) {
  std::vector<std::string_view> names;
  for (const Choice& choice : choices) {
    if (choice.value == value) return;
    names.push_back(choice.value);
  }
  const auto near = base::nearest(value, names);
  problems.push_back({.id = std::string(id),
                      .text = value.empty() ? std::string(tr("expects a name"))
                              : near        ? fill(tr("nothing is named '{}'; did you mean '{}'?"), value, *near)
                                            : fill(tr("nothing is named '{}'"), value)});
}

/// Where the values of a rule stand in its text as a file has it.
struct Place {
  std::string name;
  std::size_t begin = 0, end = 0;
};

}  // namespace

RuleFields::RuleFields(const std::string& text) {
  values_ = {{"active", "yes"}, {"action", "accept"}, {"service", "any"}, {"from", "any"}, {"to", "any"}};
  for (const config::OptionRow& row : config::option_rows()) {
    options_.emplace_back(row.help.name);
    values_.emplace_back(row.help.name, "");
  }
  const auto rule = config::parse_rule(text);
  if (!rule) return;
  set("active", rule->active ? "yes" : "");
  set("action", std::string(to_string(*rule->action)));
  set("service", *rule->service);
  set("from", to_string(*rule->from));
  set("to", to_string(*rule->to));
  for (const config::OptionRow& row : config::option_rows()) {
    if (const auto value = row.write(rule->options))
      set(std::string(row.help.name), row.help.value.empty() ? "yes" : *value);
  }
  model::Rule only_rest = *rule;
  only_rest.options = {};
  const std::size_t bare = config::rule_to_text(only_rest).size();
  only_rest.options.others = rule->options.others;
  constexpr std::string_view kOptions = " options ";
  const std::string with_rest = config::rule_to_text(only_rest);
  if (with_rest.size() > bare + kOptions.size()) rest_ = with_rest.substr(bare + kOptions.size());
}

std::string RuleFields::value(const std::string& name) const {
  const auto found = std::ranges::find(values_, name, &std::pair<std::string, std::string>::first);
  return found == values_.end() ? "" : found->second;
}

void RuleFields::set(const std::string& name, std::string value) {
  const auto found = std::ranges::find(values_, name, &std::pair<std::string, std::string>::first);
  if (found != values_.end()) found->second = std::move(value);
}

namespace {

/// The text with the places of its values, when `places` is given.
std::string write_rule(const RuleFields& fields, std::span<const std::string> options, const std::string& rest,
                       std::vector<Place>* places) {
  std::string text;
  const auto add = [&](const std::string& name, std::string_view shown) {
    const std::size_t begin = config::escape(text).size();
    text += shown;
    if (places != nullptr) places->push_back({.name = name, .begin = begin, .end = config::escape(text).size()});
  };
  if (fields.value("active").empty()) text += ';';
  add("action", fields.value("action"));
  for (const auto& [word, name] : {std::pair("service", "service"), std::pair("from", "from"), std::pair("to", "to")}) {
    text += std::string(" ") + word + " ";
    add(name, fields.value(name));
  }
  bool is_first = true;
  for (const std::string& name : options) {
    const std::string value = fields.value(name);
    if (value.empty()) continue;
    text += is_first ? " options " : ",";
    is_first = false;
    const config::OptionRow* row = config::find_option(name);
    add(name, row != nullptr && row->help.value.empty() ? name : name + "=\"" + config::escape(value) + "\"");
  }
  if (!rest.empty()) text += (is_first ? " options " : ",") + rest;
  return text;
}

}  // namespace

std::string RuleFields::text() const { return write_rule(*this, options_, rest_, nullptr); }

std::vector<FormRow> RuleFields::rows(bool has_advanced) const {
  using Kind = FormRow::Kind;
  std::vector<std::string> actions, rejects{""};
  for (const model::Action action : kActions) actions.emplace_back(to_string(action));
  for (const model::RejectType type : kRejectTypes) rejects.emplace_back(to_string(type));
  std::vector<FormRow> rows{
      {.id = "active", .label = tr("Active"), .kind = Kind::Toggle, .help = tr("whether the rule takes part")},
      {.id = "action",
       .label = tr("Action"),
       .kind = Kind::Choice,
       .choices = actions,
       .help = tr("what becomes of the first packet, and so of the connection"),
       .has_picker = true},
      {.id = "service",
       .label = tr("Service"),
       .help = tr("what kind of traffic"),
       .has_picker = true,
       .is_needed = true},
      {.id = "from",
       .label = tr("From"),
       .help = tr("who begins the connection"),
       .has_picker = true,
       .is_needed = true},
      {.id = "to", .label = tr("To"), .help = tr("whom the connection is for"), .has_picker = true, .is_needed = true},
  };
  const auto action = action_from(value("action"));
  std::vector<std::string> shown;
  const auto add = [&](std::string_view name, bool is_mandatory) {
    const config::OptionRow* option = config::find_option(name);
    if (option == nullptr || std::ranges::find(shown, name) != shown.end()) return;
    shown.emplace_back(name);
    const bool is_flag = option->help.value.empty();
    const bool is_reject = name == "rejecttype";
    rows.push_back({.id = std::string(name),
                    .label = label_of(name),
                    .kind = is_flag     ? Kind::Toggle
                            : is_reject ? Kind::Choice
                                        : Kind::Text,
                    .choices = is_reject ? rejects : std::vector<std::string>(),
                    .help = std::string(option->help.help) +
                            (is_flag || is_reject ? "" : "  (" + std::string(option->help.value) + ")"),
                    .has_picker = name.ends_with("_int"),
                    .is_needed = is_mandatory});
  };
  if (action)
    for (const sema::OptionUse& use : sema::options_of(*action))
      if (use.is_mandatory || has_advanced || !has(kAdvanced, use.name) || !value(std::string(use.name)).empty())
        add(use.name, use.is_mandatory);
  // What is set without effect is shown to be taken away.
  for (const std::string& name : options_)
    if (!value(name).empty()) add(name, false);
  add("comment", false);
  for (FormRow& row : rows) row.value = value(row.id);
  return rows;
}

std::vector<FormProblem> RuleFields::problems(const model::Policy& policy) const {
  std::vector<FormProblem> problems;
  check_name("service", value("service"), service_choices(policy), problems);
  check_name("from", value("from"), endpoint_choices(policy, false), problems);
  check_name("to", value("to"), endpoint_choices(policy, true), problems);
  for (const char* name : {"in_int", "out_int", "via_int"})
    if (!value(name).empty()) check_name(name, value(name), interface_choices(policy), problems);

  std::vector<Place> places;
  const std::string text = write_rule(*this, options_, rest_, &places);
  diag::Sink sink;
  const std::string in_file = config::escape(text);
  if (const auto rule = config::parse_rule(config::Value(in_file, diag::FileId{}, 0), sink))
    static_cast<void>(sema::check_legality(*rule, sink));
  for (const diag::Diagnostic& found : sink.all()) {
    std::string id = "action";
    if (found.span)
      for (const Place& place : places)
        if (found.span->begin >= place.begin && found.span->begin < std::max(place.end, place.begin + 1))
          id = place.name;
    // A name that is missing was told of already.
    const bool is_told = std::ranges::any_of(problems, [&id](const FormProblem& told) { return told.id == id; });
    if (is_told) continue;
    problems.push_back(
        {.id = id,
         .text = found.message + (found.suggestion ? fill(tr("; did you mean '{}'?"), *found.suggestion) : ""),
         .is_error = found.severity == diag::Severity::Error});
  }
  return problems;
}

}  // namespace vuurmuur::screens
