import { Resolver } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { isIP, SocketAddress } from 'node:net';

/** The host names of an address; [] when there are none. */
export type ReverseLookup = (address: string) => Promise<readonly string[]>;

/** So many questions are on their way at a time. */
const atOnce = 16;

/** What one round of questions may use of /etc/hosts without reading it again. */
const hostsAgeMs = 1000;

/**
 * /etc/hosts and reverse DNS, without a thread that could block. The hosts file is read by us, as
 * Node tells of its first name only in a forward lookup.
 */
export function systemReverseLookup(): ReverseLookup {
  const resolver = new Resolver({ timeout: 2000, tries: 2 });
  let hosts: Promise<HostsFile> | undefined;
  return async (address) => {
    if (hosts === undefined) {
      hosts = readHosts();
      setTimeout(() => {
        hosts = undefined;
      }, hostsAgeMs).unref();
    }
    const local = (await hosts).get(address) ?? [];
    const remote = await resolver.reverse(address).catch(() => []);
    return [...new Set([...local, ...remote])];
  };
}

/** Names by canonical address. */
type HostsFile = ReadonlyMap<string, readonly string[]>;

/** Reads the text of hosts(5). */
export function parseHosts(text: string): HostsFile {
  const hosts = new Map<string, readonly string[]>();
  for (const line of text.split('\n')) {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    const family = isIP(address);
    if (family === 0) continue;
    const key = new SocketAddress({ address, family: family === 6 ? 'ipv6' : 'ipv4' }).address;
    hosts.set(key, [...(hosts.get(key) ?? []), ...names]);
  }
  return hosts;
}

async function readHosts(): Promise<HostsFile> {
  return parseHosts(await readFile('/etc/hosts', 'utf8').catch(() => ''));
}

/** Host names of addresses, asked for ahead of time, so that nothing has to wait for DNS later. */
export class HostNames {
  readonly #lookup: ReverseLookup;
  readonly #names = new Map<string, readonly string[]>();

  constructor(lookup: ReverseLookup) {
    this.#lookup = lookup;
  }

  /** What was last found; [] when nothing was. */
  of(address: string): readonly string[] {
    return this.#names.get(address) ?? [];
  }

  /** Asks for all of them; an address without an answer keeps the names that it had. */
  async ask(addresses: Iterable<string>): Promise<void> {
    const open = [...new Set(addresses)];
    const worker = async (): Promise<void> => {
      for (let address = open.pop(); address !== undefined; address = open.pop()) {
        const names = await this.#lookup(address).catch(() => []);
        if (names.length > 0) this.#names.set(address, names);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
  }
}
