// SPDX-License-Identifier: GPL-2.0-or-later
#include "doctor/suricata_findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/strings.h"

namespace vuurmuur::doctor {
namespace {

/// NFQ_BURST_FACTOR of source-nfq.c: the queue is so many times as long as packets may be at work.
constexpr std::uint64_t kBurst = 4;
constexpr std::uint64_t kDefaultPending = 1024, kMostPending = 65534;
/// NFQNL_QMAX_DEFAULT of net/netfilter/nfnetlink_queue.c.
constexpr std::uint64_t kKernelLength = 1024;

class Checks {
 public:
  explicit Checks(const SuricataSubject& subject) : subject_(subject), config_(subject.config) {
    for (const QueueNeed& need : subject.needs)
      if (!subject.start || subject.start->queues.empty() || reads_some(need)) needs_.push_back(&need);
  }

  std::vector<Finding> run() {
    check_includes();
    check_start();
    if (needs_.empty()) return std::move(findings_);
    check_mode();
    check_release();
    check_bypass_bits();
    check_fail_open();
    check_midstream();
    check_memory();
    check_inline();
    check_urgent();
    check_length();
    check_batches();
    return std::move(findings_);
  }

 private:
  bool reads_some(const QueueNeed& need) const {
    return std::ranges::any_of(subject_.start->queues, [&](const model::QueueRange& range) {
      return range.first <= need.range.last && need.range.first <= range.last;
    });
  }

  void add(Severity severity, std::string id, std::string what, std::string why, std::vector<Change> changes = {}) {
    findings_.push_back({.severity = severity,
                         .id = "suricata-" + std::move(id),
                         .what = "Suricata: " + std::move(what),
                         .why = std::move(why),
                         .changes = std::move(changes)});
  }

  Change set(const std::string& path, std::string_view value) const { return config_.change(path, value); }

  bool is(std::string_view path, std::string_view word) const {
    return base::equals_ignoring_case(config_.value(path), word);
  }

  void check_includes() {
    for (const std::string& file : config_.unreadable())
      add(Severity::Error, "include", "a file that is included cannot be read: " + file, "Suricata would not start");
  }

  void check_start() {
    const auto& start = subject_.start;
    if (!start || subject_.needs.empty()) return;
    if (start->queues.empty()) {
      std::string options;
      for (const QueueNeed& need : subject_.needs) options += option_of(need.range);
      std::string line = start->line;
      if (!start->other_source.empty())
        if (const std::size_t at = line.find(start->other_source); at != std::string::npos) {
          const std::size_t end = std::min(line.find(' ', at), line.size());
          line.replace(at, end - at, options.substr(1));
          options.clear();
        }
      add(Severity::Error, "start", "it is started without a queue to read (-q)",
          start->other_source.empty() ? "nobody would listen to the queues of the policy"
                                      : fmt::format("with {} it sees copies of packets and can stop none, and nobody "
                                                    "would listen to the queues of the policy",
                                                    start->other_source),
          {{.place = start->place, .from = start->line, .to = line + options}});
      return;
    }
    for (const QueueNeed& need : subject_.needs)
      for (const model::QueueRange& missing : unread(need.range))
        add(Severity::Warning, "queues",
            fmt::format("it does not read {}, where {} sends", name_of(missing), need.rule),
            need.bypass ? "unless another program listens there, what is sent there passes without inspection"
                        : "unless another program listens there, what is sent there is dropped",
            {{.place = start->place, .from = start->line, .to = start->line + option_of(missing)}});
    for (const model::QueueRange& range : start->queues) {
      const bool is_used = std::ranges::any_of(subject_.needs, [&](const QueueNeed& need) {
        return range.first <= need.range.last && need.range.first <= range.last;
      });
      if (!is_used)
        add(Severity::Advice, "queues-unused", fmt::format("it reads {}, where no rule sends", name_of(range)),
            "a thread waits there for nothing", {{.place = start->place, .from = start->line}});
    }
  }

  static std::string option_of(const model::QueueRange& range) {
    return range.first == range.last ? fmt::format(" -q {}", range.first)
                                     : fmt::format(" -q {}:{}", range.first, range.last);
  }

