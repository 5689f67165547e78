import type { Logger } from 'pino';
import type { DaemonEvent, ServerOfVirtual, TableEvent } from '../alerts/event.ts';
import { serverKey } from '../config/keys.ts';
import type { Config, VirtualServer } from '../config/model.ts';
import type { ProbeResult } from '../health/scheduler.ts';
import type { ServerHealth, Subscriber } from '../health/server-health.ts';
import { serviceKey } from '../ipvs-netlink/keys.ts';
import type { OperationOutcome, Table } from '../ipvs-netlink/model.ts';
import type { SyncReport } from '../reconcile/reconciler.ts';
import type { Orders } from './orders.ts';
import { ProblemLog } from './problem-log.ts';
import { type PoolFacts, ServiceWatch } from './service-watch.ts';
import { purgeEvents, tableEvents } from './table-events.ts';

/** Puts into words what the daemon does, for its log and its observers. */
export class Story {
  readonly #log: Logger;
  readonly #tell: (event: DaemonEvent) => void;
  readonly #watch = new ServiceWatch();
  readonly #problems: ProblemLog;
  /** Every server of the file, by `serverKey`. */
  #servers: ReadonlyMap<string, ServerOfVirtual> = new Map();
  /** Virtual servers of this file and of the one before, by `serviceKey`. */
  #virtuals: ReadonlyMap<string, VirtualServer> = new Map();

  #driftRepairs = 0;

  constructor(log: Logger, tell: (event: DaemonEvent) => void) {
    this.#log = log;
    this.#problems = new ProblemLog(log);
    this.#tell = tell;
  }

  phase(phase: 'starting' | 'running' | 'reloading' | 'stopping' | 'stopped'): void {
    this.#tell({ kind: 'phase', phase });
  }

  /** A file comes into force; `table` is the kernel's before that. */
  config(
    config: Config,
    before: Config | undefined,
    table: Table,
    inService: ReadonlySet<string>,
  ): void {
    const servers = config.virtuals.flatMap((virtual) =>
      virtual.reals.map((real) => ({ key: serverKey(virtual, real), virtual, real })),
    );
    this.#servers = new Map(servers.map((server) => [server.key, server]));
    const virtuals = [...(before?.virtuals ?? []), ...config.virtuals];
    this.#virtuals = new Map(virtuals.map((virtual) => [serviceKey(virtual.id), virtual]));
    this.#tell({ kind: 'config', config });
    for (const event of this.#watch.adopt(config, table, inService)) this.#tell(event);
  }

  /** A check has answered for these servers; a check that brought no verdict is not told. */
  check(subscribers: readonly Subscriber[], { outcome, at }: ProbeResult, orders: Orders): void {
    if (outcome.inconclusive) return;
    for (const { serverKey: key, check } of subscribers) {
      const server = this.#servers.get(key);
      if (server === undefined) continue;
      const { up, reason } = orders.isInMaintenance(key) ? inMaintenance : outcome;
      this.#tell({ kind: 'check', server, check, up, reason, at });
    }
  }

  /** The table was synchronised. */
  synchronised({ cause, outcomes }: SyncReport): void {
    if (cause === 'drift' && outcomes.some(({ error }) => !error)) {
      this.#driftRepairs++;
      this.#log.warn('the IPVS table was changed by somebody else, repaired');
    }
    this.#report(outcomes, tableEvents(outcomes, cause, this.#virtuals));
  }

  /** Services were deleted for good; `before` is the table that they made up. */
  purged(outcomes: readonly OperationOutcome[], before: Table): void {
    this.#report(outcomes, purgeEvents(outcomes, before, this.#virtuals));
  }

  /** Servers and pools may have come into service or gone out of it. */
  changed(config: Config, health: ServerHealth, facts: PoolFacts): void {
    for (const event of this.#watch.changes(config, health, facts)) this.#tell(event);
  }

  /** How often somebody else's change of the table was undone. */
  get driftRepairs(): number {
    return this.#driftRepairs;
  }

  #report(outcomes: readonly OperationOutcome[], events: readonly TableEvent[]): void {
    for (const event of events) {
      this.#log.info(event.text);
      this.#tell(event);
    }
    this.#problems.write(outcomes);
  }
}

const inMaintenance = { up: false, reason: 'Server in maintenance' };
