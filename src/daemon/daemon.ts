import type { Config } from '../config/model.ts';
import type { Role } from '../config/role.ts';
import { messageOf } from '../config/system-error.ts';
import type { Timer } from '../health/clock.ts';
import { type ProbeResult, ProbeScheduler } from '../health/scheduler.ts';
import { serviceKey } from '../ipvs-netlink/keys.ts';
import { serversInService } from '../reconcile/adopt.ts';
import { Reconciler, type SyncReport } from '../reconcile/reconciler.ts';
import { Turns } from '../reconcile/turns.ts';
import type { DaemonState, Pulse, RoleAnswer, Snapshot, SnapshotHead } from '../status/snapshot.ts';
import { virtualStatuses } from '../status/virtual-status.ts';
import type { DaemonParts } from './daemon-parts.ts';
import { DirectorRole } from './director-role.ts';
import { Facts } from './facts.ts';
import { logHealth, logReleased } from './health-log.ts';
import { KeptReport } from './kept-report.ts';
import { wantedSettings } from './kernel-settings.ts';
import { keptAtStop } from './managed-services.ts';
import { shortageText } from './open-file-limit.ts';
import { problemsOf } from './problem-log.ts';
import { SharedServices } from './shared-services.ts';
import { snapshotOf } from './snapshot-of.ts';
import { Story } from './story.ts';
import { waitAtMost } from './wait-at-most.ts';

/** How long a new virtual server may wait for its first answers before it is put in regardless. */
const settleMs = 1000;
/** How long checks may take to end when the daemon stops. */
const checkEndMs = 3000;
/** The log tells when the process did not run for so long. */
const toldStallMs = 1000;
/** How often the kernel is read when the file has no virtual server at all. */
const idleVerifyMs = 10_000;

/**
 * The main loop, top to bottom: results of checks change health; health, file, orders and role give
 * the desired table, the reconciler makes the kernel so. Knows no signals, files or sockets.
 */
export class Daemon {
  readonly #parts: DaemonParts;
  readonly #facts: Facts;
  readonly #story: Story;
  readonly #kept: KeptReport;
  readonly #shared: SharedServices;
  readonly #scheduler: ProbeScheduler;
  readonly #reconciler: Reconciler;
  readonly #startedAt: Date;
  #state: DaemonState = 'starting';
  #verifyTimer: Timer | undefined;
  #turn: Timer | undefined;
  /** Waits for the next step of a slow start. */
  #step: Timer | undefined;
  #synchronisedMs: number | undefined;
  #verifiedAt: Date | undefined;
  #reloadError: string | undefined;
  /** Starts, reloads and changes of the role. */
  readonly #turns = new Turns();

