import assert from 'node:assert/strict';
import { pino } from 'pino';
import type { DaemonEvent } from '../../src/alerts/event.ts';
import { savedTableLines } from '../../src/backend/ipvsadm-words.ts';
import { MemoryBackend } from '../../src/backend/memory.ts';
import type { CheckOutcome } from '../../src/checks/check.ts';
import type { CheckDefinition } from '../../src/config/check-model.ts';
import type { Config } from '../../src/config/model.ts';
import type { Role } from '../../src/config/role.ts';
import { Daemon } from '../../src/daemon/daemon.ts';
import { runLimits } from '../../src/health/run-limits.ts';
import type { Table } from '../../src/ipvs-netlink/model.ts';
import { VirtualClock } from './virtual-clock.ts';

/** A daemon on a memory kernel and a clock that the test moves. */
export class Bench {
  readonly clock = new VirtualClock();
  readonly backend: MemoryBackend;
  readonly daemon: Daemon;
  readonly logged: string[] = [];
  shared: { service: string; instance: string }[] = [];
  remembered: Role | undefined;
  /** It cannot remember roles. */
  forgets = false;
  /** How many checks have begun. */
  checks = 0;
  readonly told: DaemonEvent[] = [];
  /** Addresses whose checks fail; those in `silent` do not answer at all. */
  readonly failing = new Set<string>();
  readonly silent = new Set<string>();
  /** Those that take 600 ms to answer. */
  readonly slow = new Set<string>();

  readonly #held = new Map<string, ((outcome: CheckOutcome) => void)[]>();

  constructor(file: Config, table: Table = []) {
    this.backend = new MemoryBackend(table);
    const write = (line: string) => this.logged.push(JSON.parse(line).msg);
    const parts = {
      backend: this.backend,
      clock: this.clock,
      log: pino({ level: 'debug' }, { write }),
      kernelSettings: { apply: () => [], restore: () => [], settings: [] },
      services: {
        recalled: new Set<string>(),
        remember: () => undefined,
        shared: () => this.shared,
        forget: () => undefined,
        keepAtStop: () => undefined,
      },
      role: {
        memory: {
          recall: () => this.remembered,
          remember: (role: Role) => {
            if (this.forgets) throw new Error('no space');
            this.remembered = role;
          },
        },
        first: 'active' as const,
      },
      runCheck: (definition: CheckDefinition) => this.#check(definition),
      runLimits: runLimits(Number.POSITIVE_INFINITY),
      tell: (event: DaemonEvent) => this.told.push(event),
    };
    this.daemon = new Daemon(parts, file);
  }

  #check(definition: CheckDefinition): Promise<CheckOutcome> {
    assert.ok(definition.type === 'connect');
    const { address } = definition.target;
    this.checks += 1;
    if (this.silent.has(address)) return new Promise(() => {});
    const held = this.#held.get(address);
    if (held !== undefined) return new Promise((resolve) => held.push(resolve));
    const up = !this.failing.has(address);
    const outcome = { up, reason: up ? 'connected' : 'connection refused' };
    if (!this.slow.has(address)) return Promise.resolve(outcome);
    return new Promise((resolve) => {
      this.clock.setTimer(() => resolve(outcome), 600);
    });
  }

  async start(): Promise<readonly string[]> {
    const started = this.daemon.start();
    await this.clock.advance(100);
    return started;
  }

  /** Lets the checks of these addresses wait until the function that it returns is called. */
  hold(...addresses: readonly string[]): (reason: string) => void {
    for (const address of addresses) this.#held.set(address, []);
    return (reason) => {
      const waiting = [...this.#held.values()].flat();
      this.#held.clear();
      for (const answer of waiting) answer({ up: false, reason });
    };
  }

  /** What was told since the last call, but the checks, in words. */
  stories(): readonly string[] {
    return this.told.splice(0).flatMap((event) => storyOf(event) ?? []);
  }

  async table(): Promise<readonly string[]> {
    return savedTableLines(await this.backend.readTable());
  }
}

function storyOf(event: DaemonEvent): string | undefined {
  switch (event.kind) {
    case 'phase':
      return `phase ${event.phase}`;
    case 'role':
      return `role ${event.role}`;
    case 'config':
      return 'config';
    case 'table':
      return `table ${event.text}`;
    case 'server':
      return `server ${event.server.real.key} ${event.inService}`;
    case 'pool':
      return `pool ${event.served} ${event.adopted}`;
    default:
      return undefined;
  }
}
