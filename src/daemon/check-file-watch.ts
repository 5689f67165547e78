import { basename, dirname } from 'node:path';
import type { DaemonEvent, Observer } from '../alerts/event.ts';
import type { Config } from '../config/model.ts';
import type { Clock, Timer } from '../health/clock.ts';
import { DirectoryWatch } from './directory-watch.ts';

/** Directories are looked for so often: one may be missing, or replaced by another. */
const renewMs = 5000;

/**
 * Watches the files of file checks, so that a change is seen at once and not only at the next run of
 * the check. It is their directories that are watched: a file may be missing at first, and be
 * replaced by another one. Where the file system tells of nothing, the rhythm of the check has to do.
 */
export class CheckFileWatch implements Observer {
  readonly name = 'check files';
  readonly #clock: Clock;
  readonly #onChange: (path: string) => void;
  readonly #folders = new Map<string, Folder>();
  #timer: Timer | undefined;
  #isClosed = false;

  /** @param onChange called with a path whose file may have changed, come or gone. */
  constructor(clock: Clock, onChange: (path: string) => void) {
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /** The files of the configuration in force are the ones that are watched. */
  observe(event: DaemonEvent): void {
    if (event.kind === 'config') void this.setPaths(checkFiles(event.config));
  }

  /** Watches these files from now on, and no others; returns when it does. */
  async setPaths(paths: readonly string[]): Promise<void> {
    const directories = new Set(paths.map((path) => dirname(path)));
    for (const [directory, { watch }] of this.#folders) {
      if (directories.has(directory)) continue;
      watch.close();
      this.#folders.delete(directory);
    }
    const fresh: DirectoryWatch[] = [];
    for (const directory of directories) {
      const own = new Set(paths.filter((path) => dirname(path) === directory));
      const known = this.#folders.get(directory);
      if (known === undefined) fresh.push(this.#add(directory, own));
      else known.paths = own;
    }
    await Promise.all(fresh.map(renewed));
    this.#renewLater();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    for (const { watch } of this.#folders.values()) watch.close();
  }

  #add(directory: string, paths: ReadonlySet<string>): DirectoryWatch {
    const watch = new DirectoryWatch(directory, (file) => this.#tell(folder, file));
    const folder: Folder = { watch, paths };
    this.#folders.set(directory, folder);
    return watch;
  }

  #tell({ paths }: Folder, file: string | null): void {
    if (this.#isClosed) return;
    for (const path of paths) {
      if (file === null || basename(path) === file) this.#onChange(path);
    }
  }

  #renewLater(): void {
    this.#timer?.cancel();
    if (this.#isClosed || this.#folders.size === 0) return;
    this.#timer = this.#clock.setTimer(() => void this.#renew(), renewMs);
  }

  async #renew(): Promise<void> {
    const folders = [...this.#folders.values()];
    const isOther = await Promise.all(folders.map(({ watch }) => renewed(watch)));
    // What another directory holds may differ from what the one before it held.
    folders.forEach((folder, i) => {
      if (isOther[i]) this.#tell(folder, null);
    });
    this.#renewLater();
  }
}

/** The files that file checks read, each once. */
function checkFiles({ virtuals }: Config): readonly string[] {
  const servers = virtuals.flatMap(({ reals, fallbacks }) => [...reals, ...fallbacks]);
  const definitions = servers.flatMap(({ checks }) => checks.map(({ definition }) => definition));
  const paths = definitions.flatMap((check) => (check.type === 'file' ? [check.path] : []));
  return [...new Set(paths)];
}

/** Whether another directory is watched now; not while there is none. */
async function renewed(watch: DirectoryWatch): Promise<boolean> {
  try {
    return await watch.renew();
  } catch {
    return false;
  }
}

interface Folder {
  readonly watch: DirectoryWatch;
  paths: ReadonlySet<string>;
}