  constructor(parts: DaemonParts, config: Config) {
    this.#parts = parts;
    const role = new DirectorRole(parts.role, parts.clock, parts.log, parts.tell);
    this.#facts = new Facts(config, role, parts.clock, parts.log);
    this.#startedAt = parts.clock.wallTime();
    this.#story = new Story(parts.log, parts.tell);
    this.#kept = new KeptReport(parts.log, parts.tell);
    this.#shared = new SharedServices(parts.log);
    this.#scheduler = new ProbeScheduler({
      clock: parts.clock,
      run: parts.runCheck,
      onResult: (key, result) => this.#onResult(key, result),
      onStall: (lostMs) => this.#onStall(lostMs),
      limits: parts.runLimits,
      onShortage: (kind) => parts.log.warn(shortageText(kind, parts.runLimits)),
    });
    this.#reconciler = new Reconciler(
      parts.backend,
      () => this.#facts.desired(),
      (report) => this.#onSynchronised(report),
      parts.services,
      () => this.#facts.cleared(),
    );
  }

  /**
   * Takes over what the kernel has, begins to check, and applies the first table.
   *
   * @returns what the kernel refused, one line each; [] when the table is as desired.
   * @throws BackendError when the kernel cannot be reached; nothing has been changed then.
   */
  start(): Promise<readonly string[]> {
    return this.#turns.take(async () => {
      if (this.#isStopping()) return [];
      this.#facts.role.begin();
      this.#enter('starting');
      await this.#adopt(this.#facts.config, undefined);
      await this.#waitUntilSettled();
      if (this.#isStopping()) return [];
      const problems = await this.#synchronise(true);
      this.#run();
      return problems;
    });
  }

  /**
   * Puts another file in force: the servers that stay keep their health, whatever else changed.
   *
   * @returns what the kernel refused, one line each.
   * @throws BackendError when the kernel cannot be reached; the old file then stays in force.
   */
  reload(config: Config): Promise<readonly string[]> {
    return this.#turns.take(async () => {
      if (this.#isStopping()) return [];
      this.#enter('reloading');
      this.#verifyTimer?.cancel();
      try {
        await this.#adopt(config, this.#facts.config);
        this.#reloadError = undefined;
        await this.#waitUntilSettled();
        return this.#isStopping() ? [] : await this.#synchronise(true);
      } finally {
        this.#run();
      }
    });
  }

  /**
   * Gives a director that has started a role. The table is as that role wants it at once, by what
   * is known of the servers; virtual servers with some of which nothing is known follow with the
   * first answers, or after a short while.
   *
   * @returns what the kernel refused, and whether the next start will know the role.
   */
  setRole(role: Role): Promise<RoleAnswer> {
    return this.#turns.take(async () => {
      if (this.#isStopping()) {
        const unremembered = this.#facts.role.leave(role);
        const next = unremembered ?? `the next start is told: ${role}`;
        return { role, problems: [`ipvsd is stopping, ${next}`] };
      }
      const before = this.#facts.conduct();
      const unremembered = this.#facts.role.change(role);
      const now = this.#facts.conduct();
      // what was known may be old: all checks begin anew, within moments
      if (before.checks !== 'full' && now.checks === 'full') this.#scheduler.setProbes(new Map());
      this.#scheduler.setProbes(this.#facts.probes());
      if (before.table === 'clear' && now.table === 'keep') {
        this.#facts.settling.begin(this.#facts.config, undefined, this.#facts.health);
      }
      const problems = await this.#synchroniseAndSettle();
      return { role, problems, ...(unremembered !== undefined && { unremembered }) };
    });
  }

  /**
   * Takes servers out as if their check had failed, and gives back to their health those that are
   * not in it any more.
   *
   * @param files names of files in the maintenance directory, by the `serverKey` they are about.
   */
  setMaintenance(files: ReadonlyMap<string, string>): void {
    this.#facts.orders.setMaintenance(files);
    if (this.#state === 'running') void this.#synchronise(false);
  }

  /** The file of file checks may have changed: they look again at once. */
  checkFile(path: string): void {
    for (const [key, { definition }] of this.#facts.health.probes()) {
      if (definition.type === 'file' && definition.path === path) this.#scheduler.runAfresh(key);
    }
  }

  /** Notes for `status` why the file on disk is not the one in force; undefined when it is. */
  setReloadError(reason: string | undefined): void {
    this.#reloadError = reason;
  }

  get reloadError(): string | undefined {
    return this.#reloadError;
  }

  /**
   * Ends all checks and deletes the services whose virtual has cleanstop=yes.
   *
   * @throws BackendError when the kernel cannot be reached.
   */
  async stop(): Promise<void> {
    this.#enter('stopping');
    this.#verifyTimer?.cancel();
    this.#turn?.cancel();
    this.#step?.cancel();
    this.#facts.settling.end();
    // a check that does not end when it should must not hold up the stop
    await waitAtMost(this.#parts.clock, checkEndMs, this.#scheduler.stop());
    const { virtuals } = this.#facts.config;
    const before = this.#facts.desired();
    try {
      const ids = virtuals.map(({ id }) => id);
      const outcomes = await this.#reconciler.remove(ids, keptAtStop(virtuals));
      this.#story.purged(outcomes, before);
      if (!outcomes.some(({ error }) => error)) this.#parts.services.forget();
    } finally {
      for (const problem of this.#parts.kernelSettings.restore()) this.#parts.log.error(problem);
      this.#story.phase('stopped');
    }
  }

  get state(): DaemonState {
    return this.#state;
  }

  get role(): Role {
    return this.#facts.role.now;
  }

  get config(): Config {
    return this.#facts.config;
  }

  pulse(): Pulse {
    const atMs = this.#synchronisedMs;
    return {
      state: this.#state,
      ...(atMs !== undefined && { synchronisedAgoMs: this.#parts.clock.now() - atMs }),
      verifyIntervalMs: this.#verifyIntervalMs(),
    };
  }

  snapshot(head: SnapshotHead): Promise<Snapshot> {
    const { backend, clock, kernelSettings } = this.#parts;
    return snapshotOf({
      backend,
      pending: (table) => this.#reconciler.pending(table),
      virtuals: (table) =>
        virtualStatuses(this.#facts.config, this.#facts.health, {
          orders: this.#facts.orders,
          lacking: this.#facts.lacking(),
          table,
          now: clock.wallTime(),
        }),
      facts: {
        ...head,
        ...this.pulse(),
        role: this.#facts.role.now,
        roleSince: this.#facts.role.since.toISOString(),
        ...(this.#facts.role.now === 'standby' && { standby: this.#facts.conduct() }),
        startedAt: this.#startedAt.toISOString(),
        takenAt: clock.wallTime().toISOString(),
        ...(this.#verifiedAt && { verifiedAt: this.#verifiedAt.toISOString() }),
        driftRepairs: this.#story.driftRepairs,
        kernelSettings: kernelSettings.settings,
        ...(this.#shared.now.length > 0 && { shared: this.#shared.now }),
        ...(this.#reloadError !== undefined && { reloadError: this.#reloadError }),
      },
    });
  }

  /** @throws BackendError when the kernel cannot be read; nothing has changed then. */
  async #adopt(config: Config, before: Config | undefined): Promise<void> {
    const { backend, clock, kernelSettings, log } = this.#parts;
    const table = await backend.readTable();
    if (this.#isStopping()) return;
    const inService = serversInService(config, table);
    this.#facts.followClock();
    this.#facts.config = config;
    this.#parts.services.keepAtStop(keptAtStop(config.virtuals));
    for (const problem of kernelSettings.apply(wantedSettings(config))) log.error(problem);
    this.#story.config(config, before, table, inService);
    const known = this.#facts.view();
    this.#facts.health.configure(config, inService, clock.wallTime());
    logReleased(log, known, this.#facts.view());
    if (before === undefined) this.#facts.quorums.adopt(config, inService);
    this.#facts.settling.begin(config, before, this.#facts.health);
    this.#scheduler.setProbes(this.#facts.probes());
  }

  async #waitUntilSettled(): Promise<void> {
    const { checks, table } = this.#facts.conduct();
    if (checks !== 'none' && table === 'keep') {
      await waitAtMost(this.#parts.clock, settleMs, this.#facts.settling.finished());
    }
    this.#facts.settling.end();
  }

  #onStall(lostMs: number): void {
    if (lostMs < toldStallMs) return;
    const seconds = (lostMs / 1000).toFixed(1);
    this.#parts.log.warn(`ipvsd did not run for a while, failed checks are repeated: ${seconds} s`);
  }

  #onResult(probeKey: string, result: ProbeResult): void {
    this.#facts.followClock();
    const events = this.#facts.health.enter(probeKey, result);
    for (const event of events) logHealth(this.#parts.log, event);
    this.#story.check(this.#facts.health.subscribers(probeKey), result, this.#facts.orders);
    if (!this.#isStopping()) {
      const intervalMs = this.#facts.intervalMs(probeKey);
      this.#scheduler.setInterval(probeKey, intervalMs);
    }
    const changes = events.filter(
      ({ kind }) => kind === 'up' || kind === 'down' || kind === 'weight',
    );
    for (const { serverKey: key } of changes) this.#facts.settling.answered(key);
    if (changes.length > 0) this.#scheduleTurn();
  }

  /** All answers that have come in by then make one change of the table. */
  #scheduleTurn(): void {
    // until a new file has settled, the table stays: its old servers go when the new ones are known
    if (this.#state !== 'running') return;
    this.#turn ??= this.#parts.clock.setTimer(() => {
      this.#turn = undefined;
      void this.#synchronise(false);
    }, 0);
  }

  /** At once by what is known, and again when the virtual servers have their first answers. */
  async #synchroniseAndSettle(): Promise<readonly string[]> {
    const problems = await this.#synchronise(true);
    if (this.#facts.settling.done) return problems;
    await this.#waitUntilSettled();
    return this.#isStopping() ? problems : this.#synchronise(false);
  }

  /** @returns what could not be done, one line each. */
  async #synchronise(verify: boolean): Promise<readonly string[]> {
    try {
      return problemsOf((await this.#reconciler.sync({ verify })).outcomes);
    } catch (error) {
      const message = messageOf(error);
      this.#parts.log.error(message);
      return [message];
    }
  }

  #onSynchronised(report: SyncReport): void {
    this.#story.synchronised(report);
    const facts = {
      view: this.#facts.view(),
      admin: this.#facts.orders.admin,
      lacking: this.#facts.lacking(),
    };
    if (this.#facts.role.now === 'active') {
      this.#kept.write(this.#facts.config, facts.view, this.#facts.orders);
      this.#story.changed(
        this.#facts.settling.without(this.#facts.config),
        this.#facts.health,
        facts,
      );
    }
    this.#scheduleStep();
    this.#synchronisedMs = this.#parts.clock.now();
    if (report.verified && !report.outcomes.some(({ error }) => error)) {
      this.#verifiedAt = this.#parts.clock.wallTime();
    }
    if (report.verified) this.#noteShared();
  }

  #noteShared(): void {
    const keys = new Set(this.#facts.config.virtuals.map(({ id }) => serviceKey(id)));
    this.#shared.note(this.#parts.services.shared(keys));
  }

  /** Servers that start slowly get more weight as time goes on, without any result of a check. */
  #scheduleStep(): void {
    this.#step?.cancel();
    const { clock } = this.#parts;
    const ms = this.#facts.health.untilChangeMs(clock.wallTime());
    if (ms === undefined || this.#isStopping()) return;
    this.#step = clock.setTimer(() => this.#scheduleTurn(), ms);
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
    this.#verifyTimer = this.#parts.clock.setTimer(() => {
      void this.#synchronise(true).then(() => this.#scheduleVerify());
    }, this.#verifyIntervalMs());
  }

  #verifyIntervalMs(): number {
    const intervals = this.#facts.config.virtuals.map((virtual) => virtual.intervals.normalMs);
    return intervals.length > 0 ? Math.min(...intervals) : idleVerifyMs;
  }
}
