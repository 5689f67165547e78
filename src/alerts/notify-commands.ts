import { commandWords } from '../config/command-words.ts';
import { virtualKey } from '../config/keys.ts';
import type { DaemonEvent, Observer } from './event.ts';
import { type CommandParts, type LoggedRun, runLogged } from './run-command.ts';
import { TaskQueue } from './task-queue.ts';

/** A command that has not ended by then is killed, with everything it started. */
const timeoutMs = 30_000;

/** One run, and whom it is about. */
interface NotifyRun extends LoggedRun {
  readonly about: string;
}

/**
 * Runs `notifyup` and `notifydown` when a real server comes into service or goes out of it, and
 * `quorumup` and `quorumdown` when a virtual server gains its quorum or loses it: with the arguments
 * of the file and no others, as keepalived does; who it is about stands in the environment. One run
 * after the other for each of them. A run that still waits when the opposite is due is left out.
 */
export class NotifyCommands implements Observer {
  readonly name = 'notify';
  readonly #parts: CommandParts;
  readonly #queues = new Map<string, TaskQueue<NotifyRun>>();

  constructor(parts: CommandParts) {
    this.#parts = parts;
  }

  observe(event: DaemonEvent): void {
    const run = runOf(event);
    if (run === undefined) return;
    const queue = this.#queue(run.about);
    queue.replaceWaiting([]);
    queue.add(run);
  }

  async close(signal: AbortSignal): Promise<void> {
    await Promise.all([...this.#queues.values()].map((queue) => queue.close(signal)));
  }

  #queue(about: string): TaskQueue<NotifyRun> {
    const known = this.#queues.get(about);
    if (known !== undefined) return known;
    const queue = new TaskQueue<NotifyRun>(this.#parts.log, (run, signal) =>
      runLogged(this.#parts, run, signal),
    );
    this.#queues.set(about, queue);
    return queue;
  }
}

function runOf(event: DaemonEvent): NotifyRun | undefined {
  if (event.kind === 'server') {
    const { inService, server } = event;
    const { key: about, real, virtual } = server;
    const env = { IPVSD_VIRTUAL: virtualKey(virtual.id), IPVSD_REAL: real.key };
    return inService
      ? commandRun(about, 'notifyup', real.notifyUp, env)
      : commandRun(about, 'notifydown', real.notifyDown, env);
  }
  if (event.kind === 'quorum') {
    const { gained, live, virtual } = event;
    const about = virtualKey(virtual.id);
    const env = { IPVSD_VIRTUAL: about, IPVSD_LIVE_WEIGHT: String(live) };
    return gained
      ? commandRun(about, 'quorumup', virtual.quorum?.upCommand, env)
      : commandRun(about, 'quorumdown', virtual.quorum?.downCommand, env);
  }
  return undefined;
}

function commandRun(
  about: string,
  what: string,
  command: string | undefined,
  env: Readonly<Record<string, string>>,
): NotifyRun | undefined {
  const argv = commandWords(command ?? '') ?? [];
  return argv.length === 0 ? undefined : { about, what, argv, env, timeoutMs };
}
