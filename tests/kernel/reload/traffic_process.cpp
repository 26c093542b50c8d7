// SPDX-License-Identifier: GPL-2.0-or-later
#include "traffic_process.h"

#include <poll.h>

#include <algorithm>

#include "lab/error.h"
#include "packets.h"

namespace vuurmuur::kernel_test {
namespace {

constexpr std::size_t kBatch = 32;
constexpr auto kDeadline = std::chrono::seconds(5);
/// After a pause of this process only this much is made up for.
constexpr std::uint64_t kMostBehind = 512;

/// Sets the bit of a number; whether it was set before.
bool test_and_set(std::vector<bool>& bits, std::uint64_t number) {
  if (number >= bits.size()) bits.resize(std::max<std::size_t>(number + 1, bits.size() * 2));
  const bool before = bits[number];
  bits[number] = true;
  return before;
}

}  // namespace

TrafficProcess::TrafficProcess(const Road& road, const TrafficPlan& plan, TrafficBoard& board)
    : plan_(plan), board_(board), near_(road, Side::Near), far_(road, Side::Far), states_(plan.streams.size()) {
  unsigned heaviest = 0;
  for (const Stream& stream : plan.streams) heaviest = std::max(heaviest, stream.weight);
  for (unsigned round = 0; round < heaviest; ++round)
    for (std::size_t i = 0; i < plan.streams.size(); ++i)
      if (plan.streams[i].kind != Stream::Kind::ByHand && round < plan.streams[i].weight) wheel_.push_back(i);
  if (!plan.queues.empty()) {
    queues_.emplace(road.firewall());
    for (const std::uint16_t queue : plan.queues) queues_->bind(queue);
  }
  talks_.reserve(plan.talks.size());
  for (const TalkPlan& talk : plan.talks) talks_.emplace_back(road, talk.family, talk.port);
}

void TrafficProcess::run() {
  establish();
  board_.is_ready = true;
  began_ = Clock::now();
  while (!board_.shall_stop) {
    send_due();
    for (Talk& talk : talks_) talk.step(Clock::now(), /*may_send=*/true);
    receive();
    rest();
  }
  const auto deadline = Clock::now() + plan_.patience;
  while (!is_complete() && Clock::now() < deadline) {
    for (Talk& talk : talks_) talk.step(Clock::now(), /*may_send=*/false);
    receive();
    rest();
  }
  for (std::size_t i = 0; i < talks_.size(); ++i) board_.talks[i] = talks_[i].count();
  board_.overflowed += near_.overflowed() + far_.overflowed();
}

/// Each flow's first packet, until it is answered: from then on its connection is established.
void TrafficProcess::establish() {
  const auto deadline = Clock::now() + kDeadline;
  for (std::size_t i = 0; i < plan_.streams.size(); ++i) {
    const Stream& stream = plan_.streams[i];
    if (stream.kind != Stream::Kind::Flow) continue;
    const lab::Packet first = packet_of(stream, plan_.first_number + i, board_.streams[i].sent++);
    static_cast<void>(port(stream.from).send({&first, 1}));
    while (board_.streams[i].answers_arrived == 0) {
      if (Clock::now() > deadline) throw lab::LabError("the flow '" + stream.name + "' is not answered");
      receive();
      rest();
    }
  }
}

void TrafficProcess::send_due() {
  const auto elapsed = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - began_).count();
  const std::uint64_t due = static_cast<std::uint64_t>(elapsed) * plan_.packets_per_second / 1000000;
  if (wheel_.empty() || due <= turns_) return;
  if (due - turns_ > kMostBehind) {
    // What was not sent while this process had to wait is not sent later.
    began_ += std::chrono::microseconds((due - turns_ - kMostBehind) * 1000000 / plan_.packets_per_second);
  }
  std::vector<lab::Packet> packets[2];
  std::vector<std::size_t> streams[2];
  for (std::size_t n = std::min<std::uint64_t>(kBatch, due - turns_); n > 0; --n) {
    const std::size_t i = wheel_[turns_++ % wheel_.size()];
    const Stream& stream = plan_.streams[i];
    const auto side = static_cast<std::size_t>(stream.from);
    if (stream.kind == Stream::Kind::Flow) states_[i].sent_at[board_.streams[i].sent % kRemembered] = Clock::now();
    packets[side].push_back(packet_of(stream, plan_.first_number + i, board_.streams[i].sent++));
  }
  std::size_t refused = 0;
  for (const Side side : {Side::Near, Side::Far}) {
    const auto& mine = packets[static_cast<std::size_t>(side)];
    if (!mine.empty()) refused += mine.size() - port(side).send(mine);
  }
  board_.overflowed += refused;
  board_.sent = turns_;
}

