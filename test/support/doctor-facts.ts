import type { Facts, Network, NetworkInterface, Route } from '../../src/doctor/facts.ts';
import { type PeerFacts, parsePeerFacts } from '../../src/doctor/peer-facts.ts';

/** What a director of 10.9.0.0/24 with the address of `virtual()` looks like when all is well. */
export function facts(changes: Partial<Facts> = {}): Facts {
  return {
    host: 'lb1',
    ipvsd: '0.1.0',
    kernel: '6.1.0-18-amd64',
    digest: 'aa',
    settings: wellSet,
    network: { value: network() },
    ipvs: { value: { version: '1.2.1', daemons: [] } },
    modules: { ip_vs: 'loaded', ip_vs_wrr: 'available' },
    packetRules: { rules: [] },
    answers: { '10.9.0.30': { value: [] } },
    managers: [],
    missingPackages: [],
    ...changes,
  };
}

/** The other director of such a pair, as `parsePeerFacts` gives it. */
export function peer(changes: Partial<Facts> = {}): PeerFacts {
  return parsePeerFacts(JSON.stringify(facts({ host: 'lb2', ...changes })));
}

/** Its settings, with those changes. */
export function set(changes: Readonly<Record<string, string>>): Pick<Facts, 'settings'> {
  return { settings: { ...wellSet, ...changes } };
}

const wellSet: Facts['settings'] = {
  'net.ipv4.ip_forward': '1',
  'net.ipv6.conf.all.forwarding': '1',
  'net.ipv4.conf.all.rp_filter': '0',
  'net.ipv4.conf.eth0.rp_filter': '0',
  'net.ipv4.conf.all.arp_ignore': '1',
  'net.ipv4.conf.all.arp_announce': '2',
  'net.ipv4.conf.eth0.arp_ignore': '0',
  'net.ipv4.conf.eth0.arp_announce': '0',
  'net.ipv4.conf.all.send_redirects': '0',
  'net.ipv4.conf.eth0.send_redirects': '0',
  'net.ipv4.vs.conn_reuse_mode': '1',
  'net.ipv4.vs.conntrack': '0',
  'net.ipv4.vs.expire_nodest_conn': '0',
  'net.ipv4.vs.expire_quiescent_template': '0',
  'net.ipv4.vs.sloppy_tcp': '0',
  'net.ipv4.vs.sync_version': '1',
  'net.ipv4.vs.backup_only': '0',
};

/** Its network, with those changes. */
export function network(changes: Partial<Network> = {}): Network {
  return {
    interfaces: [loopback(), ether('eth0', '10.9.0.1/24', '10.9.0.30/32')],
    routes: {
      '10.9.0.30': local,
      '10.9.0.2': direct,
      '10.9.0.3': direct,
      '127.0.0.1': local,
    },
    defaultRoutes: [{ family: 'inet', interface: 'eth0', gateway: '10.9.0.254' }],
    neighbours: {},
    ...changes,
  };
}

export const local: Route = { interface: 'lo', local: true };
export const direct: Route = { interface: 'eth0', local: false, source: '10.9.0.1' };

export function loopback(...addresses: readonly string[]): NetworkInterface {
  return { ...ether('lo', '127.0.0.1/8', ...addresses), linkType: 'loopback', mtu: 65_536 };
}

export function ether(name: string, ...addresses: readonly string[]): NetworkInterface {
  return {
    name,
    linkType: 'ether',
    up: true,
    mtu: 1500,
    addresses: addresses.map((text) => {
      const [address = '', length = ''] = text.split('/');
      const family = address.includes(':') ? 'inet6' : 'inet';
      return { family, address, prefixLength: Number(length) };
    }),
  };
}
