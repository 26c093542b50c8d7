// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <functional>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/poll_loop.h"
#include "base/strings.h"
#include "cli/connection_filter.h"
#include "cli/connection_table.h"
#include "cli/kernel_report.h"
#include "cli/reverse_lines.h"
#include "cli/service.h"
#include "cli/state_directory.h"
#include "cli/terminal.h"
#include "cli/watching.h"
#include "commands/commands.h"
#include "control/connection_query.h"
#include "control/live_connections_json.h"
#include "control/plan.h"

namespace vuurmuur::cli {
namespace {

using control::ConnectionGrouping;
using control::ConnectionOrder;
using control::ConnectionQuery;
using ipc::Json;

constexpr std::array kOptions{
    Option{.name = "sort",
           .argument = "WHAT",
           .help = "bytes, packets, age, left, source, destination or service; else as the kernel tells them"},
    Option{.name = "group",
           .argument = "WHAT",
           .help = "count together by source, destination, zone, service, rule or queue"},
    Option{.name = "limit", .argument = "N", .help = "tell only so many"},
    Option{.name = "rules", .argument = "", .help = "tell the rule by which each is admitted now"},
    Option{.name = "watch",
           .argument = "SECONDS",
           .help = "go on until Ctrl-C, every so many seconds (2); those with the most bytes unless --sort",
           .implied = "2"},
    kResolveOption,
    kFamilyOption,
    kStateDirOption,
    kJsonOption,
};

constexpr std::uint32_t kLongestInterval = 3600;
/// What the daemon tells at once (config/org.vuurmuur.Manager.varlink).
constexpr std::size_t kMostOfDaemon = 10'000;
/// What is written at once.
constexpr std::size_t kPiece = 64 * 1024;

/// One of some words; the error is a message for the user.
template <class Enum>
std::expected<Enum, std::string> read_word(const Arguments& arguments, std::string_view option, Enum none,
                                           std::span<const std::string_view> words,
                                           std::optional<Enum> (*named)(std::string_view)) {
  const auto value = arguments.value(option);
  if (!value) return none;
  const auto found = named(*value);
  if (found && *found != none) return *found;
  // The first word is "none".
  return std::unexpected(fmt::format("option '--{}': expected one of {}, not '{}'{}", option,
                                     base::join(std::vector<std::string>(words.begin() + 1, words.end()), ", "), *value,
                                     did_you_mean(*value, words.subspan(1))));
}

/// All but the filter.
std::expected<ConnectionQuery, std::string> read_query(const Arguments& arguments) {
  ConnectionQuery query;
  const auto family = read_family(arguments);
  if (!family) return std::unexpected(family.error());
  query.family = *family;
  const auto order = read_word(arguments, "sort", ConnectionOrder::None, control::connection_orders(),
                               control::connection_order_named);
  if (!order) return std::unexpected(order.error());
  query.order = *order;
  const auto grouping = read_word(arguments, "group", ConnectionGrouping::None, control::connection_groupings(),
                                  control::connection_grouping_named);
  if (!grouping) return std::unexpected(grouping.error());
  query.grouping = *grouping;
  if (query.grouping != ConnectionGrouping::None && arguments.has("sort"))
    return std::unexpected("option '--sort': groups have the most bytes first, without it");
  if (const auto limit = arguments.value("limit")) {
    const auto number = base::parse_number<std::uint32_t>(*limit);
    if (!number || *number == 0)
      return std::unexpected(fmt::format("option '--limit': expected a number from 1 on, not '{}'", *limit));
    query.limit = *number;
  }
  query.rules = arguments.has("rules");
  return query;
}

/// Text on its way out, in large pieces.
class Pieces {
 public:
  explicit Pieces(std::ostream& out) : out_(out) {}
  ~Pieces() { flush(); }
  Pieces(const Pieces&) = delete;
  Pieces& operator=(const Pieces&) = delete;

  /// Where more is appended, before may_flush().
  [[nodiscard]] std::string& text() { return text_; }
  /// False when nobody takes it any more.
  bool may_flush() {
    if (text_.size() >= kPiece) flush();
    return static_cast<bool>(out_);
  }

