import { chmod, cp, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { program } from '../ipvsd.ts';

/** What the project ships for cluster engines. */
export const contrib = fileURLToPath(new URL('../../../../contrib', import.meta.url));

const OCF_ROOT = '/usr/lib/ocf';

/** A copy of the machine's agents with ours put in, as an administrator would. */
export interface Agents {
  /** To be bound over /usr/lib/ocf, or named by OCF_ROOT. */
  readonly ocfRoot: string;
  /** The command `ipvsd`. */
  readonly command: string;
  /** The path of an agent: `ipvsd/ipvsd`, `heartbeat/ldirectord`. */
  agent(name: string): string;
}

/** @param directory where all of it is put; agents must be readable for everybody, so it is made so. */
export async function installAgents(directory: string): Promise<Agents> {
  await chmod(directory, 0o755);
  const ocfRoot = path.join(directory, 'ocf');
  const own = path.join(ocfRoot, 'resource.d/ipvsd');
  await cp(OCF_ROOT, ocfRoot, { recursive: true, verbatimSymlinks: true });
  await mkdir(own);
  for (const name of ['ipvsd', 'ipvs-sync']) {
    await cp(path.join(contrib, 'ocf', name), path.join(own, name));
  }
  const taken = path.join(ocfRoot, 'resource.d/heartbeat/ldirectord');
  await cp(path.join(contrib, 'ocf/ldirectord'), taken);
  return {
    ocfRoot,
    command: await installCommand(directory),
    agent: (name) => path.join(ocfRoot, 'resource.d', name),
  };
}

/** The program under its name, which npm makes as a link when it installs. */
export async function installCommand(directory: string): Promise<string> {
  const command = path.join(directory, 'bin/ipvsd');
  await mkdir(path.dirname(command), { recursive: true });
  const text = `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`;
  await writeFile(command, text, { mode: 0o755 });
  return command;
}
