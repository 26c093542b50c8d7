// SPDX-License-Identifier: GPL-2.0-or-later
#include <array>

#include "apply/foreign_rules.h"

namespace vuurmuur::apply {
namespace {

struct ProgramRow {
  std::string_view prefix, program;
};

constexpr std::array kPrograms{
    ProgramRow{"DOCKER", "docker"},
    ProgramRow{"docker-", "docker"},
    ProgramRow{"KUBE-", "kubernetes"},
    ProgramRow{"kube-", "kubernetes"},
    ProgramRow{"CNI-", "CNI portmap"},
    ProgramRow{"cni_", "CNI portmap"},
    ProgramRow{"ts-", "tailscale"},
    ProgramRow{"tailscale", "tailscale"},
    ProgramRow{"wg-quick", "wg-quick"},
    ProgramRow{"cali", "calico"},
    ProgramRow{"CILIUM_", "cilium"},
    ProgramRow{"WEAVE", "weave"},
    ProgramRow{"AWS-", "AWS VPC CNI"},
    ProgramRow{"ISTIO_", "istio"},
    ProgramRow{"mwan3", "mwan3"},
    ProgramRow{"routemark", "shorewall"},
    ProgramRow{"tcpre", "shorewall"},
    ProgramRow{"tcfor", "shorewall"},
    ProgramRow{"tcpost", "shorewall"},
    ProgramRow{"LIBVIRT_", "libvirt"},
    ProgramRow{"libvirt", "libvirt"},
    ProgramRow{"firewalld", "firewalld"},
    ProgramRow{"f2b-", "fail2ban"},
    ProgramRow{"ufw", "ufw"},
    ProgramRow{"NETAVARK", "podman"},
    ProgramRow{"netavark", "podman"},
    ProgramRow{"crowdsec", "crowdsec"},
    ProgramRow{"fw4", "OpenWrt"},
    ProgramRow{"io.systemd", "systemd-networkd"},
};

}  // namespace

std::string_view program_of(std::string_view name) {
  for (const ProgramRow& row : kPrograms)
    if (name.starts_with(row.prefix)) return row.program;
  return {};
}

}  // namespace vuurmuur::apply
