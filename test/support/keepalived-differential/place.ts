import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { keepalivedFixturePath } from '../keepalived-fixtures.ts';
import { tlsFixture } from '../tls-identity.ts';
import type { Host } from '../topology/host.ts';
import { createTopology } from '../topology.ts';
import { adapted } from './adapt.ts';
import { allServers, type KeepalivedGroup } from './cases.ts';

/** Hosts for programs that balance, and the real servers that all of them check. */
export interface Place {
  readonly balancers: readonly Host[];
  /** For files; removed with the place. */
  readonly directory: string;
  /** Takes these servers down, all others up; when it returns they are so. */
  bring(down: readonly number[]): Promise<void>;
  /** Writes a file of fixtures/keepalived, and all that it may include, for one host. @returns its path. */
  lay(name: string, host: Host): string;
  teardown(): Promise<void>;
}

const MAIN = fileURLToPath(new URL('./servers-main.js', import.meta.url));
const START_TIMEOUT_MS = 300_000;
const ORDER_TIMEOUT_MS = 120_000;

/** Builds one with so many hosts and waits until all its servers are up. */
export async function createPlace(count: number, how: KeepalivedGroup['how']): Promise<Place> {
  const net = await createTopology({ clients: 0, directors: 0, reals: 1 + count });
  const [real, ...balancers] = net.reals;
  if (real === undefined) throw new Error('topology: expected a host for the servers');
  // what tells a check of UDP that nobody listens must come each time, however many ask
  for (const name of ['ipv4.icmp_ratelimit', 'ipv6.icmp.ratelimit']) {
    await real.sysctl(`net.${name}`, 0);
  }
  const orderFile = path.join(net.directory, 'order.json');
  let number = 0;
  let missing: readonly number[] = [];
  const write = (down: readonly number[]): number => {
    number += 1;
    writeFileSync(orderFile, JSON.stringify({ number, down }));
    return number;
  };
  for (const server of allServers) await changeAddresses(real, server, 'add');
  layOutFiles();
  write([]);
  const servers = real.spawn([process.execPath, MAIN, orderFile]);
  await servers.waitForOutput(/order 1 done\n/, START_TIMEOUT_MS);
  return {
    balancers,
    directory: net.directory,
    bring: async (down) => {
      const gone = how === 'gone' ? down : [];
      for (const server of missing) {
        if (!gone.includes(server)) await changeAddresses(real, server, 'add');
      }
      const wanted = write(down);
      servers.signal('SIGHUP');
      await servers.waitForOutput(new RegExp(`order ${wanted} done\\n`), ORDER_TIMEOUT_MS);
      for (const server of gone) {
        if (!missing.includes(server)) await changeAddresses(real, server, 'del');
      }
      missing = gone;
    },
    lay: (name, host) => {
      const folder = path.join(net.directory, `${host.name}-etc`);
      layOutFile(`${name}.conf`, folder, host);
      for (const file of readdirSync(keepalivedFixturePath('conf.d'))) {
        layOutFile(path.join('conf.d', file), folder, host);
      }
      return path.join(folder, `${name}.conf`);
    },
    teardown: () => net.teardown(),
  };
}

async function changeAddresses(host: Host, server: number, verb: 'add' | 'del'): Promise<void> {
  for (const address of [`10.9.0.${server}/32`, `fd00:9::${server}/128`]) {
    await (verb === 'add' ? host.addAddress(address) : host.removeAddress(address));
  }
}

/** What https.conf names by absolute paths; the machine of the tests forgets it. */
function layOutFiles(): void {
  mkdirSync('/etc/ssl/lb', { recursive: true });
  copyFileSync(tlsFixture('ca.pem'), '/etc/ssl/lb/ca.pem');
  copyFileSync(tlsFixture('trusted.pem'), '/etc/ssl/lb/lb.pem');
  copyFileSync(tlsFixture('trusted.key'), '/etc/ssl/lb/lb.key');
}

/** An executable file stays so: keepalived includes none of them. */
function layOutFile(name: string, folder: string, host: Host): void {
  const [source, target] = [keepalivedFixturePath(name), path.join(folder, name)];
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, adapted(readFileSync(source, 'utf8'), host), {
    mode: statSync(source).mode,
  });
}
