// SPDX-License-Identifier: GPL-2.0-or-later
// Devices by the beginning of their names ("later+"), which need not be there when the rules are loaded.
#include <unistd.h>

#include "helpers/firewall.h"
#include "helpers/udp.h"
#include "lab/run.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::test;

namespace {

/// A device that comes now, with the peer at its other end: NAME, 10.9.NUMBER.1 here and .2 there.
void plug_in(const Firewall& firewall, const std::string& name, const std::string& number) {
  lab::ip("link add " + name + " type veth peer name far" + number + "\naddr add 10.9." + number + ".1/24 dev " + name +
          "\nlink set " + name + " up\nlink set far" + number + " netns /proc/" + std::to_string(::getpid()) + "/fd/" +
          std::to_string(firewall.peer().fd()) + "\n");
  const lab::Inside there(firewall.peer());
  lab::ip("addr add 10.9." + number + ".2/24 dev far" + number + "\nlink set far" + number + " up\n");
}

bool reaches(const Firewall& firewall, const std::string& number, bool shall = true) {
  std::optional<UdpSocket> there;
  {
    const lab::Inside inside(firewall.peer());
    there.emplace("10.9." + number + ".2");
  }
  return arrives(*there, UdpSocket("10.9." + number + ".1"), shall ? 40 : 4);
}

}  // namespace

TEST_CASE("rules for all devices that begin so hold for those that come later") {
  const Firewall firewall;
  const std::string engine = GENERATE("xtables", "nft"), device = GENERATE("later+", "+");
  CAPTURE(engine, device);
  firewall.tree.write("interfaces/dial.conf", "ACTIVE=\"Yes\"\nDEVICE=\"" + device + "\"\nIPADDRESS=\"dynamic\"\n");
  firewall.tree.write("zones/inet/networks/dialled/network.config",
                      "ACTIVE=\"Yes\"\nNETWORK=\"10.9.0.0\"\nNETMASK=\"255.255.0.0\"\nINTERFACE=\"dial\"\n");
  firewall.tree.rules("accept service any from dialled.inet to firewall");
  const Outcome applied = firewall.apply({"--backend=" + engine});
  INFO(applied.err);
  REQUIRE(applied.status == 0);
  plug_in(firewall, "later7", "7");
  plug_in(firewall, "late8", "8");
  CHECK(reaches(firewall, "7"));
  CHECK(reaches(firewall, "8", device == "+") == (device == "+"));
  lab::ip("link set late8 down\nlink set late8 name later8\nlink set later8 up\n");
  CHECK(reaches(firewall, "8"));
}
