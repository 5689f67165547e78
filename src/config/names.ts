import { lookup } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import type { AddressFamily, TransportProtocol } from './endpoint.ts';

/** The outside world that names are looked up in. */
export interface Resolver {
  /** First address of a host name in a family, in canonical text; undefined when there is none. */
  lookup(name: string, family: AddressFamily): Promise<string | undefined>;
  /** Port number of a service name; undefined when unknown. */
  servicePort(name: string, protocol: TransportProtocol): Promise<number | undefined>;
}

/** Names through the system: getaddrinfo, and /etc/services. */
export function systemResolver(): Resolver {
  let services: Promise<ReadonlyMap<string, number>> | undefined;
  return {
    async lookup(name, family) {
      try {
        const found = await lookup(name, { family: family === 'inet' ? 4 : 6 });
        return found.address;
      } catch {
        return undefined;
      }
    },
    async servicePort(name, protocol) {
      services ??= readServices('/etc/services');
      return (await services).get(`${name}/${protocol}`);
    },
  };
}

/**
 * Reads the text of services(5) into `name/protocol` -> port, aliases included. The first line
 * that has a name wins, as with getservbyname(3).
 */
export function parseServices(text: string): Map<string, number> {
  const ports = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [name = '', where = '', ...aliases] = line.replace(/#.*/, '').trim().split(/\s+/);
    const [, port, protocol] = /^(\d+)\/(\w+)$/.exec(where) ?? [];
    if (port === undefined) continue;
    for (const word of [name, ...aliases]) {
      const key = `${word}/${protocol}`;
      if (!ports.has(key)) ports.set(key, Number(port));
    }
  }
  return ports;
}

/** Machines without the package netbase have no /etc/services; the names of checks still work. */
async function readServices(path: string): Promise<ReadonlyMap<string, number>> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const ports = parseServices(`${text}\n${builtInServices}`);
  return ports;
}

const builtInServices = `
ftp 21/tcp
smtp 25/tcp mail
domain 53/tcp
domain 53/udp
http 80/tcp www
pop3 110/tcp pop-3
nntp 119/tcp
imap2 143/tcp imap
ldap 389/tcp
ldap 389/udp
https 443/tcp
https 443/udp
submission 587/tcp
ldaps 636/tcp
ldaps 636/udp
imaps 993/tcp
pop3s 995/tcp
radius 1812/tcp
radius 1812/udp
mysql 3306/tcp
sip 5060/tcp
sip 5060/udp
postgresql 5432/tcp
`;
