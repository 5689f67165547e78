import { cannotFail, checkLimitMs } from '../check-limit.ts';
import type { RealServer, ServerCheck, VirtualServer } from '../model.ts';
import type { Trap } from './trap.ts';

/** The traps of checks that blocks describe, each at the line of its block. */
export function blockTraps(virtual: VirtualServer): readonly Trap[] {
  const byLine = new Map<string, Trap>();
  for (const real of virtual.reals) {
    for (const check of real.checks) {
      const { line } = check;
      if (line === undefined) continue;
      for (const { code, message } of trapsOf(check, real)) {
        // of several servers with this check one word is enough
        const key = `${line} ${code}`;
        if (!byLine.has(key)) byLine.set(key, { code, message, virtual, directives: [], line });
      }
    }
  }
  return [...byLine.values()];
}

type Finding = Pick<Trap, 'code' | 'message'>;

function trapsOf(check: ServerCheck, real: RealServer): readonly Finding[] {
  const isLast = check === real.checks.at(-1);
  return [
    ...(isLast && real.checks.every(({ definition }) => cannotFail(definition))
      ? [neverFails(check, real)]
      : []),
    ...tooShort(check),
  ];
}

function neverFails({ name }: ServerCheck, real: RealServer): Finding {
  const all = real.checks.length === 1 ? `"${name}" never fails` : 'no check of it can fail';
  const message = `check: ${all}, so that ${real.key} is never taken out: name a program that asks the real server`;
  return { code: 'trap-cannot-fail', message };
}

/**
 * A delay before a retry may well be shorter: it counts from a failure, which is often quick. A file
 * is no server that could be silent.
 */
function tooShort({ name, definition, intervals }: ServerCheck): readonly Finding[] {
  if (definition.type === 'file') return [];
  const limitMs = checkLimitMs(definition);
  const all = [
    ['interval', intervals.normalMs],
    ['downinterval', intervals.downMs],
  ] as const;
  const short = all.find(([, ms]) => ms < limitMs);
  if (short === undefined) return [];
  const [word, ms] = short;
  const message =
    `check: ${word} of "${name}", ${ms / 1000} s, is shorter than the ${limitMs / 1000} s that it may take,` +
    ` so that checks of a silent server come late: lower timeout, or raise ${word}`;
  return [{ code: 'trap-interval', message }];
}
