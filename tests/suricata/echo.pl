# SPDX-License-Identifier: GPL-2.0-or-later
# A server on port 80 that sends back all that it gets, on each connection by a process of its own.
use strict;
use warnings;
use IO::Socket::INET;

$SIG{CHLD} = 'IGNORE';
my $listener = IO::Socket::INET->new(LocalPort => 80, Listen => 50, ReuseAddr => 1) or die "listen: $!";
while (my $peer = $listener->accept) {
  next if fork;
  my $data;
  while (sysread($peer, $data, 65536)) {
    for (my $sent = 0; $sent < length $data;) {
      my $more = syswrite($peer, $data, length($data) - $sent, $sent);
      exit 1 unless defined $more;
      $sent += $more;
    }
  }
  exit 0;
}
