import type { Facts } from './facts.ts';

type Settings = Facts['settings'];

/** A network interface's setting; sysctl(8) writes the dots of a name as slashes. */
export function interfaceSetting(
  interfaceName: string,
  name: string,
  family: 'ipv4' | 'ipv6' = 'ipv4',
): string {
  return `net.${family}.conf.${interfaceName.replaceAll('.', '/')}.${name}`;
}

/** @returns undefined for what is not there. */
export function numberOf(settings: Settings, name: string): number | undefined {
  const text = settings[name];
  return text === undefined ? undefined : Number(text);
}

/**
 * What is in force where the larger of "all" and the interface's own counts: rp_filter, arp_ignore,
 * arp_announce (Documentation/networking/ip-sysctl.rst), and send_redirects, of which one is enough.
 */
export function inForce(
  settings: Settings,
  interfaceName: string,
  name: string,
): number | undefined {
  const values = ['all', interfaceName]
    .map((one) => numberOf(settings, interfaceSetting(one, name)))
    .filter((value) => value !== undefined);
  return values.length === 0 ? undefined : Math.max(...values);
}

/** `sysctl -w NAME=VALUE ...` */
export function setCommand(values: Readonly<Record<string, number>>): string {
  const words = Object.entries(values).map(([name, value]) => `${name}=${value}`);
  return `sysctl -w ${words.join(' ')}`;
}

/** The name of a setting of IPVS. */
export function ipvsSetting(name: string): string {
  return `net.ipv4.vs.${name}`;
}