void TrafficProcess::receive() {
  consume();
  for (const Side side : {Side::Near, Side::Far})
    port(side).receive([&](const Number& number, const lab::Packet& packet) { arrive(side, number, packet); });
  for (const Side side : {Side::Near, Side::Far}) {
    auto& answers = answers_[static_cast<std::size_t>(side)];
    if (answers.empty()) continue;
    board_.overflowed += answers.size() - port(side).send(answers);
    answers.clear();
  }
}

void TrafficProcess::arrive(Side at, const Number& number, const lab::Packet& packet) {
  const std::size_t index = number.stream - plan_.first_number;
  if (index >= plan_.streams.size()) return;
  const Stream& stream = plan_.streams[index];
  StreamCount& count = board_.streams[index];
  State& state = states_[index];
  if (number.is_answer) {
    if (at == stream.from && !test_and_set(state.seen_answers, number.sequence)) {
      ++count.answers_arrived;
      note_round_trip(index, number.sequence);
    }
    return;
  }
  if (at == stream.from) return;
  if (test_and_set(state.seen, number.sequence)) {
    ++count.doubled;
    return;
  }
  ++count.arrived;
  if (stream.kind != Stream::Kind::Flow) return;
  if (!state.arrived_as) state.arrived_as = packet;
  if (packet.source != state.arrived_as->source || packet.source_port != state.arrived_as->source_port ||
      packet.destination != state.arrived_as->destination ||
      packet.destination_port != state.arrived_as->destination_port)
    ++count.translations_changed;
  answers_[static_cast<std::size_t>(at)].push_back(answer_to(packet, number));
  ++count.answers_sent;
}

void TrafficProcess::note_round_trip(std::size_t stream, std::uint64_t sequence) {
  const Clock::time_point sent_at = states_[stream].sent_at[sequence % kRemembered];
  if (sent_at == Clock::time_point{}) return;
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - sent_at).count();
  StreamCount& count = board_.streams[stream];
  count.slowest_us = std::max(count.slowest_us, static_cast<std::uint64_t>(took));
}

void TrafficProcess::consume() {
  if (!queues_) return;
  for (const lab::Queued& packet : queues_->pending()) queues_->accept(packet);
}

/// Waits for something to do, for at most a millisecond.
void TrafficProcess::rest() const {
  std::vector<pollfd> waiting{{near_.fd(), POLLIN, 0}, {far_.fd(), POLLIN, 0}};
  if (queues_) waiting.push_back({queues_->fd(), POLLIN, 0});
  ::poll(waiting.data(), waiting.size(), 1);
}

bool TrafficProcess::is_complete() const {
  for (std::size_t i = 0; i < plan_.streams.size(); ++i) {
    if (plan_.streams[i].fate == Stream::Fate::Never) continue;
    const StreamCount& count = board_.streams[i];
    const std::uint64_t sent = count.sent + board_.sent_by_hand[i];
    if (count.arrived != sent || count.answers_arrived != count.answers_sent) return false;
  }
  return std::all_of(talks_.begin(), talks_.end(), [](const Talk& talk) { return talk.has_all_back(); });
}

}  // namespace vuurmuur::kernel_test
