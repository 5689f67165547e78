import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { type Role, roles } from '../config/role.ts';
import { systemErrorText } from '../config/system-error.ts';
import type { Instance } from './instance.ts';

/** The file in which an instance remembers the role that it was ordered to have. */
export function roleFile({ name, socketPath }: Instance): string {
  return join(dirname(socketPath), `${name}.role`);
}

/** What stands in such a file. */
const storedSchema = z.object({ role: z.enum(roles), boot: z.string() });

/**
 * The role that was ordered last, in a file: it outlives reloads, restarts and crashes, but no boot,
 * after which a cluster manager has to decide anew.
 */
export class RoleMemory {
  readonly #path: string;
  readonly #boot: string;

  /**
   * @param path as of `roleFile`; its folder is made when missing.
   * @param boot what is another one after every boot.
   */
  constructor(path: string, boot = bootId()) {
    this.#path = path;
    this.#boot = boot;
  }

  /** Undefined when none was ordered since the machine was booted. */
  recall(): Role | undefined {
    try {
      const stored = storedSchema.parse(JSON.parse(readFileSync(this.#path, 'utf8')));
      return stored.boot === this.#boot ? stored.role : undefined;
    } catch {
      return undefined;
    }
  }

  /** @throws Error with one line when the file cannot be written. */
  remember(role: Role): void {
    // a file of our own: the daemon and commands may write in the same moment
    const own = `${this.#path}.${process.pid}`;
    try {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o755 });
      writeFileSync(own, JSON.stringify({ role, boot: this.#boot }));
      renameSync(own, this.#path);
    } catch (error) {
      discard(own);
      const why = systemErrorText(error);
      throw new Error(`${this.#path}: cannot be written, a restart forgets the role: ${why}`);
    }
  }
}

/** What cannot be written can often not be removed either. */
function discard(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // it stays
  }
}

/** /proc on a machine that hides it: then /run is trusted to be empty after a boot. */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}
