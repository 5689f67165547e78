import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { ipvsdOn, savedTable } from './ipvsd.ts';
import type { ExecResult, Host } from './topology/host.ts';
import type { HostProcess } from './topology/host-process.ts';

/** Debian's own ldirectord on one configuration file in one host: what ipvsd is compared with. */
export interface Ldirectord {
  /** Runs it with an action (`start`, `status` ...) to its end. */
  call(action: string): Promise<ExecResult>;
  /**
   * Starts it in foreground and waits until both passes of its start are over.
   *
   * @param checks how many checks one pass makes; equal ones of several virtuals are made once.
   */
  run(checks: number): Promise<HostProcess>;
}

/** All of a table that ldirectord can decide. */
export interface VisibleTable {
  /** As `ipvsadm -Sn` prints it. */
  readonly saved: readonly string[];
  /** As `ipvsadm -Ln --thresholds` prints it: what the former leaves out. */
  readonly thresholds: readonly string[];
}

/** What one of the two did. */
export interface Run {
  /** When it served. */
  readonly table: VisibleTable;
  /** What `ipvsadm -Sn` printed after it was stopped. */
  readonly left: readonly string[];
  /** All that it printed. */
  readonly log: string;
}

export interface Comparison {
  /** Where the file is put. */
  readonly directory: string;
  readonly text: string;
  /** As in `Ldirectord.run`. */
  readonly checks: number;
  /** What the table holds before either starts, for `ipvsadm -R`; empty if not given. */
  readonly before?: readonly string[];
}

/** Perl, one check after the other and three processes for each change take their time. */
const START_TIMEOUT_MS = 60_000;
/** ipvsd serves by then; a check may still be on its way on a busy machine. */
const SETTLE_MS = 3_000;

/** ldirectord for a file that exists; nothing is started yet. */
export function ldirectordOn(host: Host, configPath: string): Ldirectord {
  return {
    call: (action) => host.exec(['ldirectord', configPath, action], { allowFailure: true }),
    run: async (checks) => {
      const daemon = host.spawn(['ldirectord', '-d', configPath, 'start']);
      // it goes over all servers twice without a pause; the next check comes an interval later
      await daemon.waitForOutput(checkLines(2 * checks + 1), START_TIMEOUT_MS);
      return daemon;
    },
  };
}

/** Runs ldirectord on a file, then ipvsd on the same file in the same kernel. */
export async function runBoth(
  host: Host,
  { directory, text, checks, before = [] }: Comparison,
): Promise<{ readonly theirs: Run; readonly ours: Run }> {
  const ipvsd = ipvsdOn(host, directory, 'compared.cf', text);
  const ldirectord = ldirectordOn(host, ipvsd.configPath);

  await fillTable(host, before);
  const their = await ldirectord.run(checks);
  const table = await visibleTable(host);
  const theirs = { table, ...(await stop(host, their)) };

  await fillTable(host, before);
  const our = await ipvsd.run();
  const ours = { table: await settledTable(host, table), ...(await stop(host, our)) };
  await fillTable(host, []);
  return { theirs, ours };
}

async function stop(host: Host, daemon: HostProcess): Promise<Pick<Run, 'left' | 'log'>> {
  await daemon.stop();
  return { left: await savedTable(host), log: daemon.output() };
}

/** Gives the table time to become the wished one, and returns what it is then. */
async function settledTable(host: Host, wished: VisibleTable): Promise<VisibleTable> {
  const deadline = performance.now() + SETTLE_MS;
  for (;;) {
    const table = await visibleTable(host);
    if (isDeepStrictEqual(table, wished) || performance.now() > deadline) return table;
    await sleep(100);
  }
}

async function fillTable(host: Host, lines: readonly string[]): Promise<void> {
  await host.exec(['ipvsadm', '-C']);
  await host.exec(['ipvsadm', '-R'], { input: lines.map((line) => `${line}\n`).join('') });
}

async function visibleTable(host: Host): Promise<VisibleTable> {
  const { stdout } = await host.exec(['ipvsadm', '-Ln', '--thresholds']);
  const thresholds = stdout.split('\n').map((line) => line.trimEnd());
  return { saved: await savedTable(host), thresholds };
}

/** Matches a debug log in which at least so many checks have begun. */
function checkLines(count: number): RegExp {
  const kinds = 'negotiate|connect|connect \\(ping\\)|ping|external|external-perl|off|on';
  const check = `DEBUG2: Checking (?:${kinds}|combined-connect): `;
  return new RegExp(`(?:^${check}[^\\n]*\\n(?:(?!${check})[^\\n]*\\n)*){${count}}`, 'm');
}
