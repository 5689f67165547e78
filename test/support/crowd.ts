import type { Host } from './topology/host.ts';

export interface CrowdOptions {
  readonly address: string;
  /**
   * Addresses of the host that nothing else uses. Each connection has a port of its own there: a
   * director drops the first packets of a connection whose port was that of an earlier one, while it
   * remembers that and the server of the earlier one is gone.
   */
  readonly from: readonly string[];
  /** Connections a second, made when they are due, however long the answers take. */
  readonly perSecond: number;
}

/** What became of the connections; each was made for one request. */
export interface CrowdCount {
  readonly sent: number;
  /** Due and never sent, as the machine had no time for it. */
  readonly missed: number;
  /** By the first line of the body, which names the server. */
  readonly answered: Readonly<Record<string, number>>;
  /** Turned away when connecting. */
  readonly refused: number;
  /** Connected, but without a full answer; or no sign of life at all. By the reason. */
  readonly failed: Readonly<Record<string, number>>;
  readonly perSecond: number;
}

/** Clients at work. */
export interface Crowd {
  /** Lets the requests under way finish, and adds up. Safe to call twice. */
  stop(): Promise<CrowdCount>;
}

/**
 * Starts short HTTP connections from a host, so many a second as is wished. One process makes them
 * all, a few at a time with the plainest of system calls: a client in Node, or a process for each
 * that waits, would get a fifth as far. Returns when it is at it.
 */
export async function startCrowd(
  host: Host,
  { address, from, perSecond }: CrowdOptions,
): Promise<Crowd> {
  const argv = ['perl', '-e', crowdScript, address, String(perSecond), ...from];
  const crowd = host.spawn(argv);
  await crowd.waitForOutput(/^ready$/m);
  return {
    stop: async () => {
      crowd.signal('SIGTERM');
      await crowd.exited;
      const counts = new Map(
        [...crowd.output().matchAll(/^= (.*) (\d+)$/gm)].map(
          ([, key = '', count]) => [key, Number(count)] as const,
        ),
      );
      const all = (kind: string) =>
        Object.fromEntries(
          [...counts].flatMap(([key, count]) =>
            key.startsWith(`${kind} `) ? [[key.slice(kind.length + 1), count] as const] : [],
          ),
        );
      const [sent, ms] = [counts.get('sent'), counts.get('ms')];
      if (sent === undefined || ms === undefined) {
        throw new Error(`crowd: expected counts at the end, got "${crowd.output().slice(-2000)}"`);
      }
      return {
        sent,
        missed: counts.get('missed') ?? 0,
        answered: all('answered'),
        refused: counts.get('refused') ?? 0,
        failed: all('failed'),
        perSecond: Math.round((sent * 1000) / ms),
      };
    },
  };
}

// Every 5 ms those that are due are begun, and whatever has come for the others is taken: six system
// calls each, where sockets of Perl's own take twelve. Who falls behind by more than a burst does not
// try to make up for it.
const crowdScript = `
use strict;
use Socket qw(:DEFAULT SOCK_CLOEXEC SOCK_NONBLOCK);
use Errno qw(EAGAIN ECONNREFUSED EINPROGRESS);
use Time::HiRes qw(sleep time);
require 'syscall.ph';
my ($address, $rate, @from) = @ARGV;
my ($tick, $burst, $most, $patience) = (0.005, 50, 500, 15);
my ($lowest, $highest) = (1024, 65000);
my $to = sockaddr_in(80, inet_aton($address));
@from = map { inet_aton($_) } @from;
my (%count, @under_way);
my ($port, $over, $writing, $reading) = ($lowest, 0, '', '');
$SIG{TERM} = sub { $over ||= time };
$| = 1;
print "ready\\n";
my $begin = time;
my ($scheduled, $looked) = (0, $begin);
$count{$_} = 0 for 'sent', 'missed';
until ($over && !grep { $_ } @under_way) {
  my $now = time;
  unless ($over) {
    my $due = int(($now - $begin) * $rate) - $scheduled;
    $scheduled += $due;
    my $room = $most - grep { $_ } @under_way;
    my $now_sent = $due < $burst ? $due : $burst;
    $now_sent = $room if $room < $now_sent;
    $count{missed} += $due - $now_sent;
    begin_one($now) for 1 .. $now_sent;
  }
  sleep($tick);
  if (select(my $readable = $reading, my $writable = $writing, undef, 0) > 0) {
    for my $one (@under_way) {
      next unless $one;
      ask($one) if vec($writable, $one->{fd}, 1);
      hear($one) if vec($readable, $one->{fd}, 1);
    }
  }
  next if $now - $looked < 1;
  $looked = $now;
  for my $one (@under_way) {
    end_one($one, 'failed no answer') if $one && $now - $one->{at} > $patience;
  }
}
$count{ms} = int(($over - $begin) * 1000);
print map { "= $_ $count{$_}\\n" } sort keys %count;

sub begin_one {
  my ($now) = @_;
  $count{sent}++;
  my $fd = syscall(&SYS_socket, PF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  return $count{"failed socket: $!"}++ if $fd < 0;
  my $one = { fd => $fd, at => $now, text => '' };
  $under_way[$fd] = $one;
  my $own = sockaddr_in($port, $from[0]);
  if (++$port > $highest) { $port = $lowest; push @from, shift @from }
  return fail($one, 'bind') if syscall(&SYS_bind, $fd, $own, length $own) < 0;
  vec($writing, $fd, 1) = 1;
  fail($one, 'connect') if syscall(&SYS_connect, $fd, $to, length $to) < 0 && $! != EINPROGRESS;
}

sub ask {
  my ($one) = @_;
  my $request = "GET / HTTP/1.0\\r\\n\\r\\n";
  my $sent = syscall(&SYS_write, $one->{fd}, $request, length $request);
  return fail($one, 'connect') if $sent < 0;
  vec($writing, $one->{fd}, 1) = 0;
  vec($reading, $one->{fd}, 1) = 1;
}

sub hear {
  my ($one) = @_;
  my $part = ' ' x 4096;
  my $got = syscall(&SYS_read, $one->{fd}, $part, length $part);
  return if $got < 0 && $! == EAGAIN;
  return fail($one, 'read') if $got < 0;
  $one->{text} .= substr $part, 0, $got;
  return end_one($one, "answered $1") if $one->{text} =~ m{^HTTP/1.1 200.*\\r\\n\\r\\n(.*)\\n$}s;
  end_one($one, 'failed half an answer') unless $got;
}

sub fail {
  my ($one, $what) = @_;
  end_one($one, $what eq 'connect' && $! == ECONNREFUSED ? 'refused' : "failed $what: $!");
}

sub end_one {
  my ($one, $outcome) = @_;
  $count{$outcome}++;
  vec($writing, $one->{fd}, 1) = vec($reading, $one->{fd}, 1) = 0;
  $under_way[$one->{fd}] = undef;
  syscall(&SYS_close, $one->{fd});
}
`;
