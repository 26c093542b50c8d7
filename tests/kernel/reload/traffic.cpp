// SPDX-License-Identifier: GPL-2.0-or-later
#include "traffic.h"

#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <new>

#include "base/assert.h"
#include "lab/error.h"
#include "packets.h"
#include "traffic_process.h"

namespace vuurmuur::kernel_test {

struct Traffic::Shared : TrafficBoard {};

namespace {

constexpr int kDeadlineMs = 60000, kStepMs = 1;

/// The reload has one processor for itself, as a firewall's other processors go on forwarding meanwhile. With one
/// processor in all there is nothing to choose, and the call fails.
void leave_this_processor() {
  cpu_set_t others;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) CPU_SET(cpu, &others);
  const int mine = ::sched_getcpu();
  if (mine >= 0) CPU_CLR(mine, &others);
  static_cast<void>(::sched_setaffinity(0, sizeof others, &others));
}

[[noreturn]] void be_traffic(const Road& road, const TrafficPlan& plan, TrafficBoard& board) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  leave_this_processor();
  try {
    TrafficProcess(road, plan, board).run();
  } catch (const std::exception& error) {
    std::strncpy(board.failure, error.what(), sizeof board.failure - 1);
    ::_exit(1);
  }
  ::_exit(0);
}

}  // namespace

Traffic::Traffic(Road& road, TrafficPlan plan)
    : road_(road), plan_(std::move(plan)), dropped_before_(road.dropped_by_devices()), by_hand_(road, Side::Near) {
  VM_ASSERT(plan_.streams.size() <= TrafficBoard::kStreams && plan_.talks.size() <= TrafficBoard::kTalks);
  void* memory = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw lab::LabError::from_errno("share memory");
  shared_ = new (memory) Shared;
  process_ = ::fork();
  if (process_ < 0) throw lab::LabError::from_errno("fork");
  if (process_ == 0) be_traffic(road_, plan_, *shared_);
  try {
    wait_until_ready();
  } catch (...) {
    end_process();
    throw;
  }
}

Traffic::~Traffic() { end_process(); }

void Traffic::wait_until_ready() {
  for (int waited = 0; !shared_->is_ready; waited += kStepMs) {
    check_process();
    if (waited > kDeadlineMs) throw lab::LabError("traffic does not begin");
    ::poll(nullptr, 0, kStepMs);
  }
}

void Traffic::end_process() {
  if (process_ > 0) {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }
  ::munmap(shared_, sizeof(Shared));
}

/// Throws when the process has ended by itself.
void Traffic::check_process() {
  int status = 0;
  if (::waitpid(process_, &status, WNOHANG) != process_) return;
  process_ = -1;
  throw lab::LabError(std::string("traffic ended by itself: ") + shared_->failure);
}

void Traffic::send(std::size_t stream, unsigned how_many) {
  VM_ASSERT(plan_.streams[stream].kind == Stream::Kind::ByHand && plan_.streams[stream].from == Side::Near);
  std::atomic<std::uint64_t>& sent = shared_->sent_by_hand[stream];
  std::vector<lab::Packet> packets;
  for (unsigned i = 0; i < how_many; ++i)
    packets.push_back(packet_of(plan_.streams[stream], plan_.first_number + stream, sent++));
  if (by_hand_.send(packets) != packets.size()) throw lab::LabError("the device lost packets");
}

std::uint64_t Traffic::sent() const { return shared_->sent; }

bool Traffic::wait_until_sent(std::uint64_t packets) {
  for (int waited = 0; sent() < packets; waited += kStepMs) {
    check_process();
    if (waited > kDeadlineMs) return false;
    ::poll(nullptr, 0, kStepMs);
  }
  return true;
}

TrafficCount Traffic::stop() {
  shared_->shall_stop = true;
  int status = 0;
  if (::waitpid(process_, &status, 0) != process_) throw lab::LabError::from_errno("wait for the traffic");
  process_ = -1;
  if (status != 0) throw lab::LabError(std::string("traffic failed: ") + shared_->failure);
  TrafficCount count;
  for (std::size_t i = 0; i < plan_.streams.size(); ++i) {
    count.streams.push_back(shared_->streams[i]);
    count.streams.back().sent += shared_->sent_by_hand[i];
  }
  count.talks.assign(shared_->talks, shared_->talks + plan_.talks.size());
  count.lost_by_laboratory = shared_->overflowed + (road_.dropped_by_devices() - dropped_before_);
  return count;
}

}  // namespace vuurmuur::kernel_test
