import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Clock, Timer } from '../health/clock.ts';

/**
 * Watches a file's content. Looks by time and not by inotify, so that it works on every file
 * system and for files that are replaced, linked or bound in.
 */
export class FileWatch {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #onChange: () => void;
  #digest: string | undefined;
  #timer: Timer | undefined;
  #stopped = false;

  /** @param onChange called once per change of the content; a mere touch is none. */
  constructor(path: string, clock: Clock, onChange: () => void) {
    this.#path = path;
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /** Takes the content of this moment as the one in force; call it before the file is read. */
  async prime(): Promise<void> {
    this.#digest = await this.#read();
  }

  start(intervalMs = 1000): void {
    const look = async () => {
      const found = await this.#read();
      if (this.#stopped) return;
      if (found !== undefined && found !== this.#digest) {
        this.#digest = found;
        this.#onChange();
      }
      this.#timer = this.#clock.setTimer(() => void look(), intervalMs);
    };
    this.#timer = this.#clock.setTimer(() => void look(), intervalMs);
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  /** A file that is missing for a moment (being replaced) is not a change. */
  async #read(): Promise<string | undefined> {
    try {
      return createHash('sha256')
        .update(await readFile(this.#path))
        .digest('hex');
    } catch {
      return undefined;
    }
  }
}
