import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { NotAFileError, readRegularFile } from '../config/regular-file.ts';
import type { Clock, Timer } from '../health/clock.ts';

type Digests = ReadonlyMap<string, string | undefined>;

/**
 * Watches the content of files, and the names in folders. Looks by time and not by inotify, so that
 * it works on every file system and for files that are replaced, linked or bound in.
 */
export class FileWatch {
  readonly #clock: Clock;
  readonly #onChange: () => void;
  /** Of what was last known. */
  #digests = new Map<string, string | undefined>();
  /** Content that was new at the last look, by path. */
  readonly #seen = new Map<string, string>();
  #timer: Timer | undefined;
  #stopped = false;

  /** @param onChange called when contents changed; a mere touch is no change. */
  constructor(clock: Clock, onChange: () => void) {
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /**
   * Watches these paths from now on; one that ends in "/" is a folder. The content that a new one
   * has at this moment is the one in force.
   */
  async setPaths(paths: readonly string[]): Promise<void> {
    const fresh = paths.filter((path) => !this.#digests.has(path));
    const found = await Promise.all(fresh.map(digestOf));
    const added = new Map(fresh.map((path, i) => [path, found[i]]));
    this.#digests = new Map(
      paths.map((path) => [path, added.get(path) ?? this.#digests.get(path)]),
    );
  }

  /** Digests of the content that the files have now, by path; undefined for what is not there. */
  async digests(): Promise<Digests> {
    const paths = [...this.#digests.keys()];
    const found = await Promise.all(paths.map(digestOf));
    return new Map(paths.map((path, i) => [path, found[i]]));
  }

  /** What differs from these is a change from now on. */
  know(digests: Digests): void {
    for (const [path, digest] of digests) {
      if (this.#digests.has(path)) this.#digests.set(path, digest);
    }
  }

  start(intervalMs = 1000): void {
    const look = async () => {
      const changed = await this.#look();
      if (this.#stopped) return;
      if (changed) this.#onChange();
      this.#timer = this.#clock.setTimer(() => void look(), intervalMs);
    };
    this.#timer = this.#clock.setTimer(() => void look(), intervalMs);
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  /** What is missing for a moment (being replaced) has not changed. */
  async #look(): Promise<boolean> {
    let changed = false;
    for (const [path, digest] of await this.digests()) {
      // meanwhile other paths may have been set
      if (digest === undefined || !this.#digests.has(path)) continue;
      if (this.#digests.get(path) === digest) {
        this.#seen.delete(path);
        continue;
      }
      // what is still being written differs at the next look
      const isWhole = this.#seen.get(path) === digest;
      this.#seen.set(path, digest);
      if (!isWhole) continue;
      this.#digests.set(path, digest);
      changed = true;
    }
    return changed;
  }
}

async function digestOf(path: string): Promise<string | undefined> {
  try {
    const content = path.endsWith('/') ? await namesIn(path) : await readRegularFile(path);
    return createHash('sha256').update(content).digest('hex');
  } catch (error) {
    // what has come to its place is a change, too: the reload tells why it is refused
    return error instanceof NotAFileError ? error.message : undefined;
  }
}

/** Hidden ones are passed over, as by "include": editors and ipvsd itself make and remove them. */
async function namesIn(folder: string): Promise<string> {
  const names = await readdir(folder);
  return names
    .filter((name) => !name.startsWith('.'))
    .toSorted()
    .join('\0');
}
