import type { Host } from '../topology/host.ts';

/** All of a table that ldirectord can decide, whichever kernel it is in. */
export interface RecordedTable {
  /** As `ipvsadm -Sn` prints it. */
  readonly saved: readonly string[];
  /** Of what `ipvsadm -Ln --thresholds` prints: services, servers, thresholds, connections. */
  readonly thresholds: readonly string[];
}

/** One process for both, as starting one is slow in the slow kernel. */
const READ = 'ipvsadm -Sn && echo -- && ipvsadm -Ln --thresholds';

/** The table of a host as it is now. */
export async function readTable(host: Host): Promise<RecordedTable> {
  const { stdout } = await host.exec(['sh', '-c', READ]);
  const lines = stdout.split('\n').map((line) => line.trimEnd());
  const border = lines.indexOf('--');
  return {
    saved: lines.slice(0, border),
    thresholds: lines
      .slice(border)
      .filter((line) => /^(?:TCP|UDP|FWM) |^ {2}-> \S+ +\d/.test(line))
      .map((line) => line.replace(/\s+/g, ' ')),
  };
}

/** Replaces the table of a host. */
export async function fillTable(host: Host, lines: readonly string[]): Promise<void> {
  await host.exec(['ipvsadm', '-C']);
  if (lines.length > 0) {
    await host.exec(['ipvsadm', '-R'], { input: lines.map((line) => `${line}\n`).join('') });
  }
}
