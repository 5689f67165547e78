import type { Logger } from 'pino';
import type { DaemonEvent } from '../alerts/event.ts';
import type { IpvsBackend } from '../backend/backend.ts';
import type { CheckContext, CheckOutcome } from '../checks/check.ts';
import type { CheckDefinition, Config } from '../config/model.ts';
import type { Clock, Timer } from '../health/clock.ts';
import { type ProbeResult, ProbeScheduler } from '../health/scheduler.ts';
import { ServerHealth } from '../health/server-health.ts';
import type { Table } from '../ipvs-netlink/model.ts';
import { serversInService } from '../reconcile/adopt.ts';
import { desired } from '../reconcile/desired.ts';
import { Reconciler } from '../reconcile/reconciler.ts';
import { type DaemonState, type Snapshot, virtualStatuses } from '../status/snapshot.ts';
import { logHealth } from './health-log.ts';
import { Orders } from './orders.ts';
import { Settling } from './settling.ts';
import { Story } from './story.ts';

/** What a daemon lives on; every effect is handed in. */
export interface DaemonParts {
  readonly backend: IpvsBackend;
  readonly clock: Clock;
  readonly log: Logger;
  /** Runs one check; never rejects. */
  readonly runCheck: (definition: CheckDefinition, context: CheckContext) => Promise<CheckOutcome>;
  /** Told what happens, in order; must return at once and not throw. */
  readonly tell: (event: DaemonEvent) => void;
}

/** What `Daemon.snapshot` adds to what the daemon itself knows. */
export type SnapshotHead = Pick<
  Snapshot,
  'version' | 'instance' | 'pid' | 'config' | 'networkNamespace'
>;

/** How long a new virtual server may wait for its first answers before it is put in regardless. */
const settleMs = 1000;
/** How often the kernel is read when the file has no virtual server at all. */
const idleVerifyMs = 10_000;

/**
 * The main loop, top to bottom: results of checks change health, health and file give the desired
 * table, the reconciler makes the kernel so. Knows no signals, files or sockets.
 */
export class Daemon {
  readonly #parts: DaemonParts;
  readonly #health = new ServerHealth();
  readonly #settling = new Settling();
  readonly #orders: Orders;
  readonly #story: Story;
  readonly #scheduler: ProbeScheduler;
  readonly #reconciler: Reconciler;
  readonly #startedAt: Date;
  #config: Config;
  #state: DaemonState = 'starting';
  #verifyTimer: Timer | undefined;
  #settled: (() => void) | undefined;
  #verifiedAt: Date | undefined;
  #reloadError: string | undefined;

