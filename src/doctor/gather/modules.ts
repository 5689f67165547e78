import { existsSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import type { Facts, ModuleState } from '../facts.ts';
import { runTool } from './tool.ts';

/** Whether the kernel has these modules, or could load them. */
export async function gatherModules(names: readonly string[]): Promise<Facts['modules']> {
  const states = await Promise.all(names.map(async (name) => [name, await stateOf(name)] as const));
  return Object.fromEntries(states);
}

async function stateOf(name: string): Promise<ModuleState> {
  if (existsSync(`/sys/module/${name}`)) return 'loaded';
  const folder = `/lib/modules/${release()}`;
  if (isBuiltIn(name, folder)) return 'loaded';
  if (!existsSync(`${folder}/modules.dep`)) return 'unknown';
  const result = await runTool('modprobe', ['--dry-run', '--quiet', name]);
  if (result.kind === 'missing') return 'unknown';
  return result.exitCode === 0 ? 'available' : 'missing';
}

/** A module without parameters has no folder in /sys/module when it is built in. */
function isBuiltIn(name: string, folder: string): boolean {
  try {
    return readFileSync(`${folder}/modules.builtin`, 'utf8').includes(`/${name}.ko`);
  } catch {
    return false;
  }
}
