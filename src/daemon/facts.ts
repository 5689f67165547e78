import type { Logger } from 'pino';
import type { Conduct, Config } from '../config/model.ts';
import { intervalAt, probesAt } from '../health/check-rate.ts';
import type { Clock } from '../health/clock.ts';
import { ClockSteps } from '../health/clock-steps.ts';
import type { ProbeDefinition } from '../health/scheduler.ts';
import { ServerHealth } from '../health/server-health.ts';
import type { Table } from '../ipvs-netlink/model.ts';
import { clearedServices, desired } from '../reconcile/desired.ts';
import type { Health } from '../reconcile/pool.ts';
import { Quorums } from '../reconcile/quorum.ts';
import type { DirectorRole } from './director-role.ts';
import { Orders } from './orders.ts';
import { Settling } from './settling.ts';

/**
 * All that decides what the kernel should have, file, health, orders and role, and what follows from
 * it now. Asks nobody and changes no kernel.
 */
export class Facts {
  readonly health = new ServerHealth();
  readonly settling = new Settling();
  readonly quorums = new Quorums();
  readonly orders: Orders;
  readonly role: DirectorRole;
  /** The file in force. */
  config: Config;
  readonly #clock: Clock;
  readonly #clockSteps: ClockSteps;
  readonly #log: Logger;

  constructor(config: Config, role: DirectorRole, clock: Clock, log: Logger) {
    this.config = config;
    this.role = role;
    this.orders = new Orders(log);
    this.#clock = clock;
    this.#clockSteps = new ClockSteps(clock);
    this.#log = log;
  }

  desired(): Table {
    const config = this.settling.without(this.config);
    return desired(config, this.view(), this.orders.admin, this.lacking(), this.conduct().table);
  }

  /** Services that are to go, as of `serviceKey`: those of the file, in a role without a table. */
  cleared(): ReadonlySet<string> {
    return clearedServices(this.config, this.conduct().table);
  }

  view(): Health {
    this.followClock();
    return this.health.view(this.#clock.wallTime());
  }

  /** Virtual servers without their quorum. */
  lacking(): ReadonlySet<string> {
    return this.quorums.update(this.config, this.view(), this.orders.admin);
  }

  conduct(): Conduct {
    return this.role.conduct(this.config);
  }

  /** The checks of the file, at the rate of the role. */
  probes(): ReadonlyMap<string, ProbeDefinition> {
    return probesAt(this.conduct().checks, this.health.probes());
  }

  intervalMs(probeKey: string): number {
    return intervalAt(this.conduct().checks, this.health.intervalMs(probeKey));
  }

  /** How long a server is held, and how far its slow start has come, is no matter of the time of day. */
  followClock(): void {
    const movedMs = this.#clockSteps.take();
    if (movedMs === 0) return;
    this.health.moveTimes(movedMs);
    const seconds = (movedMs / 1000).toFixed(1);
    this.#log.info(`the time of day was moved: ${seconds} s`);
  }
}
