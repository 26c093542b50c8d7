// SPDX-License-Identifier: GPL-2.0-or-later
#include "log/journal.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

#include "base/strings.h"
#include "log/escape.h"

namespace vuurmuur::log {
namespace {

/// syslog(3): LOG_INFO.
constexpr std::string_view kHead = "PRIORITY=6\nSYSLOG_IDENTIFIER=vuurmuur\n";

}  // namespace

void append_journal_field(std::string& out, std::string_view key, std::string_view value) {
  if (value.empty()) return;
  out += key;
  out += '=';
  // Escaped, so that no line break ends the field and no terminal that shows it is told anything.
  append_escaped(out, value);
  out += '\n';
}

void append_journal_field(std::string& out, std::string_view key, std::uint64_t value) {
  out += key;
  out += '=';
  append_number(out, value);
  out += '\n';
}

void append_journal_fields(std::string& out, const Entry& entry, const TrafficLine& line) {
  const Packet& packet = entry.packet;
  out += "MESSAGE=";
  line.append_message(out, entry);
  out += '\n';
  out += kHead;
  append_journal_field(out, "VUURMUUR_ACTION", entry.action);
  append_journal_field(out, "VUURMUUR_PREFIX", base::trim(entry.prefix));
  append_journal_field(out, "VUURMUUR_SERVICE", entry.names.service);
  append_journal_field(out, "VUURMUUR_FROM", entry.names.from);
  append_journal_field(out, "VUURMUUR_TO", entry.names.to);
  append_journal_field(out, "VUURMUUR_FROM_ZONE", entry.names.from_zone);
  append_journal_field(out, "VUURMUUR_TO_ZONE", entry.names.to_zone);
  append_journal_field(out, "VUURMUUR_IN", entry.in_device);
  append_journal_field(out, "VUURMUUR_OUT", entry.out_device);
  out += "VUURMUUR_SOURCE=";
  append_address(out, packet.source);
  out += "\nVUURMUUR_DESTINATION=";
  append_address(out, packet.destination);
  out += '\n';
  if (packet.ports) {
    append_journal_field(out, "VUURMUUR_SOURCE_PORT", packet.ports->source);
    append_journal_field(out, "VUURMUUR_DESTINATION_PORT", packet.ports->destination);
  }
  if (entry.source_mac) append_journal_field(out, "VUURMUUR_SOURCE_MAC", entry.source_mac->to_string());
  if (entry.destination_mac) append_journal_field(out, "VUURMUUR_DESTINATION_MAC", entry.destination_mac->to_string());
  append_journal_field(out, "VUURMUUR_PROTOCOL", protocol_text(packet.protocol));
  if (packet.tcp_flags) append_journal_field(out, "VUURMUUR_TCP_FLAGS", tcp_flags_text(*packet.tcp_flags));
  if (packet.icmp) {
    append_journal_field(out, "VUURMUUR_ICMP_TYPE", packet.icmp->type);
    append_journal_field(out, "VUURMUUR_ICMP_CODE", packet.icmp->code);
  }
  append_journal_field(out, "VUURMUUR_LENGTH", packet.length);
  append_journal_field(out, "VUURMUUR_TTL", packet.ttl);
  if (entry.mark != 0) append_journal_field(out, "VUURMUUR_MARK", entry.mark);
  if (entry.user) append_journal_field(out, "VUURMUUR_USER", *entry.user);
  append_journal_field(out, "VUURMUUR_RULE", entry.rule.label);
  append_journal_field(out, "VUURMUUR_PLACE", entry.rule.place);
  append_journal_field(out, "VUURMUUR_IDENTITY", entry.rule.identity);
}

void Journal::add(const Entry& entry) {
  datagram_.clear();
  append_journal_fields(datagram_, entry, line_);
  send();
}

void Journal::add(std::string_view message, std::string_view fields) {
  datagram_ = "MESSAGE=";
  datagram_ += message;
  datagram_ += '\n';
  datagram_ += kHead;
  datagram_ += fields;
  send();
}

void Journal::add_message(std::string_view message) {
  datagram_ = "MESSAGE=";
  append_escaped(datagram_, message);
  datagram_ += '\n';
  datagram_ += kHead;
  send();
}

void Journal::send() {
  if (!socket_) socket_.reset(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (!socket_ || path_.size() >= sizeof address.sun_path) {
    ++left_out_;
    return;
  }
  std::memcpy(address.sun_path, path_.data(), path_.size());
  ssize_t sent = -1;
  do sent = ::sendto(socket_.get(), datagram_.data(), datagram_.size(), MSG_NOSIGNAL,
                     reinterpret_cast<const sockaddr*>(&address), sizeof address);
  while (sent < 0 && errno == EINTR);
  if (sent < 0) ++left_out_;
}

}  // namespace vuurmuur::log
