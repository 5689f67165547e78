import { readdir } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { Config } from '../config/model.ts';
import type { Clock, Timer } from '../health/clock.ts';
import { DirectoryWatch } from './directory-watch.ts';
import { HostNames, type ReverseLookup } from './host-names.ts';
import { isHostName, maintainedServers } from './maintenance-files.ts';
import { waitAtMost } from './wait-at-most.ts';

export interface MaintenanceOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly lookup: ReverseLookup;
  /** Called with the file's name by `serverKey`, whenever that is not what it was. */
  readonly onChange: (files: ReadonlyMap<string, string>) => void;
}

/** The directory is read so often, for file systems that tell nothing of changes. */
const rescanMs = 5000;
/** While a file in the directory fits no server, host names are asked for again after this. */
const askAgainMs = 60_000;
/** How long a start or reload waits for host names, when a file in the directory needs them. */
const namesPatienceMs = 2000;

/**
 * Watches `maintenancedir`. Changes are seen at once where the file system tells of them, else at
 * the next rescan. Host names are asked for in the background and never at the time of a check.
 */
export class MaintenanceDirectory {
  readonly #options: MaintenanceOptions;
  readonly #names: HostNames;
  #config: Config | undefined;
  #files: readonly string[] = [];
  #told = '[]';
  /** Files that name a server. */
  #known: ReadonlySet<string> = new Set();
  #looking: Promise<void> | undefined;
  #again = false;
  #watch: DirectoryWatch | undefined;
  #timer: Timer | undefined;
  #askedMs = 0;
  #isMissing = false;

  constructor(options: MaintenanceOptions) {
    this.#options = options;
    this.#names = new HostNames(options.lookup);
  }

  /** Follows the directory of this file from now on; returns when its files are in force. */
  async use(config: Config): Promise<void> {
    this.close();
    this.#config = config;
    if (config.maintenanceDir === undefined) {
      this.#files = [];
      this.#tell();
      return;
    }
    const directory = config.maintenanceDir;
    this.#watch = new DirectoryWatch(directory, () => void this.#look(directory));
    await this.#look(directory);
    const asking = this.#ask();
    if (this.#files.some(isHostName))
      await waitAtMost(this.#options.clock, namesPatienceMs, asking);
    this.#tell();
    this.#rescanLater(directory);
  }

  close(): void {
    this.#config = undefined;
    this.#timer?.cancel();
    this.#watch?.close();
    this.#watch = undefined;
  }

  /** One look at a time; those that are asked for meanwhile become one more. */
  #look(directory: string): Promise<void> {
    this.#again = this.#looking !== undefined;
    this.#looking ??= this.#lookUntilQuiet(directory);
    return this.#looking;
  }

  async #lookUntilQuiet(directory: string): Promise<void> {
    do {
      this.#again = false;
      await this.#scan(directory);
    } while (this.#again);
    this.#looking = undefined;
    this.#tell();
  }

  #rescanLater(directory: string): void {
    this.#timer?.cancel();
    if (this.#config?.maintenanceDir !== directory) return;
    this.#timer = this.#options.clock.setTimer(() => {
      const isStranger = this.#files.some((file) => isHostName(file) && !this.#known.has(file));
      if (isStranger && this.#options.clock.now() - this.#askedMs >= askAgainMs) void this.#ask();
      void this.#look(directory).then(() => this.#rescanLater(directory));
    }, rescanMs);
  }

  /** A directory that is not there holds no files; one that cannot be read for now keeps them. */
  async #scan(directory: string): Promise<void> {
    const { log } = this.#options;
    try {
      // first watched, then read: what comes in between is seen
      await this.#watch?.renew();
      const files = await readdir(directory);
      if (this.#config?.maintenanceDir !== directory) return;
      this.#files = files;
      if (this.#isMissing) log.info(`maintenance directory is there again: ${directory}`);
      this.#isMissing = false;
    } catch (error) {
      const isGone = error instanceof Error && 'code' in error && isGoneCode(error.code);
      if (isGone) this.#files = [];
      const why = isGone ? 'does not exist' : String(error);
      if (!this.#isMissing) log.warn(`maintenance directory ${directory}: ${why}`);
      this.#isMissing = true;
    }
  }

  async #ask(): Promise<void> {
    this.#askedMs = this.#options.clock.now();
    const reals = this.#config?.virtuals.flatMap((virtual) => virtual.reals) ?? [];
    await this.#names.ask(reals.map((real) => real.address));
    this.#tell();
  }

  #tell(): void {
    if (this.#config === undefined) return;
    const files = maintainedServers(this.#config, this.#files, (a) => this.#names.of(a));
    this.#known = new Set(files.values());
    const text = JSON.stringify([...files]);
    if (text === this.#told) return;
    this.#told = text;
    this.#options.onChange(files);
  }
}

function isGoneCode(code: unknown): boolean {
  return code === 'ENOENT' || code === 'ENOTDIR';
}