  /// The parts of a range that it does not read.
  std::vector<model::QueueRange> unread(const model::QueueRange& wanted) const {
    std::vector<model::QueueRange> sorted = subject_.start->queues, missing;
    std::ranges::sort(sorted, {}, &model::QueueRange::first);
    std::uint32_t next = wanted.first;
    for (const model::QueueRange& range : sorted) {
      if (next > wanted.last || range.last < next) continue;
      if (range.first > wanted.last) break;
      if (range.first > next)
        missing.push_back({static_cast<std::uint16_t>(next), static_cast<std::uint16_t>(range.first - 1)});
      next = std::uint32_t{range.last} + 1;
    }
    if (next <= wanted.last) missing.push_back({static_cast<std::uint16_t>(next), wanted.last});
    return missing;
  }

  void check_mode() {
    const std::string_view mode = config_.value("nfq.mode");
    if (mode.empty() || is("nfq.mode", "accept")) return;
    if (is("nfq.mode", "repeat")) {
      const auto mask = static_cast<std::uint32_t>(config_.number("nfq.repeat-mask").value_or(0)),
                 mark = static_cast<std::uint32_t>(config_.number("nfq.repeat-mark").value_or(0)) & mask;
      if (mark == 0)
        add(Severity::Error, "repeat",
            fmt::format("mode repeat with the mark {:#x}/{:#x}, which packets have before it has seen them", mark,
                        mask),
            "it takes them for packets that it has seen already, and lets all of them pass without inspection",
            {set("nfq.mode", "accept")});
      else
        add(Severity::Warning, "repeat", "mode repeat sends what it accepts through the rules again",
            "they queue it a second time, which costs each packet two ways through the queue and gains nothing",
            {set("nfq.mode", "accept")});
    } else if (is("nfq.mode", "route")) {
      const auto to = config_.number("nfq.route-queue").value_or(0);
      const bool is_own = std::ranges::any_of(
          needs_, [&](const QueueNeed* need) { return need->range.first <= to && to <= need->range.last; });
      add(is_own ? Severity::Error : Severity::Warning, "route",
          fmt::format("mode route hands what it accepts to queue {}", to),
          is_own ? "that queue is one of its own, and packets go round for ever"
                 : "what it accepts is dropped unless another program listens there, which no rule of the policy says",
          {set("nfq.mode", "accept")});
    } else {
      add(Severity::Error, "mode", fmt::format("no mode is named '{}'; there are accept, repeat and route", mode),
          "Suricata would not start", {set("nfq.mode", "accept")});
    }
  }

  std::uint32_t bypass_mask() const {
    return static_cast<std::uint32_t>(config_.number("nfq.bypass-mask").value_or(0));
  }
  std::uint32_t bypass_mark() const {
    return static_cast<std::uint32_t>(config_.number("nfq.bypass-mark").value_or(0)) & bypass_mask();
  }

  std::vector<Change> set_bypass(const model::PacketMark& release) const {
    return {set("nfq.bypass-mark", fmt::format("{:#x}", release.value)),
            set("nfq.bypass-mask", fmt::format("{:#x}", release.mask))};
  }

  /// Whether a packet that it hands back has what a rule releases at, whatever mark it came with.
  bool releases(const model::PacketMark& release) const {
    return (release.mask & ~bypass_mask()) == 0 && (bypass_mark() & release.mask) == (release.value & release.mask);
  }

  void check_release() {
    const auto releasing =
        std::ranges::find_if(needs_, [](const QueueNeed* need) { return need->release.has_value(); });
    const bool hands_back = config_.is_true("stream.bypass");
    if (releasing == needs_.end()) {
      if (bypass_mask() == 0) return;
      model::PacketMark mark{.value = bypass_mark(), .mask = bypass_mask()};
      add(hands_back ? Severity::Warning : Severity::Advice, "bypass-unheard",
          fmt::format("it marks connections that it has done with ({}), and no rule releases them", name_of(mark)),
          "they stay in the queue, where each packet is handed over only to be accepted",
          {with_option(*needs_.front(), fmt::format("release=\\\"{}\\\"", name_of(mark)))});
      return;
    }
    for (const QueueNeed* need : needs_) {
      if (!need->release || releases(*need->release)) continue;
      const std::string wanted = name_of(*need->release);
      if (bypass_mask() == 0)
        add(Severity::Warning, "release",
            fmt::format("it has no bypass mask, while {} releases what is marked {}", need->rule, wanted),
            "no connection is ever taken out of the queue", set_bypass(*need->release));
      else
        add(Severity::Warning, "release",
            fmt::format("it marks {:#x}/{:#x}, while {} releases what is marked {}", bypass_mark(), bypass_mask(),
                        need->rule, wanted),
            "no connection is ever taken out of the queue", set_bypass(*need->release));
      return;
    }
    const QueueNeed& need = **releasing;
    if (!hands_back)
      add(Severity::Advice, "bypass-off",
          fmt::format("it hands no connection back at its stream depth, though {} would release it", need.rule),
          "long transfers stay in the queue with nothing inspected any more; only rules with 'bypass' release",
          {set("stream.bypass", "yes")});
  }

