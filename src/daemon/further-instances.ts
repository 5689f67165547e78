import type { DaemonEvent, Observer } from '../alerts/event.ts';
import { type Argv, type CommandParts, runLogged } from '../alerts/run-command.ts';
import { TaskQueue } from '../alerts/task-queue.ts';
import { chainWith, isInChain } from './execute-chain.ts';

/** As long as a start or stop may take, and some. */
const timeoutMs = 60_000;

export interface FurtherInstancesOptions extends CommandParts {
  /** How this program is called: ldirectord's calling form comes behind it. */
  readonly program: Argv;
  readonly instanceName: string;
}

/**
 * Starts, reloads and stops the instances of `execute` lines together with this one, by commands.
 * Those of one instance come one after the other, those of different ones side by side.
 */
export class FurtherInstances implements Observer {
  readonly name = 'execute';
  readonly #options: FurtherInstancesOptions;
  readonly #queues = new Map<string, TaskQueue<string>>();
  #wanted: readonly string[] = [];
  #started: readonly string[] = [];

  constructor(options: FurtherInstancesOptions) {
    this.#options = options;
  }

  observe(event: DaemonEvent): void {
    if (event.kind === 'config') {
      this.#wanted = [...new Set(event.config.execute)].filter((value) => !isInChain(value));
    }
    if (event.kind !== 'phase') return;
    if (event.phase === 'stopping') this.#wanted = [];
    if (event.phase === 'running' || event.phase === 'stopping') this.#follow();
  }

  async close(signal: AbortSignal): Promise<void> {
    await Promise.all([...this.#queues.values()].map((queue) => queue.close(signal)));
  }

  #follow(): void {
    const before = this.#started;
    this.#started = this.#wanted;
    for (const value of before) if (!this.#wanted.includes(value)) this.#command(value, 'stop');
    for (const value of this.#wanted) {
      this.#command(value, before.includes(value) ? 'reload' : 'start');
    }
  }

  #command(value: string, action: 'start' | 'reload' | 'stop'): void {
    const queue = this.#queues.get(value) ?? this.#newQueue(value);
    this.#queues.set(value, queue);
    queue.add(action);
  }

  #newQueue(value: string): TaskQueue<string> {
    const { program, instanceName, log } = this.#options;
    return new TaskQueue<string>(log, (action, signal) => {
      const argv = [...program, '--', value, action];
      const env = chainWith(instanceName);
      return runLogged(this.#options, { what: this.name, argv, timeoutMs, env }, signal);
    });
  }
}