 private:
  void flush() {
    out_.write(text_.data(), static_cast<std::streamsize>(text_.size()));
    text_.clear();
  }
  std::ostream& out_;
  std::string text_;
};

/// The last line, when there is somebody to read it.
void append_count(const control::ConnectionCount& count, std::size_t told, std::string_view what, std::string& to) {
  if (told < count.matched && what == "connections")
    to += fmt::format("{} of {} connections", told, count.matched);
  else
    to += fmt::format("{} connection{}", count.matched, count.matched == 1 ? "" : "s");
  if (count.seen != count.matched) to += fmt::format(" of {} live ones", count.seen);
  to += '\n';
}

/// The address of an end that the daemon knows no name of.
std::optional<net::Address> nameless_end(const Json& connection, const char* which) {
  const auto end = connection.find(which);
  if (end == connection.end() || !end->is_object() || end->value("name", Json()).is_string()) return std::nullopt;
  const auto address = end->find("address");
  return address == end->end() || !address->is_string() ? std::nullopt : net::Address::parse(address->get<std::string>());
}

/// Where connections come from: the kernel, or the daemon for who may not ask it.
class Source {
 public:
  Source(Context& context, const Arguments& arguments, ConnectionQuery& query)
      : context_(context), arguments_(arguments), query_(query), service_(Service::find(context, arguments)) {}

  /// Reads the filter. An exit code to stop with, or nothing to go on.
  std::optional<ExitCode> begin() {
    const DaemonClient* daemon = service_.daemon();
    // One that was named may be in another network namespace.
    asks_daemon_ = daemon != nullptr && std::getenv("VUURMUUR_SOCKET") != nullptr;
    if (asks_daemon_) return std::nullopt;
    const std::string directory = daemon != nullptr ? daemon->about().state_directory : state_directory(arguments_);
    auto in_force = control::read_in_force(history::Store(context_.files, directory), *kernel_);
    if (!in_force) {
      if (daemon == nullptr) return report_refusal(context_, in_force.error());
      asks_daemon_ = true;
      return std::nullopt;
    }
    in_force_.emplace(std::move(*in_force));
    auto filter = read_filter(context_, arguments_, *in_force_);
    if (!filter) return filter.error();
    query_.filter = std::move(*filter);
    return std::nullopt;
  }

  /// Appends all that the query wants, and hands it on in pieces.
  base::Result<void> tell(Pieces& pieces) {
    if (arguments_.has("resolve") && !later_)
      later_.emplace(dns_options_of(context_, service_.configuration()), context_.json,
                     [this](std::string_view line) { pieces_->text() += line; });
    pieces_ = &pieces;
    if (!asks_daemon_) {
      const auto told = tell_of_kernel(pieces);
      asks_daemon_ = !told && control::is_missing_privilege(told.error()) && service_.daemon() != nullptr;
      if (!asks_daemon_) return told;
      pieces.text().clear();
    }
    return tell_of_daemon(pieces);
  }

  /// What telling ended with.
  ExitCode report(const base::Result<void>& told) {
    if (told) return ExitCode::Done;
    // With its places, which were written already.
    return is_filter_wrong_ ? ExitCode::Usage : report_refusal(context_, told.error());
  }

 private:
  [[nodiscard]] bool is_grouped() const { return query_.grouping != ConnectionGrouping::None; }

  void head(std::string& to) const {
    if (context_.json) return;
    if (is_grouped())
      to += group_head(control::connection_groupings()[static_cast<std::size_t>(query_.grouping)]);
    else
      to += connection_head();
  }

  base::Result<void> tell_of_kernel(Pieces& pieces) {
    head(pieces.text());
    control::ConnectionCount count;
    std::size_t told = 0;
    if (is_grouped()) {
      for (const auto& group : VM_TRY(control::group_connections(*kernel_, *in_force_, query_, count))) {
        if (context_.json)
          (pieces.text() += json_line(group)) += '\n';
        else
          append_line(group, pieces.text());
        pieces.may_flush();
      }
    } else {
      count =
          VM_TRY(control::query_connections(*kernel_, *in_force_, query_, [&](const control::NamedConnection& named) {
            ++told;
            std::string& text = later_ ? line_ : pieces.text();
            if (context_.json) {
              append_json(named, text);
              text += '\n';
            } else {
              append_line(named, text);
            }
            if (later_) {
              const filter::End &source = named.source(), &destination = named.destination();
              later_->add(std::exchange(line_, {}), source.name.empty() ? &source.address : nullptr,
                          destination.name.empty() ? &destination.address : nullptr);
            }
            return pieces.may_flush();
          }));
      if (later_) later_->flush();
    }
    if (!context_.json) append_count(count, told, is_grouped() ? "groups" : "connections", pieces.text());
    return {};
  }

