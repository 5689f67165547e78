import { closeSync, writeSync } from 'node:fs';

/**
 * Lines into an open file, each written before `write` returns. A line that the file does not take,
 * as its disk is full or as the reader of a FIFO does not read, is lost and not kept: neither may
 * a full disk fill the memory, nor make the daemon wait.
 */
export class FileLines {
  readonly #onLost: (lines: number) => void;
  #fd: number;
  #lost = 0;
  /** The last thing in the file is the beginning of a line. */
  #isTorn = false;

  /** @param onLost told, with the next line that is taken, how many were not. */
  constructor(fd: number, onLost: (lines: number) => void) {
    this.#fd = fd;
    this.#onLost = onLost;
  }

  write(line: string): void {
    if (!this.#put(Buffer.from(this.#isTorn ? `\n${line}` : line))) {
      this.#lost += 1;
      return;
    }
    const lines = this.#lost;
    this.#lost = 0;
    if (lines > 0) this.#onLost(lines);
  }

  /** Writes to another file from now on. */
  use(fd: number): void {
    closeSync(this.#fd);
    this.#fd = fd;
    this.#isTorn = false;
  }

  #put(bytes: Buffer): boolean {
    let at = 0;
    try {
      while (at < bytes.length) at += writeSync(this.#fd, bytes, at);
      this.#isTorn = false;
      return true;
    } catch {
      this.#isTorn ||= at > 0;
      return false;
    }
  }
}
