# SPDX-License-Identifier: GPL-2.0-or-later
# A client of echo.pl, which fails when something does not come back within 5 s:
#   ask.pl ADDRESS PORT whole TEXT      in one piece
#   ask.pl ADDRESS PORT bytes TEXT      each byte in a segment of its own
#   ask.pl ADDRESS PORT long FILE       the lines of a FIFO, and prints what comes back, for as long as it is open
#   ask.pl ADDRESS PORT bulk BYTES      so many bytes in one connection
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;
use Socket qw(IPPROTO_TCP TCP_NODELAY);

my ($address, $port, $how, $what) = @ARGV;
my $peer = IO::Socket::INET->new(PeerAddr => $address, PeerPort => $port, Timeout => 5) or die "connect: $!";
setsockopt($peer, IPPROTO_TCP, TCP_NODELAY, 1);
my $ready = IO::Select->new($peer);

sub back {
  my ($count) = @_;
  my ($text, $piece) = ('', '');
  while (length $text < $count) {
    die "nothing comes back\n" unless $ready->can_read(5);
    my $size = sysread($peer, $piece, 65536);
    die "it was ended\n" unless $size;
    $text .= $piece;
  }
  return $text;
}

if ($how eq 'bulk') {
  my $block = 'a harmless line of text, many times over; ' x 1560;
  for (my $sent = 0; $sent < $what; $sent += length $block) {
    syswrite($peer, $block) == length $block or die "send: $!";
    back(length $block);
  }
} elsif ($how eq 'long') {
  $| = 1;
  open my $lines, '<', $what or die "$what: $!";
  while (my $line = <$lines>) {
    syswrite($peer, $line);
    print back(length $line);
  }
} else {
  for my $piece ($how eq 'bytes' ? split(//, $what) : ($what)) {
    syswrite($peer, $piece);
    select(undef, undef, undef, 0.005) if $how eq 'bytes';
  }
  die "something else came back\n" unless back(length $what) eq $what;
}
