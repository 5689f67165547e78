import { cannotFail, checkLimitMs } from '../check-limit.ts';
import type { CheckDefinition, RealServer, VirtualServer } from '../model.ts';
import { compileReceive } from '../receive.ts';
import { blockTraps } from './block-traps.ts';
import type { Trap } from './trap.ts';

/** Checks that see less, or later, than their author thinks. */
export function checkTraps(virtual: VirtualServer): readonly Trap[] {
  // All servers of a section have the same checktype; only requests and receives differ.
  const checks = virtual.reals.flatMap((real) => checktypeOf(real) ?? []);
  const alone = virtual.reals.find(
    (real) => real.checks.length === 1 && checktypeOf(real) !== undefined,
  );
  const only = alone && checktypeOf(alone);
  const [check] = checks;
  return [
    ...(only === undefined ? [] : neverFails(virtual, only)),
    ...(check === undefined ? [] : tooShort(virtual, check)),
    ...blockTraps(virtual),
    ...catchAll(virtual),
  ];
}

function checktypeOf({ checks }: RealServer): CheckDefinition | undefined {
  return checks.find(({ name }) => name === 'checktype')?.definition;
}

function neverFails(virtual: VirtualServer, check: CheckDefinition): readonly Trap[] {
  if (!cannotFail(check)) return [];
  const trap = (directive: string, message: string): readonly Trap[] => [
    {
      code: 'trap-cannot-fail',
      message: `${directive}: ${message}`,
      virtual,
      directives: [directive, 'checktype'],
    },
  ];
  if (check.type === 'negotiate') {
    const advice = 'name the service that the real servers speak, or use checktype=connect';
    return trap('service', `"none" asks nothing, so that no real server ever fails: ${advice}`);
  }
  if (check.type === 'external') {
    const advice = 'name a program that asks the real server';
    return trap('checkcommand', `"${check.command}" never fails: ${advice}`);
  }
  const advice = 'use connect or negotiate, unless something else watches the real servers';
  return trap('checktype', `"${check.type}" never takes a real server out: ${advice}`);
}

function tooShort(virtual: VirtualServer, check: CheckDefinition): readonly Trap[] {
  const limitMs = checkLimitMs(check);
  const { normalMs, fastMs, downMs } = virtual.intervals;
  const intervals = [
    ['checkinterval', normalMs],
    ['fastinterval', fastMs],
    ['downinterval', downMs],
  ] as const;
  const short = intervals.find(([, ms]) => ms < limitMs);
  if (short === undefined) return [];
  const [name, ms] = short;
  const timeout = timeoutOf(check);
  const message =
    `${name}: ${ms / 1000} s is shorter than the ${limitMs / 1000} s that a check may take,` +
    ` so that checks of a silent server come late: lower ${timeout}, or raise ${name}`;
  return [{ code: 'trap-interval', message, virtual, directives: [name, timeout] }];
}

/** The directive that bounds a check. */
function timeoutOf(check: CheckDefinition): string {
  if (check.type === 'combined') return 'negotiatetimeout';
  if (check.type !== 'negotiate') return 'checktimeout';
  return ['ldap', 'ldaps', 'radius'].includes(check.service) ? 'checktimeout' : 'negotiatetimeout';
}

/** One trap where all servers share the expression, else one for each line that has it. */
function catchAll(virtual: VirtualServer): readonly Trap[] {
  const byLine = new Map<number, string>();
  for (const real of virtual.reals) {
    const receive = receiveOf(real);
    if (receive !== '' && matchesAll(receive)) byLine.set(real.line, receive);
  }
  const trap = (receive: string): Omit<Trap, 'directives'> => ({
    code: 'trap-receive',
    message: `receive: "${receive}" matches any answer, even an empty one: write what only a good answer has`,
    virtual,
  });
  const [receive] = byLine.values();
  const lines = new Set(virtual.reals.map(({ line }) => line));
  if (receive !== undefined && new Set(byLine.values()).size === 1 && byLine.size === lines.size) {
    return [{ ...trap(receive), directives: ['receive', 'real', 'real6'] }];
  }
  return [...byLine].map(([line, text]) => ({ ...trap(text), directives: [], line }));
}

function receiveOf(real: RealServer): string {
  const check = checktypeOf(real);
  if (check?.type === 'combined') return check.negotiate.receive;
  return check?.type === 'negotiate' ? check.receive : '';
}

/** Texts that no single pattern would describe but one that describes everything. */
const samples = ['', 'x', '0', ' ', '\n', '<html>\n', '\0\xff'];

function matchesAll(receive: string): boolean {
  const expression = compileReceive(receive);
  return samples.every((sample) => expression.test(sample));
}
