// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/connection_review.h"

#include <algorithm>
#include <cerrno>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

#include "apply/first_packet.h"
#include "apply/foreign_acceptance.h"

namespace vuurmuur::apply {
namespace {

using Verdict = Judgement::Verdict;

/// How often connections are looked at when they are changed.
constexpr int kRounds = 3;
/// Connections between two words of progress.
constexpr std::size_t kStride = 50'000;

base::Result<Routes> routes_of(Kernel& kernel, const std::vector<LiveConnection>& connections) {
  std::unordered_set<net::Address, HashAddress> seen;
  std::vector<net::Address> addresses;
  for (const LiveConnection& connection : connections)
    for (const net::Address& address : {source_in_filter(connection), destination_in_filter(connection)})
      if (is_routable(address) && seen.insert(address).second) addresses.push_back(address);
  const std::vector<Route> found = VM_TRY(kernel.find_routes(addresses));
  Routes routes;
  routes.reserve(addresses.size());
  for (std::size_t i = 0; i < addresses.size(); ++i) routes.emplace(addresses[i], found[i]);
  return routes;
}

/// The judgements of all connections, in their order.
class Court {
 public:
  Court(ConnectionJudge& judge, const FirstPackets& packets, const std::vector<LiveConnection>& connections)
      : judge_(judge), packets_(packets), connections_(connections), judgements_(connections.size()) {}

  const std::vector<Judgement>& judge_all(const Progress& progress) {
    bool has_announced = false;
    for (std::size_t i = 0; i < connections_.size(); ++i) {
      if (progress && i % kStride == kStride - 1)
        progress("look at live connections: " + std::to_string(i + 1) + " of " + std::to_string(connections_.size()));
      if (connections_[i].master) {
        has_announced = true;
        continue;
      }
      judgements_[i] = judge_.judge(connections_[i], packets_.of(connections_[i]));
    }
    if (has_announced) judge_announced();
    return judgements_;
  }

 private:
  void judge_announced() {
    std::unordered_map<ConnectionTuple, std::size_t, HashTuple> places;
    places.reserve(connections_.size());
    for (std::size_t i = 0; i < connections_.size(); ++i) places.emplace(connections_[i].original, i);
    for (std::size_t i = 0; i < connections_.size(); ++i) {
      if (!connections_[i].master) continue;
      // The master may have been announced itself (SIP); whose chain has no end has no beginning either.
      constexpr int kLongest = 8;
      auto master = places.find(*connections_[i].master);
      for (int steps = 0; master != places.end() && connections_[master->second].master; ++steps)
        master = steps < kLongest ? places.find(*connections_[master->second].master) : places.end();
      judgements_[i] = judge_.follow(connections_[i], master == places.end() ? nullptr : &judgements_[master->second]);
    }
  }

  ConnectionJudge& judge_;
  const FirstPackets& packets_;
  const std::vector<LiveConnection>& connections_;
  std::vector<Judgement> judgements_;
};

void count(const ReviewedConnection& reviewed, ConnectionReport& report) {
  if (reviewed.error != 0) {
    ++report.failed;
    return;
  }
  switch (reviewed.judgement.verdict) {
    case Verdict::Keep: ++report.kept; break;
    case Verdict::End: ++report.ended; break;
    case Verdict::Remark: ++report.remarked; break;
    case Verdict::Undecided: ++report.undecided; break;
  }
}

ReviewedConnection review(const ir::Ruleset& ruleset, const ir::MarkLayout& layout, const LiveConnection& connection,
                          const Judgement& judgement) {
  ReviewedConnection reviewed{.connection = connection,
                              .judgement = judgement,
                              .has = layout.decode(connection.mark),
                              .shall = layout.decode(judgement.field),
                              .rule = {},
                              .place = {}};
  if (judgement.origin) {
    const ir::Origin& origin = ruleset.origin(*judgement.origin);
    reviewed.rule = origin.label;
    reviewed.place = origin.place;
  }
  return reviewed;
}

/// One look at all live connections.
class Round {
 public:
  Round(Kernel& kernel, const ir::Ruleset& ruleset, ConnectionJudge& judge, const Progress& progress)
      : kernel_(kernel), ruleset_(ruleset), judge_(judge), progress_(progress) {}

