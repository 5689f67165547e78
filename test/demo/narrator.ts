/** Tells on the terminal what happens, with the time since the beginning. */
export class Narrator {
  readonly #begin = performance.now();
  #failures = 0;

  /** A new scene. */
  scene(text: string): void {
    console.log(`\n${this.#time()}  ${text}`);
  }

  /** What is seen, indented. */
  show(text: string): void {
    for (const line of text.trimEnd().split('\n')) console.log(`         | ${line}`);
  }

  /** A claim with what was seen of it; one that does not hold makes the demo fail. */
  claim(holds: boolean, text: string): void {
    if (!holds) this.#failures++;
    console.log(`         ${holds ? 'ok  ' : 'FAIL'} ${text}`);
  }

  /** @returns the exit code. */
  end(): number {
    const verdict =
      this.#failures === 0 ? 'All of it held.' : `${this.#failures} claims did not hold.`;
    console.log(`\n${this.#time()}  ${verdict}`);
    return this.#failures === 0 ? 0 : 1;
  }

  #time(): string {
    return `${((performance.now() - this.#begin) / 1000).toFixed(1).padStart(5)} s`;
  }
}
