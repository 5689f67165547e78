import type { Condition, Conditions } from './condition.ts';

/**
 * What happens to a running daemon; the tables of ldirectord and of ipvsd are compared after each
 * step. The first one also starts the daemon.
 */
export interface Step {
  readonly name: string;
  /** Servers that are not up; all others are. */
  readonly servers?: Partial<Conditions>;
  /** Puts this file of fixtures/ldirectord in the place of the configuration. */
  readonly file?: string;
  /** Tells the daemon to read its configuration again. */
  readonly hangUp?: true;
  /** Files that the folder `/run/lb/maintenance` has. */
  readonly maintenance?: readonly string[];
  /** How many checks of each server it takes until it shows; 2 if not given. */
  readonly checks?: number;
}

/** One file, fixtures/ldirectord/NAME.cf, and what it is put through. */
export interface DifferentialCase {
  readonly name: string;
  /** What the table holds before the daemon starts, for `ipvsadm -R`; nothing if not given. */
  readonly before?: readonly string[];
  readonly steps: readonly [Step, ...Step[]];
}

/** A file whose table does not depend on the servers. */
export function still(name: string): DifferentialCase {
  return { name, steps: [{ name: 'started' }] };
}

/** A file whose servers go through conditions, one after the other; 103 stays as it is. */
export function changing(
  name: string,
  ...conditions: readonly [Partial<Conditions>, ...Partial<Conditions>[]]
): DifferentialCase {
  const [first, ...others] = conditions;
  return { name, steps: [stepOf(first), ...others.map(stepOf)] };
}

/** Up; the first server not; none of both; both again. */
export function failing(name: string, how: Condition = 'refusing'): DifferentialCase {
  return changing(name, {}, { '101': how }, { '101': how, '102': how }, {});
}

/** The conditions of all servers at a step. */
export function conditionsOf({ servers = {} }: Step): Conditions {
  return { '101': 'up', '102': 'up', '103': 'up', ...servers };
}

function stepOf(servers: Partial<Conditions>): Step {
  const entries: readonly [string, Condition][] = Object.entries(servers);
  const name = entries.map(([server, condition]) => `${server} ${condition}`).join(', ');
  return { name: name || 'all up', servers };
}
