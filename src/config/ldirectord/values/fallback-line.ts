import type { AddressFamily, ForwardMethod } from '../../model.ts';
import { type HostPort, readHostPort } from './host.ts';
import { forwardMethod } from './real-line.ts';
import type { ValueType } from './value-type.ts';

/** A fallback as written; without a port it takes that of the virtual. */
export interface FallbackLine extends HostPort {
  readonly forward: ForwardMethod;
}

/** `HOST[:PORT] [gate|masq|ipip]`. */
export function fallbackLine(spelling: AddressFamily): ValueType<FallbackLine> {
  const local = spelling === 'inet' ? '127.0.0.1' : '[::1]';
  return {
    expects: 'HOST[:PORT] [gate|masq|ipip]',
    quotes: false,
    trailing: 'no-comment',
    read(text, report) {
      if (text === '') report.warn('value', `no address given, read as ${local}`);
      const [, target = '', blanks = '', method = 'gate', rest = ''] =
        /^(\S+)(\s*)(\S+)?\s*(.*)$/s.exec(text === '' ? local : text) ?? [];
      const address = readHostPort(target, 0, spelling, report);
      const start = target.length + blanks.length;
      const forward = forwardMethod(method, start, report);
      if (rest !== '') {
        const at = { start: text.length - rest.length, end: text.length };
        report.error('value', `expected nothing after "${method}", got "${rest}"`, at);
        return undefined;
      }
      return address && forward && { ...address, forward };
    },
  };
}
