import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from './topology/host.ts';

/** What the pool of the only service of a host was seen to be. */
export interface PoolSightings {
  /** How often the kernel was looked at. */
  readonly looks: number;
  /** How often no server had a weight above 0. */
  readonly empty: number;
  /** All that followed each other: addresses with a weight above 0. */
  readonly pools: readonly (readonly string[])[];
}

/** Somebody who looks at a table. */
export interface PoolWatch {
  /** Waits until the pool is these addresses. @throws Error with what it is when the time is over. */
  waitFor(addresses: readonly string[], timeoutMs: number): Promise<void>;
  /** Safe to call twice. */
  stop(): Promise<PoolSightings>;
}

/**
 * Looks at the table of a host about a thousand times a second, ahead of all other processes: also
 * where there is one processor only, it sees what is so for a moment between two system calls of
 * another one. There must be one service, and it must stay.
 */
export async function watchPool(host: Host): Promise<PoolWatch> {
  const watch = host.spawn(['chrt', '--fifo', '50', 'perl', '-e', watchScript]);
  await watch.waitForOutput(/^pool/m);
  const pools = (): PoolSightings['pools'] =>
    watch
      .output()
      .split('\n')
      .slice(0, -1)
      .filter((line) => line.startsWith('pool'))
      .map((line) => line.split(' ').slice(1));
  return {
    waitFor: async (addresses, timeoutMs) => {
      const begin = performance.now();
      const wished = [...addresses].sort().join(' ');
      for (;;) {
        const pool = pools().at(-1)?.join(' ');
        if (pool === wished) return;
        if (performance.now() - begin > timeoutMs) {
          throw new Error(`pool: expected "${wished}" within ${timeoutMs} ms, got "${pool}"`);
        }
        await sleep(20);
      }
    },
    stop: async () => {
      watch.signal('SIGTERM');
      await watch.exited;
      const lines = watch.output().split('\n');
      const last = lines.find((line) => line.startsWith('looks '));
      const [, looks, empty] = last?.split(' ').map(Number) ?? [];
      if (looks === undefined || empty === undefined) {
        throw new Error(`pool watch: expected a count at the end, got "${watch.output()}"`);
      }
      return { looks, empty, pools: pools() };
    },
  };
}

// A destination is a line "  -> 0A090065:0050 Route 1 0 0" (net/netfilter/ipvs/ip_vs_ctl.c:
// ip_vs_info_seq_show).
const watchScript = `
use strict;
use Socket;
use Time::HiRes qw(sleep);
my ($over, $looks, $empty, $last) = (0, 0, 0, '');
$SIG{TERM} = sub { $over = 1 };
$| = 1;
until ($over) {
  open(my $file, '<', '/proc/net/ip_vs') or die "$!";
  my ($table, $text) = ('', '');
  $table .= $text while sysread($file, $text, 65536);
  close $file;
  $looks++;
  my @live = $table =~ /^  -> (\\w{8}):\\w{4} +\\w+ +[1-9]/mg;
  $empty++ unless @live;
  my $pool = join(' ', 'pool', sort map { inet_ntoa(pack('H8', $_)) } @live);
  if ($pool ne $last) { print "$pool\\n"; $last = $pool }
  sleep(0.001);
}
print "looks $looks $empty\\n";
`;
