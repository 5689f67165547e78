import type { Logger } from 'pino';
import type { DaemonEvent } from '../alerts/event.ts';
import type { Conduct, Config } from '../config/model.ts';
import { conductOf, type Role } from '../config/role.ts';
import { messageOf } from '../config/system-error.ts';
import type { Clock } from '../health/clock.ts';
import type { RoleMemory } from './role-memory.ts';

/** Which role a director begins with, and where it remembers another one. */
export interface RoleParts {
  readonly memory: Pick<RoleMemory, 'recall' | 'remember'>;
  /** Where none is remembered. */
  readonly first: Role;
}

/** The role of a director: asked for the first time it is the remembered one. */
export class DirectorRole {
  readonly #parts: RoleParts;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #tell: (event: DaemonEvent) => void;
  #role: Role | undefined;
  #since: Date;

  constructor(parts: RoleParts, clock: Clock, log: Logger, tell: (event: DaemonEvent) => void) {
    this.#parts = parts;
    this.#clock = clock;
    this.#log = log;
    this.#tell = tell;
    this.#since = clock.wallTime();
  }

  get now(): Role {
    this.#role ??= this.#parts.memory.recall() ?? this.#parts.first;
    return this.#role;
  }

  /** For `status`. */
  get since(): Date {
    return this.#since;
  }

  conduct(config: Config): Conduct {
    return conductOf(this.now, config);
  }

  /** Says with which role the director begins. */
  begin(): void {
    if (this.now === 'standby') this.#log.info('Role: standby');
    this.#tell({ kind: 'role', role: this.now });
  }

  /**
   * An order also counts when it cannot be remembered, or is nothing new.
   *
   * @returns as `leave`.
   */
  change(role: Role): string | undefined {
    const problem = this.leave(role);
    if (role === this.now) return problem;
    this.#log.warn(`Role: ${this.now} -> ${role}`);
    this.#role = role;
    this.#since = this.#clock.wallTime();
    this.#tell({ kind: 'role', role });
    return problem;
  }

  /**
   * Remembers it for the next start, and changes nothing now.
   *
   * @returns why the next start will not know it.
   */
  leave(role: Role): string | undefined {
    try {
      this.#parts.memory.remember(role);
      return undefined;
    } catch (error) {
      const problem = messageOf(error);
      this.#log.error(problem);
      return problem;
    }
  }
}
