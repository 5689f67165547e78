import type { Host } from './topology/host.ts';

export interface CrowdOptions {
  readonly address: string;
  /**
   * An address of the host that nothing else uses. Each connection has a port of its own there: a
   * director drops the first packets of a connection whose port was that of an earlier one, while it
   * remembers that and the server of the earlier one is gone.
   */
  readonly from: string;
  /** Connections a second that all of them together wish to make. */
  readonly perSecond: number;
  /** How many do so at the same time; 6 if not given. */
  readonly workers?: number;
}

/** What became of the connections; each was made for one request. */
export interface CrowdCount {
  readonly sent: number;
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
 * Starts clients in a host that make short HTTP connections as fast as it is wished, or as the
 * machine can: processes with the plainest of system calls, where a client in Node would get a
 * fifth as far. Returns when they are at it.
 */
export async function startCrowd(
  host: Host,
  { address, from, perSecond, workers = 6 }: CrowdOptions,
): Promise<Crowd> {
  const begin = performance.now();
  const numbers = [workers, perSecond / workers].map(String);
  const argv = ['perl', '-e', crowdScript, address, from, ...numbers];
  const crowd = host.spawn(argv);
  await crowd.waitForOutput(/^ready$/m);
  return {
    stop: async () => {
      crowd.signal('SIGTERM');
      await crowd.exited;
      const counts = new Map<string, number>();
      for (const [, key = '', count] of crowd.output().matchAll(/^= (.*) (\d+)$/gm)) {
        counts.set(key, (counts.get(key) ?? 0) + Number(count));
      }
      const all = (kind: string) =>
        Object.fromEntries(
          [...counts].flatMap(([key, count]) =>
            key.startsWith(`${kind} `) ? [[key.slice(kind.length + 1), count] as const] : [],
          ),
        );
      const sent = counts.get('sent') ?? 0;
      return {
        sent,
        answered: all('answered'),
        refused: counts.get('refused') ?? 0,
        failed: all('failed'),
        perSecond: Math.round((sent * 1000) / (performance.now() - begin)),
      };
    },
  };
}

// A worker that falls behind its rhythm does not try to make up for it.
const crowdScript = `
use strict;
use Socket;
use Errno qw(ECONNREFUSED);
use Time::HiRes qw(time sleep);
my ($address, $from, $workers, $rate) = @ARGV;
my $ports = int(64000 / $workers);
my $to = sockaddr_in(80, inet_aton($address));
my @pids;
$| = 1;
for my $number (0 .. $workers - 1) {
  my $pid = fork;
  if ($pid) { push @pids, $pid } else { work(1024 + $number * $ports); exit 0 }
}
$SIG{TERM} = sub { kill 'TERM', @pids };
print "ready\\n";
for (@pids) { 1 until waitpid($_, 0) != -1 || !$!{EINTR} }

sub work {
  my ($port) = @_;
  my ($over, $last) = (0, $port + $ports);
  my %count;
  $SIG{TERM} = sub { $over = 1 };
  my $due = time;
  until ($over || $port == $last) {
    my $outcome = request($port++);
    last if $over && $outcome =~ /^failed/;
    $count{sent}++;
    $count{$outcome}++;
    $due += 1 / $rate;
    my $now = time;
    $due < $now ? $due = $now : sleep($due - $now);
  }
  print join('', map { "= $_ $count{$_}\\n" } keys %count);
}

sub request {
  my ($port) = @_;
  socket(my $socket, PF_INET, SOCK_STREAM, 0) or return "failed socket: $!";
  bind($socket, sockaddr_in($port, inet_aton($from))) or return "failed bind: $!";
  setsockopt($socket, SOL_SOCKET, $_, pack('l!l!', 5, 0)) for SO_RCVTIMEO, SO_SNDTIMEO;
  connect($socket, $to) or return $! == ECONNREFUSED ? 'refused' : "failed connect: $!";
  syswrite($socket, "GET / HTTP/1.0\\r\\n\\r\\n") or return "failed write: $!";
  my ($text, $part, $got) = ('', '');
  $text .= $part while $got = sysread($socket, $part, 4096);
  return "failed read: $!" unless defined $got;
  return $text =~ m{^HTTP/1.1 200.*\\r\\n\\r\\n(.*)\\n$}s ? "answered $1" : "failed answer: $text";
}
`;
