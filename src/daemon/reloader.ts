import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import { type Diagnostic, diagnosticLine } from '../config/diagnostic.ts';
import type { Config } from '../config/model.ts';
import { messageOf } from '../config/system-error.ts';
import type { FileWatch } from './autoreload.ts';
import type { Daemon } from './daemon.ts';
import type { MaintenanceDirectory } from './maintenance-directory.ts';

export interface LoadResult {
  /** Absent when the file has errors. */
  readonly config?: Config;
  readonly diagnostics: readonly Diagnostic[];
  /** What was read, as in `Config.files`. */
  readonly files: readonly string[];
  /** The files have no directive at all. */
  readonly empty: boolean;
}

export interface ReloaderParts {
  readonly daemon: Pick<Daemon, 'config' | 'reload' | 'reloadError' | 'setReloadError'>;
  readonly maintenance: Pick<MaintenanceDirectory, 'use'>;
  readonly watch: Pick<FileWatch, 'setPaths' | 'digests' | 'know'>;
  readonly log: Logger;
  /** Reads the file again. */
  readonly load: () => Promise<LoadResult>;
  /** What of a new file a reload cannot put in force, one line each. */
  readonly notes: (config: Config) => readonly string[];
}

/** `asked`: somebody has ordered it; `changed`: the file has changed by itself. */
export type ReloadCause = 'asked' | 'changed';

/**
 * Reads the file again and puts it in force, one reload at a time; requests that come meanwhile are
 * joined into one more.
 *
 * 1. A file with errors is refused: the one in force stays, whole.
 * 2. A file that has changed by itself and lost all its virtual servers is refused as well: it was
 *    emptied by accident, by a full disk or by an editor that is not done yet, more often than on
 *    purpose, and it would take its own `autoreload` out.
 * 3. One that somebody asks for may have no virtual server, with a warning, but not be empty.
 */
export class Reloader {
  readonly #parts: ReloaderParts;
  #running: Promise<void> | undefined;
  #next: ReloadCause | undefined;

  constructor(parts: ReloaderParts) {
    this.#parts = parts;
  }

  /** Never rejects: what goes wrong stands in the log. */
  reload(cause: ReloadCause): Promise<void> {
    this.#next = this.#next === 'asked' ? 'asked' : cause;
    this.#running ??= this.#loop();
    return this.#running;
  }

  /**
   * Without autoreload a change puts nothing in force. But a file that was refused and now says
   * again what is in force is not refused any more.
   */
  async compare(): Promise<void> {
    const { daemon, load } = this.#parts;
    if (daemon.reloadError === undefined || this.#running !== undefined) return;
    const { config } = await load();
    if (isDeepStrictEqual(config, daemon.config)) daemon.setReloadError(undefined);
  }

  async #loop(): Promise<void> {
    for (let cause = this.#next; cause !== undefined; cause = this.#next) {
      this.#next = undefined;
      try {
        await this.#once(cause);
      } catch (error) {
        const reason = `reload failed: ${messageOf(error)}`;
        this.#parts.daemon.setReloadError(reason);
        this.#parts.log.error(reason);
      }
    }
    this.#running = undefined;
  }

  async #once(cause: ReloadCause): Promise<void> {
    const { daemon, maintenance, watch, log } = this.#parts;
    // before it is read, so that no change after that is missed
    const digests = await watch.digests();
    const result = await this.#parts.load();
    await watch.setPaths(result.files);
    logFindings(log, result.diagnostics);
    const refusal = refusalOf(result, daemon.config, cause);
    if (refusal !== undefined || result.config === undefined) {
      // its next change counts, also one back to what is in force
      watch.know(digests);
      daemon.setReloadError(refusal);
      if (result.config !== undefined) log.error(refusal);
      log.error('configuration refused, the old one stays in force whole');
      return;
    }
    if (result.config.virtuals.length === 0) log.warn('the file has no virtual server');
    await maintenance.use(result.config);
    await daemon.reload(result.config);
    log.info('Reread new configuration');
    for (const note of this.#parts.notes(result.config)) log.warn(note);
  }
}

/** A file that is something else altogether, a log perhaps, must not fill the log. */
const mostFindings = 100;

function logFindings(log: Logger, diagnostics: readonly Diagnostic[]): void {
  for (const diagnostic of diagnostics.slice(0, mostFindings)) {
    log[diagnostic.severity === 'error' ? 'error' : 'warn'](diagnosticLine(diagnostic));
  }
  const further = diagnostics.length - mostFindings;
  if (further > 0) log.warn(`further findings, see "ipvsd config check": ${further}`);
}

/** @returns one line that says why; undefined when the file is fine. */
function refusalOf(
  { config, diagnostics, empty }: LoadResult,
  inForce: Config,
  cause: ReloadCause,
): string | undefined {
  if (config === undefined) {
    const first = diagnostics.find(({ severity }) => severity === 'error');
    return first ? diagnosticLine(first) : 'the file cannot be read';
  }
  if (config.virtuals.length > 0 || inForce.virtuals.length === 0) return undefined;
  if (empty) return `${config.path}: the file is empty`;
  if (cause === 'asked') return undefined;
  return `${config.path}: the file has no virtual server any more, a reload by hand takes it`;
}
