import type { AddressFamily } from '../../endpoint.ts';
import type { ForwardMethod, TunnelEnvelope } from '../../model.ts';
import type { Stretch, ValueReport } from '../report.ts';
import { type HostPort, readHostPort } from './host.ts';
import { forwardMethod } from './real-line.ts';
import { maxWeight } from './real-options.ts';
import { readTunnel, tunnelForms } from './tunnel-word.ts';
import { got, type ValueType } from './value-type.ts';

/** A fallback as written; without a port it takes that of the virtual. */
export interface FallbackLine extends HostPort, FallbackOptions {
  readonly forward: ForwardMethod;
}

interface FallbackOptions {
  readonly weight?: number;
  /** Where any line of a section has it, all of them are in use. */
  readonly priority?: number;
  readonly tunnel?: TunnelEnvelope;
}

/** `HOST[:PORT] [gate|masq|ipip] [weight N] [priority N]`. */
export function fallbackLine(spelling: AddressFamily): ValueType<FallbackLine> {
  const local = spelling === 'inet' ? '127.0.0.1' : '[::1]';
  return {
    expects: 'HOST[:PORT] [gate|masq|ipip] [tun:...] [weight N] [priority N]',
    quotes: false,
    trailing: 'no-comment',
    read(text, report) {
      if (text === '') report.warn('value', `no address given, read as ${local}`);
      const [, target = '', blanks = '', method = '', rest = ''] =
        /^(\S+)(\s*)((?!(?:weight|priority)\b)\S+)?(.*)$/s.exec(text === '' ? local : text) ?? [];
      const address = readHostPort(target, 0, spelling, report);
      const start = target.length + blanks.length;
      const forward = forwardMethod(method === '' ? 'gate' : method, start, report);
      if (forward === undefined) return undefined;
      const more = readOptions(rest, start + method.length, forward, report);
      return address && more && { ...address, forward, ...more };
    },
  };
}

const bounds = { weight: [1, maxWeight], priority: [0, 65_535] } as const;

function readOptions(
  text: string,
  start: number,
  forward: ForwardMethod,
  report: ValueReport,
): FallbackOptions | undefined {
  let found: FallbackOptions = {};
  for (const match of text.matchAll(/(?:weight|priority)(?:\s+\S+)?|\S+/g)) {
    const at = { start: start + match.index, end: start + match.index + match[0].length };
    const option = readOption(match[0], at, forward, report);
    if (option === undefined) return undefined;
    const [name = ''] = Object.keys(option);
    if (name in found) {
      report.error('value', `expected one ${name} only, got "${match[0]}" as well`, at);
      return undefined;
    }
    found = { ...found, ...option };
  }
  return found;
}

function readOption(
  word: string,
  at: Stretch,
  forward: ForwardMethod,
  report: ValueReport,
): FallbackOptions | undefined {
  if (word.startsWith('tun:')) {
    const tunnel = readTunnel(word, forward, at, report);
    return tunnel && { tunnel };
  }
  const [, name, digits = ''] = /^(weight|priority)(?:\s+(\S+))?$/.exec(word) ?? [];
  if (name !== 'weight' && name !== 'priority') {
    const expected = `"weight N", "priority N", or after ipip ${tunnelForms}`;
    report.error('value', `expected ${expected}, got "${word}"`, at);
    return undefined;
  }
  const [min, max] = bounds[name];
  report.foreign('own', `"${name}" is not known to ldirectord`, at);
  const value = /^\d{1,10}$/.test(digits) ? Number(digits) : -1;
  if (value >= min && value <= max) return { [name]: value };
  report.error('value', `expected a ${name} ${min}..${max}, ${got(digits)}`, at);
  return undefined;
}
