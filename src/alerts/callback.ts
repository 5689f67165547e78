import type { DaemonEvent, Observer } from './event.ts';
import { type Argv, type CommandParts, runLogged } from './run-command.ts';
import { TaskQueue } from './task-queue.ts';

const timeoutMs = 60_000;

/**
 * Runs the `callback` with the path of the file after the file's content changed. Changes that come
 * while it runs are answered with one more run.
 */
export class Callback implements Observer {
  readonly name = 'callback';
  readonly #queue: TaskQueue<Argv>;
  #program: string | undefined;

  constructor(parts: CommandParts) {
    this.#queue = new TaskQueue<Argv>(parts.log, (argv, signal) =>
      runLogged(parts, { what: this.name, argv, timeoutMs }, signal),
    );
  }

  observe(event: DaemonEvent): void {
    if (event.kind === 'config') this.#program = event.config.callback;
    if (event.kind !== 'file-changed' || this.#program === undefined) return;
    if (this.#queue.waiting.length === 0) this.#queue.add([this.#program, event.path]);
  }

  close(signal: AbortSignal): Promise<void> {
    return this.#queue.close(signal);
  }
}
