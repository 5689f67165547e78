import type { Argv, RunCommand, RunOptions } from '../../src/alerts/run-command.ts';

/** Commands that an observer has run; each ends when the test says so. */
export class RecordedRuns {
  readonly argvs: Argv[] = [];
  readonly options: RunOptions[] = [];
  readonly #ends: ((problem?: string) => void)[] = [];
  /** Commands end as soon as they begin. */
  readonly #atOnce: boolean;

  constructor({ atOnce }: { readonly atOnce: boolean }) {
    this.#atOnce = atOnce;
  }

  readonly run: RunCommand = (argv, options) => {
    this.argvs.push(argv);
    this.options.push(options);
    if (this.#atOnce) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.#ends.push(resolve);
      options.signal.addEventListener('abort', () => resolve(String(options.signal.reason)));
    });
  };

  /** Ends the oldest command that still runs. */
  end(problem?: string): void {
    this.#ends.shift()?.(problem);
  }

  /** The commands as lines. */
  get lines(): readonly string[] {
    return this.argvs.map((argv) => argv.join(' '));
  }
}
