import { readFileSync } from 'node:fs';
import type { Facts } from '../facts.ts';
import { interfaceSetting, ipvsSetting } from '../settings.ts';

const general = [
  'net.ipv4.ip_forward',
  'net.ipv6.conf.all.forwarding',
  'net.netfilter.nf_conntrack_max',
  'net.netfilter.nf_conntrack_count',
  ...[
    'backup_only',
    'conn_reuse_mode',
    'conntrack',
    'expire_nodest_conn',
    'expire_quiescent_template',
    'sloppy_tcp',
    'sync_version',
  ].map(ipvsSetting),
];

const perInterface = ['rp_filter', 'arp_ignore', 'arp_announce', 'forwarding', 'send_redirects'];

/** The settings that the checks look at; those of the network belong to the namespace. */
export function gatherSettings(interfaces: readonly string[]): Facts['settings'] {
  const names = [
    ...general,
    ...['all', ...interfaces].flatMap((one) => [
      ...perInterface.map((name) => interfaceSetting(one, name)),
      interfaceSetting(one, 'forwarding', 'ipv6'),
    ]),
  ];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = read(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** Dots part folders, and a slash is a dot of a name (sysctl(8)). */
function read(name: string): string | undefined {
  const parts = name.split('.').map((part) => part.replaceAll('/', '.'));
  try {
    return readFileSync(`/proc/sys/${parts.join('/')}`, 'utf8').trim();
  } catch {
    return undefined;
  }
}
