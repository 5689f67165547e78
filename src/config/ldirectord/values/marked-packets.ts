import type { TransportProtocol } from '../../endpoint.ts';
import { type HostPort, type Located, type Port, readHostPort } from './host.ts';
import type { ValueType } from './value-type.ts';

/** What `markfor` names, before names are looked up. */
export type MarkedAddress = HostPort & {
  readonly protocol: TransportProtocol;
  readonly port: Located<Port>;
};

/** `ADDRESS:PORT`, of tcp unless `udp:` or `sctp:` stands before it; IPv6 in brackets. */
export function markedPackets(): ValueType<MarkedAddress> {
  const expects = '[tcp:|udp:|sctp:]ADDRESS:PORT';
  return {
    expects,
    quotes: false,
    trailing: 'ignored',
    read(text, report) {
      const [, word, place = ''] = /^(?:(tcp|udp|sctp):)?(\S*)$/.exec(text) ?? [];
      if (place === '') {
        report.error('address', `expected ${expects}, got "${text}"`);
        return undefined;
      }
      const family = place.startsWith('[') ? 'inet6' : 'inet';
      const found = readHostPort(place, text.length - place.length, family, report);
      if (found === undefined) return undefined;
      const { host, port } = found;
      const protocol = word === 'udp' || word === 'sctp' ? word : 'tcp';
      if (port !== undefined) return { protocol, host, port };
      report.error('address', `expected ${expects}, got "${text}" without a port`);
      return undefined;
    },
  };
}
