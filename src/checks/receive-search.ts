import { createContext, Script } from 'node:vm';
import { compileReceive } from '../config/receive.ts';

/** CPU time that one check may spend on its `receive`; a page of 1 MiB needs some milliseconds. */
const fullMs = 200;
/** What it may spend at the least, when others have used up more than their share. */
const leastMs = 20;
/** Part of the process's time that searches without end may have together. */
const share = 0.1;
/** A guarded search costs this much by itself. */
const overheadMs = 0.5;

/** Searches the answers of one server in one check for what `receive`, or an `expect`, describes. */
export interface ReceiveSearch {
  /**
   * @param text undecoded, each character one byte.
   * @throws SlowReceiveError when all searches of this check together take too long.
   */
  test(text: string): boolean;
  /** As `test`; gives where the first match ends, undefined without one. */
  endOf(text: string): number | undefined;
}

/** The expression backtracks over this answer without coming to an end. */
export class SlowReceiveError extends Error {
  override readonly name = 'SlowReceiveError';

  constructor() {
    super('the regular expression takes too long on this answer, simplify it');
  }
}

/**
 * Makes the search of one check. There is one thread for all checks, and an expression such as
 * `(a+)+$` can keep it for years on an answer that a broken or hostile server sends. So one that
 * repeats or chooses runs under a limit (node:vm, `timeout`), which costs some 60 us a search; one
 * that does neither needs no longer than the answer is long and runs without.
 */
export function receiveSearch(receive: string): ReceiveSearch {
  const expression = compileReceive(receive);
  if (!canBacktrack(expression)) return searchBy((text) => endOfMatch(expression.exec(text)));
  let leftMs: number | undefined;
  return searchBy((text) => {
    const begin = process.cpuUsage();
    const limitMs = leftMs ?? budget.grant();
    try {
      return guardedEnd(expression, text, limitMs);
    } finally {
      leftMs = limitMs - Math.max(0, cpuMs(begin) - overheadMs);
    }
  });
}

function searchBy(endOf: ReceiveSearch['endOf']): ReceiveSearch {
  return { endOf, test: (text) => endOf(text) !== undefined };
}

function endOfMatch(match: RegExpExecArray | null): number | undefined {
  return match === null ? undefined : match.index + match[0].length;
}

/** Anything that repeats, or a choice, outside of escapes and classes. */
function canBacktrack({ source }: RegExp): boolean {
  const outside = source
    .replace(/\\[\s\S]|\[(?:\\[\s\S]|[^\]\\])*\]/g, '.')
    .replace(/\(\?(?:<?[=!]|:|<\w+>)/g, '(');
  return /[*+?{|]/.test(outside);
}

interface Room {
  expression: RegExp;
  text: string;
  match: RegExpExecArray | null;
}

const room: Room = { expression: /x/, text: '', match: null };
createContext(room);
const script = new Script('match = expression.exec(text)');

/**
 * The limit of node:vm is one of time. A process that got no CPU, because it was stopped or the
 * machine is busy, has not searched yet: that is no fault of the expression.
 */
function guardedEnd(expression: RegExp, text: string, limitMs: number): number | undefined {
  Object.assign(room, { expression, text });
  const begin = process.cpuUsage();
  try {
    for (;;) {
      const leftMs = Math.ceil(limitMs - cpuMs(begin));
      if (leftMs <= 0) break;
      try {
        script.runInContext(room, { timeout: leftMs });
        return endOfMatch(room.match);
      } catch (error) {
        if (!isTimeout(error)) throw error;
      }
    }
    budget.charge(cpuMs(begin));
    throw new SlowReceiveError();
  } finally {
    room.text = '';
    room.match = null;
  }
}

/** Time for searches that come to nothing: what is left is what the next one may have. */
const budget = {
  spareMs: fullMs,
  atMs: performance.now(),
  grant(): number {
    const nowMs = performance.now();
    this.spareMs = Math.min(fullMs, this.spareMs + (nowMs - this.atMs) * share);
    this.atMs = nowMs;
    return Math.max(leastMs, this.spareMs);
  },
  charge(usedMs: number): void {
    this.spareMs = Math.max(0, this.spareMs - usedMs);
  },
};

function cpuMs(begin: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(begin);
  return (user + system) / 1000;
}

/** Made in the context, so that it is no `Error` of ours. */
function isTimeout(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('code' in error)) return false;
  return error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
}