  [[nodiscard]] base::Result<void> look() {
    if (progress_) progress_("read live connections");
    const std::vector<LiveConnection> connections = VM_TRY(kernel_.connections());
    const RoutingFacts facts = VM_TRY(kernel_.routing_facts());
    if (progress_) progress_("ask for the routes of " + std::to_string(connections.size()) + " live connections");
    const Routes routes = VM_TRY(routes_of(kernel_, connections));
    const FirstPackets packets(facts, routes, [&](std::string_view device) { return judge_.number(device); });
    Court court(judge_, packets, connections);
    const auto& judgements = court.judge_all(progress_);
    for (std::size_t i = 0; i < connections.size(); ++i) {
      if (judgements[i].verdict == Verdict::Keep)
        ++kept_;
      else
        found_.push_back(review(ruleset_, judge_.layout(), connections[i], judgements[i]));
    }
    std::ranges::sort(found_, {}, [](const ReviewedConnection& reviewed) {
      return std::tie(reviewed.judgement.verdict, reviewed.connection.original);
    });
    return {};
  }

  /// Makes connections what they shall be; true when there was something to do.
  [[nodiscard]] base::Result<bool> enforce() {
    std::vector<ConnectionChange> changes;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < found_.size(); ++i) {
      const ReviewedConnection& reviewed = found_[i];
      if (reviewed.judgement.verdict == Verdict::Undecided) continue;
      ConnectionChange change{.original = reviewed.connection.original, .id = reviewed.connection.id};
      if (reviewed.judgement.verdict == Verdict::Remark) {
        change.field = reviewed.judgement.field;
        change.mask = judge_.layout().mask();
      }
      changes.push_back(change);
      places.push_back(i);
    }
    if (changes.empty()) return false;
    if (progress_) progress_("change " + std::to_string(changes.size()) + " live connections");
    const std::vector<int> answers = VM_TRY(kernel_.change_connections(changes));
    std::vector<bool> is_over(found_.size());
    for (std::size_t i = 0; i < answers.size(); ++i) {
      found_[places[i]].error = answers[i];
      if (answers[i] == ENOENT) is_over[places[i]] = true;
    }
    std::vector<ReviewedConnection> left;
    left.reserve(found_.size());
    for (std::size_t i = 0; i < found_.size(); ++i)
      if (!is_over[i]) left.push_back(std::move(found_[i]));
    found_ = std::move(left);
    return true;
  }

  [[nodiscard]] std::size_t kept() const { return kept_; }
  [[nodiscard]] std::vector<ReviewedConnection>& found() { return found_; }

 private:
  Kernel& kernel_;
  const ir::Ruleset& ruleset_;
  ConnectionJudge& judge_;
  const Progress& progress_;
  std::size_t kept_ = 0;
  std::vector<ReviewedConnection> found_;
};

bool is_changed(const ReviewedConnection& reviewed) {
  return reviewed.error == 0 && reviewed.judgement.verdict != Verdict::Undecided;
}

}  // namespace

base::Result<ConnectionReport> review_connections(Kernel& kernel, const ir::Ruleset& ruleset, Backend backend,
                                                  bool enforce, const Progress& progress) {
  const ForeignAcceptance foreign = VM_TRY(ForeignAcceptance::of(kernel, backend));
  ConnectionJudge judge(ruleset, foreign);
  ConnectionReport report{.enforced = enforce};
  // Of each round what it changed, and of the last one the rest.
  for (int i = 1;; ++i) {
    Round round(kernel, ruleset, judge, progress);
    VM_TRY_VOID(round.look());
    const bool has_acted = enforce && VM_TRY(round.enforce());
    const bool is_last = !has_acted || i == kRounds;
    for (ReviewedConnection& reviewed : round.found())
      if (is_last || is_changed(reviewed)) report.connections.push_back(std::move(reviewed));
    if (!is_last) continue;
    report.kept = round.kept();
    break;
  }
  for (const ReviewedConnection& reviewed : report.connections) count(reviewed, report);
  return report;
}

base::Result<ReviewedConnection> review_connection(Kernel& kernel, const ir::Ruleset& ruleset, Backend backend,
                                                   const LiveConnection& connection) {
  const ForeignAcceptance foreign = VM_TRY(ForeignAcceptance::of(kernel, backend));
  ConnectionJudge judge(ruleset, foreign);
  const RoutingFacts facts = VM_TRY(kernel.routing_facts());
  const Routes routes = VM_TRY(routes_of(kernel, {connection}));
  const FirstPackets packets(facts, routes, [&](std::string_view device) { return judge.number(device); });
  return review(ruleset, judge.layout(), connection, judge.judge(connection, packets.of(connection)));
}

}  // namespace vuurmuur::apply