  void check_bypass_bits() {
    if (bypass_mask() == 0) return;
    if (const std::uint32_t saved = bypass_mask() & subject_.saved_marks & subject_.layout.mask(); saved != 0)
      add(Severity::Error, "bypass-saved",
          fmt::format("a rule of somebody else copies packet marks into the connection mark, and {:#x} of the bypass "
                      "mask is in "
                      "the field {:#x} that tells queues",
                      saved, subject_.layout.mask()),
          "a connection that is marked gets into another queue, or into none",
          {set("nfq.bypass-mark", "0x1"), set("nfq.bypass-mask", "0x1")});
    for (const QueueNeed* need : needs_) {
      if (need->release && (bypass_mask() & ~need->release->mask) == 0) continue;
      const std::uint32_t lost =
          need->nfmark ? bypass_mask() & need->nfmark->mask & ~(need->release ? need->release->mask : 0) : 0;
      if (lost != 0) {
        add(Severity::Warning, "bypass-nfmark",
            fmt::format("its bypass mask {:#x} takes bits {:#x} of the packet mark that {} gives", bypass_mask(), lost,
                        need->rule),
            "packets that it hands back lose the mark by which they are routed or shaped",
            {set("nfq.bypass-mask", fmt::format("{:#x}", bypass_mask() & ~need->nfmark->mask))});
        return;
      }
      if (need->release && releases(*need->release)) {
        add(Severity::Advice, "bypass-wide",
            fmt::format("its bypass mask {:#x} is wider than {:#x}, at which {} releases", bypass_mask(),
                        need->release->mask, need->rule),
            "the other bits of the packet mark may be somebody else's, by which he routes",
            {set("nfq.bypass-mask", fmt::format("{:#x}", need->release->mask))});
        return;
      }
    }
  }

  void check_fail_open() {
    const bool is_open = config_.is_true("nfq.fail-open");
    const auto differs = std::ranges::find_if(needs_, [&](const QueueNeed* need) { return need->bypass != is_open; });
    if (differs == needs_.end()) return;
    const QueueNeed& need = **differs;
    if (is_open)
      add(Severity::Warning, "fail-open",
          fmt::format("fail-open lets pass what finds {} full, while {} says that nothing passes without inspection",
                      name_of(need.range), need.rule),
          "who sends fast enough gets past inspection", {set("nfq.fail-open", "no")});
    else
      add(Severity::Advice, "fail-closed",
          fmt::format("without fail-open it drops what finds {} full, while {} lets pass what nobody inspects",
                      name_of(need.range), need.rule),
          "connections stall while Suricata falls behind, and would pass if it were gone",
          {set("nfq.fail-open", "yes")});
  }

  /// The policy for an exception: its own, else the one for all. Of "auto", in a queue, drops.
  std::string policy(std::string_view path) const {
    std::string_view word = config_.value(path);
    if (word.empty()) word = config_.value("exception-policy");
    return word.empty() || base::equals_ignoring_case(word, "auto") ? "auto" : base::to_lower(word);
  }

