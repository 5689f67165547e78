import { cannotFail, checkLimitMs } from '../check-limit.ts';
import type { CheckDefinition } from '../check-model.ts';
import { minimumInService } from '../min-servers.ts';
import type { RealServer, VirtualServer } from '../model.ts';
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
    ...keepsAll(virtual),
    ...(check === undefined ? [] : [...tooShort(virtual, check), ...withArguments(virtual, check)]),
    ...emptyPage(virtual, checks),
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

function keepsAll(virtual: VirtualServer): readonly Trap[] {
  const { minServers, reals } = virtual;
  if (minServers === undefined || reals.length === 0) return [];
  const minimum = minimumInService(minServers, reals.length);
  if (minimum < reals.length) return [];
  const kept = reals.length === 1 ? 'its only real server' : `all its ${reals.length} real servers`;
  const message = `minservers: keeps ${kept} in service, whatever their checks find, and no fallback takes over: lower it`;
  return [{ code: 'trap-cannot-fail', message, virtual, directives: ['minservers'] }];
}

/** RFC 9110, section 9.3.2: the answer to HEAD has no content. */
function emptyPage(virtual: VirtualServer, checks: readonly CheckDefinition[]): readonly Trap[] {
  const isEmpty = checks.some((check) => {
    const asked = check.type === 'combined' ? check.negotiate : check;
    if (asked.type !== 'negotiate' || !['http', 'https', 'http_proxy'].includes(asked.service)) {
      return false;
    }
    if (asked.httpMethod !== 'HEAD' || asked.receive === '') return false;
    return !compileReceive(asked.receive).test('');
  });
  if (!isEmpty) return [];
  const message =
    'httpmethod: HEAD brings no text that receive could match, and the real server is never up: use GET, or no receive';
  return [{ code: 'trap-never-up', message, virtual, directives: ['httpmethod'] }];
}

/** ldirectord(8): the command is a path; no shell parts it into words. */
function withArguments(virtual: VirtualServer, check: CheckDefinition): readonly Trap[] {
  if (check.type !== 'external' || !/\s/.test(check.command)) return [];
  const message = `checkcommand: "${check.command}" is the path of a program, blanks and all, and takes no arguments: put them in a script`;
  return [{ code: 'trap-never-up', message, virtual, directives: ['checkcommand'] }];
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
