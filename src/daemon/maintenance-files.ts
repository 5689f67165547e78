import { endpointText, serverKey } from '../config/keys.ts';
import type { Config, RealServer } from '../config/model.ts';

/** Host names of an address, as reverse DNS has them; [] while they are not known. */
export type HostNamesOf = (address: string) => readonly string[];

/**
 * The servers that files in the maintenance directory are about: a file is named `RIP:RP`, `RIP`,
 * `FQDN:RP`, `FQDN`, `SHORT:RP` or `SHORT`, IPv6 addresses in brackets, names in any case.
 *
 * @returns the file's name by `serverKey`.
 */
export function maintainedServers(
  config: Config,
  files: readonly string[],
  hostNames: HostNamesOf,
): ReadonlyMap<string, string> {
  if (files.length === 0) return new Map();
  const byName = new Map(files.map((file) => [file.toLowerCase(), file]));
  const found = new Map<string, string>();
  for (const virtual of config.virtuals) {
    for (const real of virtual.reals) {
      const names = fileNames(real, hostNames(real.address));
      const file = names.map((name) => byName.get(name)).find((name) => name !== undefined);
      if (file !== undefined) found.set(serverKey(virtual, real), file);
    }
  }
  return found;
}

/** Whether a file may be named after a host, so that it needs host names to be understood. */
export function isHostName(file: string): boolean {
  return /^[a-z\d_-]+(\.[a-z\d_-]+)*\.?(:\d+)?$/i.test(file) && !/^[\d.]+(:\d+)?$/.test(file);
}

function fileNames(real: RealServer, hosts: readonly string[]): readonly string[] {
  const withPort = endpointText(real);
  const short = hosts.map((host) => host.replace(/\..*/, ''));
  const names = [withPort.slice(0, withPort.lastIndexOf(':')), ...hosts, ...short];
  return names.flatMap((name) => [`${name}:${real.port}`.toLowerCase(), name.toLowerCase()]);
}
