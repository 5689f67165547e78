import type { DaemonEvent, Observer } from './event.ts';
import { type FallbackRun, type FallbackState, fallbackRuns } from './fallback-runs.ts';
import { type CommandParts, runLogged } from './run-command.ts';
import { TaskQueue } from './task-queue.ts';

/** A command that has not ended by then is killed, with everything it started. */
const timeoutMs = 30_000;

/**
 * Runs the `fallbackcommand` of virtual servers, one run after the other for each of them and side
 * by side for different ones. A start and a stop that both still wait undo each other.
 */
export class FallbackCommands implements Observer {
  readonly name = 'fallbackcommand';
  readonly #parts: CommandParts;
  readonly #queues = new Map<string, TaskQueue<FallbackRun>>();
  #state: FallbackState = new Map();

  constructor(parts: CommandParts) {
    this.#parts = parts;
  }

  observe(event: DaemonEvent): void {
    const { state, runs } = fallbackRuns(this.#state, event);
    this.#state = state;
    for (const run of runs) this.#enqueue(run);
  }

  async close(signal: AbortSignal): Promise<void> {
    await Promise.all([...this.#queues.values()].map((queue) => queue.close(signal)));
  }

  #enqueue(run: FallbackRun): void {
    const queue = this.#queue(run.virtualKey);
    const last = queue.waiting.at(-1);
    if (last !== undefined && undoes(run, last)) queue.replaceWaiting(queue.waiting.slice(0, -1));
    else queue.add(run);
  }

  #queue(key: string): TaskQueue<FallbackRun> {
    const known = this.#queues.get(key);
    if (known !== undefined) return known;
    const queue = new TaskQueue<FallbackRun>(this.#parts.log, ({ argv }, signal) =>
      runLogged(this.#parts, { what: this.name, argv, timeoutMs }, signal),
    );
    this.#queues.set(key, queue);
    return queue;
  }
}

/** Whether nothing is left to do when these two, which follow each other, are both left out. */
function undoes(run: FallbackRun, before: FallbackRun): boolean {
  return run.command === before.command && run.verb !== before.verb;
}
