// SPDX-License-Identifier: GPL-2.0-or-later
#include "lab/dns_server.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <span>

#include "lab/error.h"

namespace vuurmuur::lab {
namespace {

using Bytes = std::vector<std::uint8_t>;

// RFC 1035 3.2 and 4.1, RFC 3596.
constexpr std::uint16_t kCname = 5, kPtr = 12, kAaaa = 28, kIn = 1;
constexpr std::size_t kHeader = 12;
constexpr std::uint16_t kPointerToQuestion = 0xc00c;

void put16(Bytes& packet, unsigned value) {
  packet.push_back(static_cast<std::uint8_t>(value >> 8));
  packet.push_back(static_cast<std::uint8_t>(value));
}
void put32(Bytes& packet, std::uint32_t value) {
  put16(packet, value >> 16);
  put16(packet, value & 0xffff);
}

Bytes encode_name(const std::string& name) {
  Bytes bytes;
  for (std::size_t at = 0; at <= name.size();) {
    const std::size_t dot = std::min(name.find('.', at), name.size());
    bytes.push_back(static_cast<std::uint8_t>(dot - at));
    bytes.insert(bytes.end(), name.begin() + static_cast<std::ptrdiff_t>(at), name.begin() + static_cast<std::ptrdiff_t>(dot));
    at = dot + 1;
  }
  bytes.push_back(0);
  return bytes;
}

struct Question {
  std::string name;
  std::uint16_t type = 0;
  std::size_t end = 0;  ///< where it ends in the packet
};

std::optional<Question> read_question(const Bytes& packet) {
  Question question;
  std::size_t at = kHeader;
  while (at < packet.size() && packet[at] != 0) {
    const std::size_t length = packet[at];
    if (length > 63 || at + 1 + length >= packet.size()) return std::nullopt;
    if (!question.name.empty()) question.name += '.';
    for (std::size_t i = 0; i < length; ++i)
      question.name += static_cast<char>(std::tolower(static_cast<int>(packet[at + 1 + i])));
    at += 1 + length;
  }
  if (at + 5 > packet.size()) return std::nullopt;
  question.type = static_cast<std::uint16_t>(packet[at + 1] << 8 | packet[at + 2]);
  question.end = at + 5;
  return question;
}

void put_record(Bytes& packet, const Bytes& owner, std::uint16_t type, std::uint32_t ttl, std::span<const std::uint8_t> data) {
  packet.insert(packet.end(), owner.begin(), owner.end());
  put16(packet, type);
  put16(packet, kIn);
  put32(packet, ttl);
  put16(packet, static_cast<unsigned>(data.size()));
  packet.insert(packet.end(), data.begin(), data.end());
}

std::pair<sockaddr_storage, socklen_t> socket_name(const net::Address& address, std::uint16_t port) {
  sockaddr_storage name{};
  name.ss_family = address.family == net::Family::Ipv4 ? AF_INET : AF_INET6;
  if (address.family == net::Family::Ipv4) {
    auto* ipv4 = reinterpret_cast<sockaddr_in*>(&name);
    std::memcpy(&ipv4->sin_addr, address.bytes.data(), 4);
    ipv4->sin_port = htons(port);
    return {name, sizeof *ipv4};
  }
  auto* ipv6 = reinterpret_cast<sockaddr_in6*>(&name);
  std::memcpy(&ipv6->sin6_addr, address.bytes.data(), 16);
  ipv6->sin6_port = htons(port);
  return {name, sizeof *ipv6};
}

base::UniqueFd open_socket(const net::Address& address, int type, std::uint16_t port) {
  const auto [name, size] = socket_name(address, port);
  base::UniqueFd fd(::socket(name.ss_family, type | SOCK_CLOEXEC, 0));
  const int yes = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  const int much = 4 << 20;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &much, sizeof much);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&name), size) != 0) throw LabError::from_errno("bind a DNS server");
  if (type == SOCK_STREAM && ::listen(fd.get(), 64) != 0) throw LabError::from_errno("listen as a DNS server");
  return fd;
}

std::uint16_t port_of(int fd) {
  sockaddr_storage name{};
  socklen_t size = sizeof name;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&name), &size);
  // sin_port and sin6_port are at the same place.
  return ntohs(reinterpret_cast<const sockaddr_in*>(&name)->sin_port);
}

}  // namespace

