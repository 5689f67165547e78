import { savedTable } from '../ipvsd.ts';
import type { Host } from '../topology/host.ts';

/** All of a table that ldirectord can decide, whichever kernel it is in. */
export interface RecordedTable {
  /** As `ipvsadm -Sn` prints it. */
  readonly saved: readonly string[];
  /** Services and those servers with thresholds, of what `ipvsadm -Ln --thresholds` prints. */
  readonly thresholds: readonly string[];
}

/** The table of a host as it is now. */
export async function readTable(host: Host): Promise<RecordedTable> {
  const { stdout } = await host.exec(['ipvsadm', '-Ln', '--thresholds']);
  // connections at the end: there are none
  const thresholds = stdout
    .split('\n')
    .filter((line) => /^(?:TCP|UDP|FWM) |^ {2}-> \S+ +\d+ +\d+ /.test(line))
    .map((line) => line.trimEnd().replace(/\s+/g, ' '));
  return { saved: await savedTable(host), thresholds };
}

/** Replaces the table of a host. */
export async function fillTable(host: Host, lines: readonly string[]): Promise<void> {
  await host.exec(['ipvsadm', '-C']);
  await host.exec(['ipvsadm', '-R'], { input: lines.map((line) => `${line}\n`).join('') });
}
