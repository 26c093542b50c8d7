// SPDX-License-Identifier: GPL-2.0-or-later
#include "dns/resolver.h"

// Debian 12 has nothing newer than what Debian 13 calls deprecated.
#define CARES_NO_DEPRECATED
#include <ares.h>
#include <arpa/nameser.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/time.h>

#include <array>
#include <deque>
#include <optional>
#include <span>

#include "dns/read_answer.h"

namespace vuurmuur::dns {
namespace {

constexpr const char* kResolvConf = "/etc/resolv.conf";

/// Which resolv.conf it is; another value when it was written again or replaced.
struct FileIdentity {
  ino_t inode = 0;
  std::int64_t modified = 0;
  bool operator==(const FileIdentity&) const = default;
};

FileIdentity identity_of(const char* path) {
  struct stat found{};
  if (::stat(path, &found) != 0) return {};
  return {.inode = found.st_ino, .modified = std::int64_t{found.st_mtim.tv_sec} * 1'000'000'000 + found.st_mtim.tv_nsec};
}

/// In the form of ares_set_servers_ports_csv(3).
std::string to_csv(const std::vector<Server>& servers) {
  std::string csv;
  for (const Server& server : servers) {
    const bool is_ipv4 = server.address.family == net::Family::Ipv4;
    csv += (csv.empty() ? "" : ",") +
           (is_ipv4 ? fmt::format("{}:{}", server.address.to_string(), server.port)
                    : fmt::format("[{}]:{}", server.address.to_string(), server.port));
  }
  return csv;
}

}  // namespace

/// What c-ares holds pointers to.
class Resolver::Work {
 public:
  Work(base::PollLoop& loop, Options options) : loop_(loop), options_(std::move(options)) {}
  ~Work() {
    is_ending_ = true;
    close_channel();
    if (timer_) loop_.cancel(*timer_);
    if (turn_) loop_.cancel(*turn_);
  }
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;

  /// `on_reply` gets the packet that came, or the status of c-ares that says why none did, or nothing when it cannot be asked.
  using Packet = std::span<const std::uint8_t>;
  using OnReply = std::function<void(int status, Packet packet)>;
  void ask(std::string name, int type, OnReply on_reply) {
    queue_.push_back({.name = std::move(name), .type = type, .on_reply = std::move(on_reply)});
    plan_turn();
  }

  [[nodiscard]] std::size_t waiting() const { return queue_.size() + on_way_ + done_.size(); }

 private:
  struct Question {
    std::string name;
    int type = 0;  ///< ns_t_a, ns_t_aaaa or ns_t_ptr
    OnReply on_reply;
  };
  /// A question that c-ares has; it calls back once for each.
  struct OnWay {
    Work& work;
    Question question;
  };
  struct Done {
    OnReply on_reply;
    int status = 0;
    std::vector<std::uint8_t> packet;
  };

  void plan_turn() {
    if (!turn_) turn_ = loop_.call_after(std::chrono::nanoseconds(0), [this] { turn(); });
  }

  /// Never from within c-ares, so that the channel may be closed.
  void turn() {
    turn_.reset();
    const std::deque<Done> done = std::exchange(done_, {});
    for (const Done& each : done) each.on_reply(each.status, each.packet);
    if (!queue_.empty() && has_other_servers()) close_channel();
    while (!queue_.empty() && on_way_ < options_.at_once) {
      if (!open_channel()) return fail_queue();
      send(std::move(queue_.front()));
      queue_.pop_front();
    }
    // The next questions may be asked hours later: no socket stays open for them.
    if (on_way_ == 0 && queue_.empty()) close_channel();
    plan_timer();
  }

  void send(Question question) {
    auto* on_way = new OnWay{*this, std::move(question)};
    ++on_way_;
    // A name that is asked for with a final dot is not looked up elsewhere.
    ::ares_query(channel_, on_way->question.name.c_str(), ns_c_in, on_way->question.type, &Work::on_packet, on_way);
  }

  static void on_packet(void* data, int status, int /*timeouts*/, unsigned char* packet, int size) {
    const std::unique_ptr<OnWay> on_way(static_cast<OnWay*>(data));
    Work& work = on_way->work;
    --work.on_way_;
    if (work.is_ending_) return;
    Question& question = on_way->question;
    if (status == ARES_ECANCELLED || status == ARES_EDESTRUCTION) {
      // The servers changed: it is asked of the others.
      work.queue_.push_back(std::move(question));
    } else {
      Done done{.on_reply = std::move(question.on_reply), .status = status, .packet = {}};
      if (status == ARES_SUCCESS) done.packet.assign(packet, packet + size);
      work.done_.push_back(std::move(done));
    }
    work.plan_turn();
  }