  constructor(parts: DaemonParts, config: Config) {
    this.#parts = parts;
    this.#config = config;
    this.#startedAt = parts.clock.wallTime();
    this.#orders = new Orders(parts.log);
    this.#story = new Story(parts.log, parts.tell);
    this.#scheduler = new ProbeScheduler({
      clock: parts.clock,
      run: parts.runCheck,
      onResult: (key, result) => this.#onResult(key, result),
    });
    this.#reconciler = new Reconciler(parts.backend, () => this.#desired());
  }

  /**
   * Takes over what the kernel has, begins to check, and applies the first table.
   *
   * @returns what the kernel refused, one line each; [] when the table is as desired.
   * @throws BackendError when the kernel cannot be reached; nothing has been changed then.
   */
  async start(): Promise<readonly string[]> {
    if (this.#isStopping()) return [];
    this.#enter('starting');
    this.#adopt(undefined, await this.#parts.backend.readTable());
    await this.#waitUntilSettled();
    if (this.#isStopping()) return [];
    const problems = await this.#synchronise(true);
    this.#run();
    return problems;
  }

  /** Puts another file in force: the servers that stay keep their health, whatever else changed. */
  async reload(config: Config): Promise<readonly string[]> {
    this.#enter('reloading');
    try {
      // first of all: while the kernel cannot be read, the old file stays in force
      const table = await this.#parts.backend.readTable();
      const before = this.#config;
      this.#config = config;
      this.#reloadError = undefined;
      this.#adopt(before, table);
      await this.#waitUntilSettled();
      return await this.#synchronise(true);
    } finally {
      this.#run();
    }
  }

  /**
   * Takes servers out as if their check had failed, and gives back to their health those that are
   * not in it any more.
   *
   * @param files names of files in the maintenance directory, by the `serverKey` they are about.
   */
  setMaintenance(files: ReadonlyMap<string, string>): void {
    this.#orders.setMaintenance(files);
    if (this.#state === 'running' || this.#state === 'reloading') void this.#synchronise(false);
  }

  /** Notes for `status` why the file on disk is not the one in force. */
  reloadRefused(reason: string): void {
    this.#reloadError = reason;
  }

  /**
   * Ends all checks and deletes the services whose virtual has cleanstop=yes.
   *
   * @throws BackendError when the kernel cannot be reached.
   */
  async stop(): Promise<void> {
    this.#enter('stopping');
    this.#verifyTimer?.cancel();
    this.#settled?.();
    await this.#scheduler.stop();
    const doomed = this.#config.virtuals.filter((virtual) => virtual.cleanstop);
    const before = this.#desired();
    try {
      const outcomes = await this.#reconciler.remove(doomed.map((virtual) => virtual.id));
      this.#story.purged(outcomes, before);
    } finally {
      this.#story.phase('stopped');
    }
  }

  get config(): Config {
    return this.#config;
  }

  async snapshot(head: SnapshotHead): Promise<Snapshot> {
    const { backend, clock } = this.#parts;
    const table = await backend.readTable();
    return {
      ...head,
      backend: backend.name,
      state: this.#state,
      startedAt: this.#startedAt.toISOString(),
      takenAt: clock.wallTime().toISOString(),
      ...(this.#verifiedAt && { verifiedAt: this.#verifiedAt.toISOString() }),
      driftRepairs: this.#story.driftRepairs,
      ...(this.#reloadError !== undefined && { reloadError: this.#reloadError }),
      virtuals: virtualStatuses(this.#config, this.#health, this.#orders.shown, table),
    };
  }

  #adopt(before: Config | undefined, table: Table): void {
    const inService = serversInService(this.#config, table);
    this.#story.config(this.#config, before, table, inService);
    this.#health.configure(this.#config, inService, this.#parts.clock.wallTime());
    this.#settling.begin(this.#config, before, this.#health);
    this.#scheduler.setProbes(this.#health.probes);
  }

  async #waitUntilSettled(): Promise<void> {
    if (!this.#settling.done) {
      await new Promise<void>((resolve) => {
        const timer = this.#parts.clock.setTimer(resolve, settleMs);
        this.#settled = () => {
          timer.cancel();
          resolve();
        };
      });
    }
    this.#settled = undefined;
    this.#settling.end();
  }

  #onResult(probeKey: string, result: ProbeResult): void {
    const events = this.#health.enter(probeKey, result);
    for (const event of events) logHealth(this.#parts.log, event);
    this.#story.check(this.#health.serversOf(probeKey), result, this.#orders);
    const settledSome = this.#settling.update(this.#health);
    if (this.#settling.done) this.#settled?.();
    if (this.#state === 'starting' || this.#state === 'stopping') return;
    if (settledSome || events.some(({ kind }) => kind === 'up' || kind === 'down')) {
      void this.#synchronise(false);
    }
  }

  /** @returns what could not be done, one line each. */
  async #synchronise(verify: boolean): Promise<readonly string[]> {
    try {
      const report = await this.#reconciler.sync({ verify });
      const problems = this.#story.synchronised(report);
      if (verify && problems.length === 0) this.#verifiedAt = this.#parts.clock.wallTime();
      this.#story.changed(this.#settling.without(this.#config), this.#health, this.#orders);
      return problems;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#parts.log.error(message);
      return [message];
    }
  }

  #desired(): Table {
    return desired(this.#settling.without(this.#config), this.#health.view(), this.#orders.admin);
  }

  #enter(state: DaemonState): void {
    this.#state = state;
    this.#story.phase(state);
  }

  #isStopping(): boolean {
    return this.#state === 'stopping';
  }

  #run(): void {
    if (this.#isStopping()) return;
    this.#enter('running');
    this.#scheduleVerify();
  }

  #scheduleVerify(): void {
    this.#verifyTimer?.cancel();
    if (this.#isStopping()) return;
    const intervals = this.#config.virtuals.map((virtual) => virtual.checkIntervalMs);
    const delayMs = intervals.length > 0 ? Math.min(...intervals) : idleVerifyMs;
    this.#verifyTimer = this.#parts.clock.setTimer(() => {
      void this.#synchronise(true).then(() => this.#scheduleVerify());
    }, delayMs);
  }
}
