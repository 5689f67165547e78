import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireIsolation } from '../kernel/isolate.ts';
import type { HostProcess } from '../topology/host-process.ts';
import { conditionsOf, type DifferentialCase, type Step } from './differential-case.ts';
import type { Place } from './place.ts';
import { fileText, folder } from './recording.ts';
import { fillTable, type RecordedTable } from './table.ts';

/** One of the two programs on the file of a case. */
export interface Player {
  start(configPath: string): Promise<HostProcess>;
  /** The table when nothing more is to come of what was done to the daemon at `sinceMs`. */
  settled(step: Step, index: number, sinceMs: number): Promise<RecordedTable>;
  /** What is left in the table by the daemon that ended. */
  left(): Promise<readonly string[]>;
}

/** What came of a case. */
export interface Played {
  readonly tables: readonly RecordedTable[];
  readonly left: readonly string[];
}

/** Programs that files of the suite name, and what else these refer to. */
const programFolder = '/run/lb';
const maintenanceFolder = join(programFolder, 'maintenance');

const hostNames = '\n10.9.0.101 rs1.example.com rs1\n10.9.0.102 rs2.example.com rs2\n';

/**
 * Puts what files of the suite name by absolute paths where they look for it, and names of servers
 * into the hosts file of this place.
 */
export function layOutPrograms(): void {
  requireIsolation('programs of the differential suite');
  cpSync(join(folder, 'programs'), programFolder, { recursive: true });
  mkdirSync(maintenanceFolder, { recursive: true });
  const known = readFileSync('/etc/hosts', 'utf8');
  if (!known.includes(hostNames)) writeFileSync('/etc/hosts', `${known}${hostNames}`);
}

/** Takes a program through all steps of a case; the table is empty afterwards. */
export async function play(
  place: Place,
  { name, before = [], steps }: DifferentialCase,
  player: Player,
): Promise<Played> {
  const { director, directory } = place;
  mkdirSync(join(directory, 'etc'), { recursive: true });
  const configPath = join(directory, 'etc', `${name}.cf`);
  await fillTable(director, before);
  let daemon: HostProcess | undefined;
  const tables: RecordedTable[] = [];
  try {
    for (const [index, step] of steps.entries()) {
      await place.bring(conditionsOf(step));
      if (step.maintenance !== undefined) holdInMaintenance(step.maintenance);
      const sinceMs = Date.now();
      const file = step.file ?? (daemon === undefined ? `${name}.cf` : undefined);
      if (file !== undefined) writeFileSync(configPath, fileText(file));
      if (daemon === undefined) daemon = await player.start(configPath);
      if (step.hangUp) daemon.signal('SIGHUP');
      tables.push(await player.settled(step, index, sinceMs));
    }
  } finally {
    await daemon?.stop();
  }
  const left = await player.left();
  await fillTable(director, []);
  return { tables, left };
}

function holdInMaintenance(names: readonly string[]): void {
  rmSync(maintenanceFolder, { recursive: true, force: true });
  mkdirSync(maintenanceFolder);
  for (const name of names) writeFileSync(join(maintenanceFolder, name), '');
}