  void fail_queue() {
    for (Question& question : std::exchange(queue_, {}))
      done_.push_back({.on_reply = std::move(question.on_reply), .status = ARES_ENOTINITIALIZED, .packet = {}});
    plan_turn();
  }

  [[nodiscard]] bool has_other_servers() const {
    return channel_ != nullptr && options_.servers.empty() && identity_of(kResolvConf) != read_;
  }

  [[nodiscard]] bool open_channel() {
    if (channel_ != nullptr) return true;
    read_ = identity_of(kResolvConf);
    ares_options options{};
    int mask = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB | ARES_OPT_LOOKUPS;
    options.timeout = static_cast<int>(options_.timeout.count());
    options.tries = options_.tries;
    options.sock_state_cb = [](void* data, ares_socket_t fd, int readable, int writable) {
      static_cast<Work*>(data)->watch(fd, readable != 0, writable != 0);
    };
    options.sock_state_cb_data = this;
    std::array<char, 2> lookups{'b', '\0'};
    options.lookups = lookups.data();
#ifdef ARES_OPT_QUERY_CACHE
    // Who asks keeps the answers.
    options.qcache_max_ttl = 0;
    mask |= ARES_OPT_QUERY_CACHE;
#endif
    if (::ares_init_options(&channel_, &options, mask) != ARES_SUCCESS) {
      channel_ = nullptr;
      return false;
    }
    if (!options_.servers.empty() &&
        ::ares_set_servers_ports_csv(channel_, to_csv(options_.servers).c_str()) != ARES_SUCCESS) {
      close_channel();
      return false;
    }
    return true;
  }

  void close_channel() {
    if (channel_ != nullptr) ::ares_destroy(channel_);
    channel_ = nullptr;
  }

  void watch(ares_socket_t fd, bool reads, bool writes) {
    if (!reads && !writes) return loop_.forget(fd);
    const auto events = static_cast<short>((reads ? POLLIN : 0) | (writes ? POLLOUT : 0));
    loop_.watch(fd, events, [this, fd](short ready) {
      const bool is_readable = (ready & (POLLIN | POLLERR | POLLHUP)) != 0;
      process(is_readable ? fd : ARES_SOCKET_BAD, (ready & POLLOUT) != 0 ? fd : ARES_SOCKET_BAD);
    });
  }

  void process(ares_socket_t readable, ares_socket_t writable) {
    if (channel_ == nullptr) return;
    ::ares_process_fd(channel_, readable, writable);
    plan_timer();
  }

  /// When c-ares wants to look at what was not answered.
  void plan_timer() {
    if (timer_) loop_.cancel(*timer_);
    timer_.reset();
    timeval left{};
    if (channel_ == nullptr || ::ares_timeout(channel_, nullptr, &left) == nullptr) return;
    const auto after = std::chrono::seconds(left.tv_sec) + std::chrono::microseconds(left.tv_usec);
    timer_ = loop_.call_after(after + std::chrono::milliseconds(1), [this] {
      timer_.reset();
      process(ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    });
  }

  base::PollLoop& loop_;
  Options options_;
  ares_channel channel_ = nullptr;
  FileIdentity read_;  ///< resolv.conf as the channel knows it
  std::deque<Question> queue_;
  std::deque<Done> done_;
  std::size_t on_way_ = 0;
  std::optional<base::PollLoop::TimerId> timer_, turn_;
  bool is_ending_ = false;
};

Resolver::Resolver(base::PollLoop& loop, Options options) : work_(std::make_unique<Work>(loop, std::move(options))) {}
Resolver::~Resolver() = default;

void Resolver::ask(const std::string& name, net::Family family, OnAnswer on_answer) {
  work_->ask(name, family == net::Family::Ipv4 ? ns_t_a : ns_t_aaaa,
             [family, on_answer = std::move(on_answer)](int status, Work::Packet packet) {
               on_answer(status == ARES_SUCCESS ? read_answer(family, packet) : no_addresses(status));
             });
}

void Resolver::ask_name(const net::Address& address, OnName on_name) {
  work_->ask(reverse_name(address), ns_t_ptr, [on_name = std::move(on_name)](int status, Work::Packet packet) {
    on_name(status == ARES_SUCCESS ? read_name(packet) : std::string());
  });
}

std::size_t Resolver::waiting() const { return work_->waiting(); }

}  // namespace vuurmuur::dns
