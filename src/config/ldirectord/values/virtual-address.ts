import type { AddressFamily } from '../../endpoint.ts';
import { type HostPort, type Located, type Port, readHostPort } from './host.ts';
import type { ValueType } from './value-type.ts';

/** What `virtual=` names, before names are looked up. */
export type VirtualAddress =
  | { readonly kind: 'fwmark'; readonly family: AddressFamily; readonly fwmark: number }
  | (HostPort & { readonly kind: 'endpoint'; readonly port: Located<Port> });

const maxFwmark = 0xffff_ffff;

/**
 * `ADDRESS:PORT`, `NAME:PORT`, `[IPV6]:PORT` or a firewall mark. A dotted quad without a port is
 * an error; ldirectord takes its first number for a mark.
 */
export function virtualAddress(spelling: AddressFamily): ValueType<VirtualAddress> {
  const expects = 'ADDRESS:PORT, NAME:PORT or a firewall mark';
  return {
    expects,
    quotes: false,
    trailing: 'ignored',
    read(text, report) {
      const [, token = '', rest = ''] = /^(\S*)\s*(.*)$/s.exec(text) ?? [];
      if (rest !== '') {
        const at = { start: text.length - rest.length, end: text.length };
        report.warn('trailing-text', `"${rest}" after the address is ignored`, at);
      }
      if (token === '') {
        report.error('address', `expected ${expects}, got nothing`);
        return undefined;
      }
      if (/^\d+$/.test(token)) {
        const fwmark = Number(token);
        if (fwmark >= 1 && fwmark <= maxFwmark) return { kind: 'fwmark', family: spelling, fwmark };
        report.error('address', `expected a firewall mark 1..${maxFwmark}, got "${token}"`);
        return undefined;
      }
      const found = readHostPort(token, 0, spelling, report);
      if (found === undefined) return undefined;
      const { host, port } = found;
      if (port !== undefined) return { kind: 'endpoint', host, port };
      report.error('address', `expected ${expects}, got "${token}" without a port`);
      return undefined;
    },
  };
}