DnsServer::DnsServer(const std::string& address, std::uint16_t port) : address_(address) {
  const net::Address at = net::Address::parse(address).value();
  udp_ = open_socket(at, SOCK_DGRAM, port);
  port_ = port_of(udp_.get());
  tcp_ = open_socket(at, SOCK_STREAM, port_);
  stop_.reset(::eventfd(0, EFD_CLOEXEC));
  thread_ = std::thread([this] { work(); });
}

DnsServer::~DnsServer() {
  const std::uint64_t one = 1;
  static_cast<void>(::write(stop_.get(), &one, sizeof one));
  thread_.join();
}

std::string DnsServer::place() const {
  const bool is_ipv6 = address_.find(':') != std::string::npos;
  return (is_ipv6 ? "[" + address_ + "]" : address_) + ":" + std::to_string(port_);
}

void DnsServer::set(const std::string& name, net::Family family, DnsReply reply) {
  const std::lock_guard lock(mutex_);
  replies_[{name, family}] = std::move(reply);
}

void DnsServer::set(const std::string& name, const std::vector<std::string>& addresses, std::uint32_t ttl) {
  DnsReply reply{.ttl = ttl};
  for (const std::string& text : addresses) reply.addresses.push_back(net::Address::parse(text).value());
  const net::Family family = reply.addresses.at(0).family;
  set(name, family, std::move(reply));
}

