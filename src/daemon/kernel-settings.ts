import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { Config } from '../config/model.ts';
import { messageOf } from '../config/system-error.ts';
import type { Instance } from './instance.ts';

/** A value below /proc/sys that the daemon has set, for as long as it runs. */
export interface KernelSetting {
  /** `net.ipv4.vs.expire_nodest_conn` */
  readonly name: string;
  readonly value: string;
  /** What it was before, and will be again. */
  readonly before: string;
}

/** What stands in the memory: values of before by their names. */
const storedSchema = z.record(z.string().regex(/^net\.ipv4\.vs\.\w+$/), z.string().regex(/^\d+$/));

/**
 * The kernel settings that a file asks for; they belong to the network namespace.
 *
 * @returns values by name.
 */
export function wantedSettings(config: Config): ReadonlyMap<string, string> {
  const wanted = new Map<string, string>();
  if (config.virtuals.some(({ persistentClean }) => persistentClean)) {
    // Documentation/networking/ipvs-sysctl.rst: connections of a deleted destination expire at
    // their next packet, instead of hanging until their timeout.
    wanted.set('net.ipv4.vs.expire_nodest_conn', '1');
  }
  return wanted;
}

/** The file in which an instance remembers what it has to put back. */
export function kernelSettingsMemory({ name, socketPath }: Instance): string {
  return `${dirname(socketPath)}/${name}.sysctl`;
}

/**
 * Sets kernel settings and puts them back. What was there before is kept in a file, so that a
 * daemon that was killed is tidied up after by the next one.
 */
export class KernelSettings {
  readonly #memory: string;
  readonly #root: string;
  #settings: readonly KernelSetting[] = [];

  /** @param memory the file that remembers; its folder is made when missing. */
  constructor(memory: string, root = '/proc/sys') {
    this.#memory = memory;
    this.#root = root;
  }

  /** What is set at the moment. */
  get settings(): readonly KernelSetting[] {
    return this.#settings;
  }

  /**
   * Makes the wanted ones hold, and puts back those that are not wanted any more.
   *
   * @returns what could not be done, one line each.
   */
  apply(wanted: ReadonlyMap<string, string>): readonly string[] {
    const before = this.#recall();
    const problems: string[] = [];
    const settings: KernelSetting[] = [];
    for (const [name, old] of before) {
      if (!wanted.has(name)) this.#write(name, old, problems);
    }
    for (const [name, value] of wanted) {
      const old = before.get(name) ?? this.#read(name, problems);
      if (old === undefined) continue;
      if (this.#read(name, problems) !== value) this.#write(name, value, problems);
      settings.push({ name, value, before: old });
    }
    this.#settings = settings;
    try {
      this.#remember();
    } catch (error) {
      problems.push(`${this.#memory}: cannot be written: ${messageOf(error)}`);
    }
    return problems;
  }

  /** Puts everything back. */
  restore(): readonly string[] {
    return this.apply(new Map());
  }

  #read(name: string, problems: string[]): string | undefined {
    try {
      return readFileSync(this.#path(name), 'utf8').trim();
    } catch (error) {
      problems.push(`${name}: cannot be read: ${messageOf(error)}`);
      return undefined;
    }
  }

  #write(name: string, value: string, problems: string[]): void {
    try {
      writeFileSync(this.#path(name), value);
    } catch (error) {
      problems.push(`${name}: cannot be set to ${value}: ${messageOf(error)}`);
    }
  }

  #path(name: string): string {
    return join(this.#root, ...name.split('.'));
  }

  #recall(): ReadonlyMap<string, string> {
    try {
      const stored = storedSchema.parse(JSON.parse(readFileSync(this.#memory, 'utf8')));
      return new Map(Object.entries(stored));
    } catch {
      return new Map();
    }
  }

  #remember(): void {
    if (this.#settings.length === 0) {
      rmSync(this.#memory, { force: true });
      return;
    }
    const stored = Object.fromEntries(this.#settings.map(({ name, before }) => [name, before]));
    mkdirSync(dirname(this.#memory), { recursive: true });
    writeFileSync(`${this.#memory}.new`, JSON.stringify(stored));
    renameSync(`${this.#memory}.new`, this.#memory);
  }
}