  base::Result<void> tell_of_daemon(Pieces& pieces) {
    Json parameters{{"filter", filter_text(arguments_)},
                    {"order", control::connection_orders()[static_cast<std::size_t>(query_.order)]},
                    {"group_by", control::connection_groupings()[static_cast<std::size_t>(query_.grouping)]},
                    {"limit", std::min(query_.limit.value_or(kMostOfDaemon), kMostOfDaemon)},
                    {"rules", query_.rules}};
    if (query_.family) parameters["family"] = *query_.family == net::Family::Ipv4 ? 4 : 6;
    const ipc::Reply reply = service_.ask("Connections", parameters);
    if (is_error(reply, "WrongFilter")) {
      context_.err << reply.parameters.value("text", "");
      is_filter_wrong_ = true;
      return base::failure("the filter is wrong");
    }
    if (!reply.error.empty()) return std::unexpected(error_of(reply));
    try {
      head(pieces.text());
      const Json& told = reply.parameters.at(is_grouped() ? "groups" : "connections");
      for (const Json& each : told) {
        std::string& text = later_ ? line_ : pieces.text();
        if (context_.json)
          (text += each.dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace)) += '\n';
        else if (is_grouped())
          append_line(group_from(each), text);
        else
          append_line(each, text);
        if (later_) {
          const auto source = nameless_end(each, "source"), destination = nameless_end(each, "destination");
          later_->add(std::exchange(line_, {}), source ? &*source : nullptr, destination ? &*destination : nullptr);
        }
        pieces.may_flush();
      }
      if (later_) later_->flush();
      const control::ConnectionCount count{.seen = reply.parameters.at("seen").get<std::size_t>(),
                                           .matched = reply.parameters.at("matched").get<std::size_t>()};
      if (!context_.json) append_count(count, told.size(), is_grouped() ? "groups" : "connections", pieces.text());
    } catch (const Json::exception&) {
      return strange_answer();
    }
    return {};
  }

  Context& context_;
  const Arguments& arguments_;
  ConnectionQuery& query_;
  std::optional<ReverseLines> later_;  ///< when DNS is to be asked
  Pieces* pieces_ = nullptr;           ///< of this tell()
  std::string line_;
  std::unique_ptr<apply::Kernel> kernel_ = apply::make_kernel();
  std::optional<control::InForce> in_force_;
  Service service_;
  bool asks_daemon_ = false, is_filter_wrong_ = false;
};

/// As many rows as the terminal has, without those that the table needs itself.
std::optional<std::size_t> rows_of_terminal() {
  winsize size{};
  constexpr unsigned kOwnRows = 3;
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row <= kOwnRows) return std::nullopt;
  return size.ws_row - kOwnRows;
}

ExitCode watch(Context& context, Source& source, ConnectionQuery& query, std::chrono::seconds interval) {
  const bool is_screen = !context.json && is_terminal(STDOUT_FILENO);
  const std::optional<std::size_t> wished = query.limit;
  if (query.order == ConnectionOrder::None && query.grouping == ConnectionGrouping::None)
    query.order = ConnectionOrder::Bytes;
  auto watching = Watching::begin();
  if (!watching) return report_refusal(context, watching.error());
  std::function<void()> look = [&] {
    if (is_screen && !wished) query.limit = rows_of_terminal();
    {
      Pieces pieces(context.out);
      if (is_screen) pieces.text() += "\033[H\033[2J";
      if (const auto told = source.tell(pieces); !told) return (*watching)->end(std::unexpected(told.error()));
    }
    context.out.flush();
    (*watching)->loop().call_after(interval, look);
  };
  look();
  return source.report((*watching)->run());
}

ExitCode run(Context& context, const Arguments& arguments) {
  auto query = read_query(arguments);
  if (!query) return usage_error(context, kConnectionsCommand, query.error());
  std::optional<std::chrono::seconds> interval;
  if (const auto word = arguments.value("watch")) {
    const auto seconds = base::parse_number<std::uint32_t>(*word);
    if (!seconds || *seconds == 0 || *seconds > kLongestInterval)
      return usage_error(
          context, kConnectionsCommand,
          fmt::format("option '--watch': expected seconds from 1 to {}, not '{}'", kLongestInterval, *word));
    interval = std::chrono::seconds(*seconds);
  }
  Source source(context, arguments, *query);
  if (const auto code = source.begin()) return *code;
  if (interval) return watch(context, source, *query, *interval);
  base::Result<void> told;
  {
    Pieces pieces(context.out);
    told = source.tell(pieces);
  }
  return source.report(told);
}

}  // namespace

constinit const Command kConnectionsCommand{
    .name = "connections",
    .summary = "show live connections by name: from where to where, which service, how much",
    .arguments = "[FILTER…]",
    .usage =
        "Prints a line for each connection that the kernel knows, in the names of the policy in force. A filter is "
        "made\n"
        "of words that all have to fit: src:lan dst:web.srv.dmz port:80,443 proto:tcp state:established queue:5\n"
        "host:NAME zone:NAME service:NAME rule:3 bytes:>1M, '!' in front for those that do not, and words without a "
        "key,\n"
        "which are looked for in names, addresses, ports and services. With --json one object a line.",
    .options = kOptions,
    .max_positional = kMostFilterWords,
    .run = run,
};

}  // namespace vuurmuur::cli
