import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { tlsFixture } from '../tls-identity.ts';
import type { Host } from '../topology/host.ts';
import { createTopology } from '../topology.ts';
import { addressesOf, type Conditions, type ServerName, servers } from './condition.ts';

/** A director with real servers of its own, which are as a test says. */
export interface Place {
  readonly director: Host;
  /** For its configuration files. */
  readonly directory: string;
  /** Brings the servers into these conditions; when it returns they are so. */
  bring(conditions: Conditions): Promise<void>;
  teardown(): Promise<void>;
}

const MAIN = fileURLToPath(new URL('./servers-main.js', import.meta.url));
const START_TIMEOUT_MS = 60_000;
const ORDER_TIMEOUT_MS = 30_000;
const ALL_UP: Conditions = { '101': 'up', '102': 'up', '103': 'up' };

/** Builds one and waits until all its servers are up. */
export async function createPlace(): Promise<Place> {
  const net = await createTopology({ clients: 0, reals: 1 });
  const real = net.host('real1');
  const orderFile = path.join(net.directory, 'order.json');
  let number = 0;
  let current = ALL_UP;
  const write = (conditions: Conditions): number => {
    number += 1;
    writeFileSync(orderFile, JSON.stringify({ number, conditions }));
    return number;
  };
  // or the others would go with the first address of the network
  await real.sysctl('net.ipv4.conf.eth0.promote_secondaries', 1);
  for (const server of servers.slice(1)) await changeAddresses(real, server, 'add');
  write(ALL_UP);
  const process_ = real.spawn([process.execPath, MAIN, orderFile]);
  await process_.waitForOutput(/order 1 done\n/, START_TIMEOUT_MS);
  return {
    director: trusting(net.director),
    directory: net.directory,
    bring: async (conditions) => {
      const isGone = (of: Conditions) => (server: ServerName) => of[server] === 'gone';
      const [gone, going] = [servers.filter(isGone(current)), servers.filter(isGone(conditions))];
      current = conditions;
      for (const server of gone) {
        if (!going.includes(server)) await changeAddresses(real, server, 'add');
      }
      const wanted = write(conditions);
      process_.signal('SIGHUP');
      await process_.waitForOutput(new RegExp(`order ${wanted} done\\n`), ORDER_TIMEOUT_MS);
      for (const server of going) {
        if (!gone.includes(server)) await changeAddresses(real, server, 'del');
      }
    },
    teardown: () => net.teardown(),
  };
}

async function changeAddresses(host: Host, server: ServerName, verb: 'add' | 'del'): Promise<void> {
  const [ipv4, ipv6] = addressesOf(server);
  for (const address of [`${ipv4}/24`, `${ipv6}/64`]) {
    await (verb === 'add' ? host.addAddress(address) : host.removeAddress(address));
  }
}

/** Its programs trust the authority of fixtures/tls and no other. */
function trusting(host: Host): Host {
  const env = { SSL_CERT_FILE: tlsFixture('ca.pem') };
  return {
    ...host,
    spawn: (command, options) => host.spawn(command, { ...options, env }),
  };
}
