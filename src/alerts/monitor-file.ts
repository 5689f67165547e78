import type { Logger } from 'pino';
import { messageOf } from '../config/system-error.ts';
import type { DaemonEvent, Observer } from './event.ts';
import { monitorLine } from './monitor-line.ts';

/** Appends text to a file, which is made when missing. */
export type AppendFile = (path: string, text: string) => Promise<void>;

interface Target {
  waiting: string;
  writing: Promise<void> | undefined;
  /** It could not be written the last time; said once. */
  failing: boolean;
}

/** What a file that cannot be written may make us keep. */
const mostWaiting = 1_000_000;

/**
 * Writes the `monitorfile` of virtual servers: one line for every check. The file is opened for
 * each write, so that it can be moved away at any time; a file that cannot be written is logged
 * once, and again when it could be written in between.
 */
export class MonitorFiles implements Observer {
  readonly name = 'monitorfile';
  readonly #append: AppendFile;
  readonly #log: Logger;
  readonly #targets = new Map<string, Target>();

  constructor(append: AppendFile, log: Logger) {
    this.#append = append;
    this.#log = log;
  }

  observe(event: DaemonEvent): void {
    if (event.kind === 'config') {
      for (const { monitorFile } of event.config.virtuals) {
        if (monitorFile !== undefined) this.#write(monitorFile, '');
      }
    }
    if (event.kind !== 'check') return;
    const { monitorFile } = event.server.virtual;
    if (monitorFile === undefined) return;
    const line = monitorLine(event, process.pid);
    if (line !== undefined) this.#write(monitorFile, line);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#targets.values()].map(async ({ writing }) => writing));
  }

  #write(path: string, text: string): void {
    const target = this.#targets.get(path) ?? { waiting: '', writing: undefined, failing: false };
    this.#targets.set(path, target);
    if (target.waiting.length < mostWaiting) target.waiting += text;
    target.writing ??= this.#writeWaiting(path, target);
  }

  async #writeWaiting(path: string, target: Target): Promise<void> {
    do {
      const text = target.waiting;
      target.waiting = '';
      try {
        await this.#append(path, text);
        target.failing = false;
      } catch (error) {
        if (!target.failing) {
          const why = messageOf(error);
          this.#log.error(`unable to write monitorfile ${path}: ${why}`);
        }
        target.failing = true;
      }
    } while (target.waiting !== '');
    target.writing = undefined;
  }
}
