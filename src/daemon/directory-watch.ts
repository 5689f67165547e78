import { type FSWatcher, watch } from 'node:fs';
import { stat } from 'node:fs/promises';

/**
 * Tells of changes in a directory by inotify(7), where the file system has it. The directory may be
 * replaced by another one of the same name, or come into being later: `renew` looks for that.
 */
export class DirectoryWatch {
  readonly #directory: string;
  readonly #onEvent: (file: string | null) => void;
  /** Inode number and birth: numbers are used again. */
  #identity: string | undefined;
  #watcher: FSWatcher | undefined;
  #isClosed = false;

  /** @param onEvent called with the name of what changed, null where that is not known. */
  constructor(directory: string, onEvent: (file: string | null) => void) {
    this.#directory = directory;
    this.#onEvent = onEvent;
  }

  /**
   * Watches what bears the name of the directory now.
   *
   * @returns whether that is another one than before; changes until now are not told then.
   * @throws Error when there is no such directory.
   */
  async renew(): Promise<boolean> {
    let identity: string;
    try {
      const { ino, birthtimeMs } = await stat(this.#directory);
      identity = `${ino} ${birthtimeMs}`;
    } catch (error) {
      this.#identity = undefined;
      throw error;
    }
    if (identity === this.#identity || this.#isClosed) return false;
    this.#watcher?.close();
    this.#watcher = this.#open();
    this.#identity = identity;
    return true;
  }

  close(): void {
    this.#isClosed = true;
    this.#watcher?.close();
  }

  /** Undefined when inotify has no place left; who watches then has to look by time. */
  #open(): FSWatcher | undefined {
    try {
      const watcher = watch(this.#directory, (_kind, file) => this.#onEvent(file));
      watcher.on('error', () => undefined);
      return watcher;
    } catch {
      return undefined;
    }
  }
}