void DnsServer::set_name(const std::string& address, const std::string& name) {
  const net::Address at = net::Address::parse(address).value();
  std::string question;
  for (std::size_t i = net::address_bits(at.family) / 8; i-- > 0;) {
    constexpr std::array kDigits{'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};
    if (at.family == net::Family::Ipv4)
      question += std::to_string(at.bytes[i]) + ".";
    else
      question += {kDigits[at.bytes[i] & 0xfU], '.', kDigits[at.bytes[i] >> 4U], '.'};
  }
  question += at.family == net::Family::Ipv4 ? "in-addr.arpa" : "ip6.arpa";
  const std::lock_guard lock(mutex_);
  names_[question] = name;
}

std::size_t DnsServer::asked(const std::string& name, net::Family family) const {
  const std::lock_guard lock(mutex_);
  const auto found = asked_.find({name, family});
  return found == asked_.end() ? 0 : found->second;
}

std::size_t DnsServer::asked() const {
  const std::lock_guard lock(mutex_);
  std::size_t sum = 0;
  for (const auto& [question, count] : asked_) sum += count;
  return sum;
}

void DnsServer::work() {
  std::array<pollfd, 3> waiting{{{stop_.get(), POLLIN, 0}, {udp_.get(), POLLIN, 0}, {tcp_.get(), POLLIN, 0}}};
  while (waiting[0].revents == 0) {
    const int ready = ::poll(waiting.data(), waiting.size(), later_.empty() ? -1 : 1);
    if (ready < 0) continue;
    if (waiting[1].revents != 0) take_udp();
    if (waiting[2].revents != 0) take_tcp();
    send_due();
  }
}

void DnsServer::take_udp() {
  Bytes packet(65536), from(sizeof(sockaddr_storage));
  auto size = static_cast<socklen_t>(from.size());
  const ssize_t length = ::recvfrom(udp_.get(), packet.data(), packet.size(), MSG_DONTWAIT,
                                    reinterpret_cast<sockaddr*>(from.data()), &size);
  if (length < 0) return;
  packet.resize(static_cast<std::size_t>(length));
  from.resize(size);
  Bytes reply = answer(packet, /*is_tcp=*/false);
  if (reply.empty()) return;
  later_.push_back({.when = std::chrono::steady_clock::now() + delay_.load(), .to = std::move(from), .packet = std::move(reply)});
  most_at_once_ = std::max<std::size_t>(most_at_once_, later_.size());
}

/// One question; nobody in a test asks two on one connection, and who tries is hung up on.
void DnsServer::take_tcp() {
  const base::UniqueFd peer(::accept4(tcp_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  const timeval patience{.tv_sec = 2, .tv_usec = 0};
  ::setsockopt(peer.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  std::array<std::uint8_t, 2> length{};
  if (::recv(peer.get(), length.data(), 2, MSG_WAITALL) != 2) return;
  Bytes packet(static_cast<std::size_t>(length[0] << 8 | length[1]));
  if (::recv(peer.get(), packet.data(), packet.size(), MSG_WAITALL) != static_cast<ssize_t>(packet.size())) return;
  const Bytes reply = answer(packet, /*is_tcp=*/true);
  Bytes framed;
  put16(framed, static_cast<unsigned>(reply.size()));
  framed.insert(framed.end(), reply.begin(), reply.end());
  static_cast<void>(::send(peer.get(), framed.data(), framed.size(), MSG_NOSIGNAL));
  ::shutdown(peer.get(), SHUT_WR);
  static_cast<void>(::recv(peer.get(), length.data(), 1, 0));
}

void DnsServer::send_due() {
  const auto now = std::chrono::steady_clock::now();
  while (!later_.empty() && later_.front().when <= now) {
    const Later& first = later_.front();
    static_cast<void>(::sendto(udp_.get(), first.packet.data(), first.packet.size(), MSG_NOSIGNAL,
                               reinterpret_cast<const sockaddr*>(first.to.data()), static_cast<socklen_t>(first.to.size())));
    later_.pop_front();
  }
}

DnsServer::Bytes DnsServer::answer(const Bytes& packet, bool is_tcp) {
  const auto question = read_question(packet);
  if (!question) return {};
  const net::Family family = question->type == kAaaa ? net::Family::Ipv6 : net::Family::Ipv4;
  const std::lock_guard lock(mutex_);
  ++asked_[{question->name, family}];
  if (question->type == kPtr) return answer_name(packet, question->name, question->end);
  const auto found = replies_.find({question->name, family});
  // A name that is there in one family is there.
  const auto other = replies_.find({question->name, family == net::Family::Ipv4 ? net::Family::Ipv6 : net::Family::Ipv4});
  DnsReply reply{.kind = other == replies_.end() ? DnsReply::Kind::NoSuchName : DnsReply::Kind::Records};
  if (found != replies_.end()) reply = found->second;
  using enum DnsReply::Kind;
  if (reply.kind == Silence) return {};
  const bool is_cut = reply.kind == OnlyByTcp && !is_tcp;
  const unsigned code = reply.kind == NoSuchName ? 3 : reply.kind == ServerFailure ? 2 : 0;

  Bytes result(packet.begin(), packet.begin() + 2);
  put16(result, 0x8180 | (is_cut ? 0x0200U : 0U) | code);
  put16(result, 1);
  const bool has_records = code == 0 && !is_cut;
  put16(result, has_records ? static_cast<unsigned>(reply.addresses.size()) + (reply.alias_of.empty() ? 0 : 1) : 0);
  put16(result, 0);
  put16(result, 0);
  result.insert(result.end(), packet.begin() + kHeader, packet.begin() + static_cast<std::ptrdiff_t>(question->end));
  if (reply.kind == WrongQuestion) result[kHeader + 1] ^= 1;
  if (has_records) {
    Bytes owner;
    put16(owner, kPointerToQuestion);
    if (!reply.alias_of.empty()) {
      const Bytes target = encode_name(reply.alias_of);
      put_record(result, owner, kCname, reply.ttl, target);
      owner = target;
    }
    for (const net::Address& address : reply.addresses)
      put_record(result, owner, question->type, reply.ttl,
                 std::span(address.bytes).first(net::address_bits(address.family) / 8));
  }
  return reply.kind == Garbage ? mangled(std::move(result)) : result;
}

DnsServer::Bytes DnsServer::answer_name(const Bytes& packet, const std::string& question, std::size_t end) const {
  const auto found = names_.find(question);
  Bytes result(packet.begin(), packet.begin() + 2);
  put16(result, 0x8180 | (found == names_.end() ? 3U : 0U));
  put16(result, 1);
  put16(result, found == names_.end() ? 0 : 1);
  put32(result, 0);
  result.insert(result.end(), packet.begin() + kHeader, packet.begin() + static_cast<std::ptrdiff_t>(end));
  if (found == names_.end()) return result;
  Bytes owner;
  put16(owner, kPointerToQuestion);
  put_record(result, owner, kPtr, 60, encode_name(found->second));
  return result;
}

/// The number of the question stays, or nobody would read the rest.
DnsServer::Bytes DnsServer::mangled(Bytes packet) {
  for (auto left = 1 + random_() % 12; left > 0 && packet.size() > 3; --left) {
    const auto at = static_cast<std::ptrdiff_t>(2 + random_() % (packet.size() - 2));
    switch (random_() % 4) {
      case 0: packet.erase(packet.begin() + at, packet.end()); break;
      case 1: packet.insert(packet.begin() + at, static_cast<std::uint8_t>(random_())); break;
      default: packet[static_cast<std::size_t>(at)] = static_cast<std::uint8_t>(random_());
    }
  }
  return packet;
}

}  // namespace vuurmuur::lab
