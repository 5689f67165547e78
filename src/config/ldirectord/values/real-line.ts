import type { AddressFamily } from '../../endpoint.ts';
import type { ForwardMethod } from '../../model.ts';
import { didYouMean } from '../../nearest.ts';
import type { Stretch, ValueReport } from '../report.ts';
import { type Host, type HostPort, type Located, readHost, readHostPort } from './host.ts';
import { type RealOptions, readRealOptions } from './real-options.ts';
import type { ValueType } from './value-type.ts';

/** A `real=` line as written; one line may stand for a range of servers. */
export interface RealLine extends HostPort, RealOptions {
  /** Last address of a range `A->B`. */
  readonly last?: Located<Host>;
  readonly forward: ForwardMethod;
}

const forwardMethods = ['gate', 'masq', 'ipip'] as const;

const expects =
  'HOST[->HOST][:PORT] gate|masq|ipip [WEIGHT] ["REQUEST", "RECEIVE"] [l:LOWER] [u:UPPER] [tun:...]';

/** `HOST[->HOST2][:PORT] METHOD [WEIGHT] ["REQUEST", "RECEIVE"] [l:N] [u:N] [tun:...]`. */
export function realLine(spelling: AddressFamily): ValueType<RealLine> {
  return {
    expects,
    quotes: true,
    trailing: 'ignored',
    read(text, report) {
      const [, target = '', methodBlanks = '', method = '', options = ''] =
        /^(\S*)(\s*)([^\s"]*)(.*)$/s.exec(text) ?? [];
      if (target === '') {
        report.error('value', `expected ${expects}, got nothing`);
        return undefined;
      }
      const address = readTarget(target, spelling, report);
      const methodStart = target.length + methodBlanks.length;
      const forward = forwardMethod(method, methodStart, report);
      if (forward === undefined) return undefined;
      const more = readRealOptions(options, methodStart + method.length, forward, report);
      return address && more && { ...address, forward, ...more };
    },
  };
}

/** The word that says how packets reach the server. */
export function forwardMethod(
  word: string,
  start: number,
  report: ValueReport,
): ForwardMethod | undefined {
  const method = forwardMethods.find((known) => known === word);
  if (method !== undefined) return method;
  const found = word === '' ? 'got nothing' : `got "${word}"`;
  const at: Stretch = { start: word === '' ? 0 : start, end: start + word.length };
  report.error(
    'forward',
    `forward method must be gate, masq or ipip, ${found}${didYouMean(word, forwardMethods)}`,
    at,
  );
  return undefined;
}

function readTarget(
  target: string,
  spelling: AddressFamily,
  report: ValueReport,
): Pick<RealLine, 'host' | 'port' | 'last'> | undefined {
  const arrow = target.indexOf('->');
  if (arrow < 0) return readHostPort(target, 0, spelling, report);
  const host = readHost(target.slice(0, arrow), 0, spelling, report);
  const end = readHostPort(target.slice(arrow + 2), arrow + 2, spelling, report);
  if (host === undefined || end === undefined) return undefined;
  if (host.value.family === 'inet6' || end.host.value.family === 'inet6') {
    const at = { start: 0, end: target.length };
    report.error('range', 'address range for IPv6 is not supported', at);
    return undefined;
  }
  return { ...end, host, last: end.host };
}
