// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend/append_format.h"
#include "backend/reject_type.h"
#include "backend/rule_parts.h"

namespace vuurmuur::backend {
namespace {

/// One overload a target: its row of the text backend.
struct TargetText {
  std::string& out;
  net::Family family;
  std::string_view chain;

  void random(bool wanted) const {
    if (wanted) out += "--random ";
  }

  void operator()(const ir::AcceptTarget&) const { out += "-j ACCEPT "; }
  void operator()(const ir::DropTarget&) const { out += "-j DROP "; }
  void operator()(const ir::JumpTarget&) const { append(out, "-j {} ", chain); }
  void operator()(const ir::GotoTarget&) const { append(out, "-g {} ", chain); }

  void operator()(const ir::RejectTarget& target) const {
    append(out, "-j REJECT --reject-with {} ", reject_type(family, target.with).word);
  }

  void operator()(const ir::NflogTarget& target) const {
    out += "-j NFLOG ";
    if (!target.prefix.empty()) {
      out += "--nflog-prefix ";
      append_free_text(out, target.prefix);
      out += ' ';
    }
    if (target.group != 0) append(out, "--nflog-group {} ", target.group);
  }

  void operator()(const ir::NfqueueTarget& target) const {
    const bool several = target.first != target.last;
    if (several)
      append(out, "-j NFQUEUE --queue-balance {}:{} ", target.first, target.last);
    else
      append(out, "-j NFQUEUE --queue-num {} ", target.first);
    if (target.bypass) out += "--queue-bypass ";
    if (target.cpu_fanout && several) out += "--queue-cpu-fanout ";
  }

  void operator()(const ir::ConnmarkTarget& target) const {
    append(out, "-j CONNMARK --set-xmark {:#x}/{:#x} ", target.value, target.mask);
  }

  void operator()(const ir::MarkTarget& target) const {
    append(out, "-j MARK --set-xmark {:#x}/{:#x} ", target.value, target.mask);
  }

  void operator()(const ir::DnatTarget& target) const {
    std::string address = target.address.to_string();
    if (target.ports) {
      if (family == net::Family::Ipv6) address = "[" + address + "]";
      append(address, ":{}", target.ports->first);
      if (target.ports->last != target.ports->first) append(address, "-{}", target.ports->last);
    }
    append(out, "-j DNAT --to-destination {} ", address);
    random(target.random);
  }

  void operator()(const ir::SnatTarget& target) const {
    append(out, "-j SNAT --to-source {} ", target.address.to_string());
    random(target.random);
  }

  void operator()(const ir::MasqueradeTarget& target) const {
    out += "-j MASQUERADE ";
    random(target.random);
  }

  void operator()(const ir::RedirectTarget& target) const {
    append(out, "-j REDIRECT --to-ports {} ", target.port);
    random(target.random);
  }

  void operator()(const ir::CtHelperTarget& target) const { append(out, "-j CT --helper {} ", target.helper); }

  void operator()(const ir::TcpmssTarget&) const { out += "-j TCPMSS --clamp-mss-to-pmtu "; }
};

}  // namespace

void append_target(std::string& out, net::Family family, const ir::Target& target, std::string_view chain) {
  std::visit(TargetText{out, family, chain}, target);
}

}  // namespace vuurmuur::backend