  void check_midstream() {
    const bool picks_up = config_.is_true("stream.midstream");
    const std::string what = policy("stream.midstream-policy");
    const std::vector<Change> adopt{set("stream.midstream", "true"), set("stream.midstream-policy", "ignore")};
    if (picks_up) {
      if (what == "auto" || what == "ignore" || config_.value("stream.midstream-policy").empty()) return;
      if (what == "pass-flow")
        add(Severity::Warning, "midstream",
            "connections that it meets in their middle pass without inspection (pass-flow)",
            "after each start of Suricata, those that lived before are never inspected again",
            {set("stream.midstream-policy", "ignore")});
      else
        add(Severity::Error, "midstream",
            fmt::format("midstream-policy {} does not go with midstream: only ignore and pass-flow do", what),
            "Suricata would not start", {set("stream.midstream-policy", "ignore")});
      return;
    }
    if (what == "ignore" || what.starts_with("pass-") || what == "bypass")
      add(Severity::Warning, "midstream",
          fmt::format("it does not take up connections in their middle, and lets them pass ({})", what),
          "after each start of Suricata, those that lived before pass without inspection", adopt);
    else
      add(Severity::Warning, "midstream",
          fmt::format("it {} connections that it meets in their middle ({})", what == "reject" ? "resets" : "drops",
                      what),
          "each start of Suricata ends all connections in its queues", adopt);
  }

  void check_memory() {
    constexpr std::array kLimits{"stream.memcap-policy", "stream.reassembly.memcap-policy", "flow.memcap-policy",
                                 "defrag.memcap-policy"};
    std::string open;
    std::vector<Change> changes;
    const bool is_master = config_.value("exception-policy").empty() ? false : !is("exception-policy", "auto");
    for (const std::string path : kLimits) {
      const std::string what = policy(path);
      if (what != "ignore" && what != "bypass" && !what.starts_with("pass-")) continue;
      open += fmt::format("{}{} ({})", open.empty() ? "" : ", ", path.substr(0, path.rfind('.')), what);
      if (!config_.value(path).empty() || is_master)
        changes.push_back(
            set(path, path.starts_with("flow") || path.starts_with("defrag") ? "drop-packet" : "drop-flow"));
    }
    if (open.empty()) return;
    add(Severity::Warning, "memcap", "where its memory ends it lets pass without inspection: " + open,
        "who opens enough connections first gets past inspection; what drops instead refuses honest ones meanwhile",
        std::move(changes));
  }

  void check_inline() {
    if (config_.find("stream.inline") == nullptr || is("stream.inline", "auto") || config_.is_true("stream.inline"))
      return;
    add(Severity::Error, "inline", fmt::format("stream.inline is {}", config_.value("stream.inline")),
        "data is inspected only when the other end has acknowledged it, which is when it has got it",
        {set("stream.inline", "auto")});
  }

  void check_urgent() {
    if (is("stream.reassembly.urgent.policy", "drop")) return;
    const auto open = std::ranges::find_if(needs_, [](const QueueNeed* need) { return !need->drop_urgent; });
    if (open == needs_.end()) return;
    add(Severity::Warning, "urgent", "a byte that is sent as urgent data is read otherwise than the other end reads it",
        "an attack with one such byte in its middle matches no signature; Suricata drops such segments from 7.0.10 on, "
        "and "
        "the rule's 'dropurg' before any inspector",
        {with_option(**open, "dropurg"), set("stream.reassembly.urgent.policy", "drop")});
  }

  void check_length() {
    const std::string_view written = config_.value("max-pending-packets");
    if (written.empty()) return;
    const auto pending = config_.number("max-pending-packets");
    if (!pending || *pending == 0 || *pending > kMostPending)
      add(Severity::Error, "length",
          fmt::format("max-pending-packets is {}, not a number from 1 to {}", written, kMostPending),
          "Suricata would not start", {set("max-pending-packets", fmt::format("{}", kDefaultPending))});
    else if (*pending * kBurst < kKernelLength)
      add(Severity::Warning, "length",
          fmt::format("max-pending-packets {} makes its queues {} packets long, shorter than the kernel's {}", *pending,
                      *pending * kBurst, kKernelLength),
          "a burst of packets finds the queue full, and is dropped",
          {set("max-pending-packets", fmt::format("{}", kDefaultPending))});
  }

  void check_batches() {
    const auto batch = config_.number("nfq.batchcount").value_or(0);
    if (batch <= 1 || is("runmode", "workers") || (subject_.start && subject_.start->has_workers)) return;
    add(Severity::Warning, "batch", fmt::format("batchcount {} works in runmode workers only", batch),
        "Suricata says so at its start and gives each packet a verdict of its own", {set("runmode", "workers")});
  }

  const SuricataSubject& subject_;
  const SuricataConfig& config_;
  std::vector<const QueueNeed*> needs_;  ///< that it would serve
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> suricata_findings(const SuricataSubject& subject) { return Checks(subject).run(); }

}  // namespace vuurmuur::doctor
