import { chmod, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createTopology, type Topology } from '../topology.ts';
import { waitUntil } from '../wait-until.ts';
import { contrib, installCommand } from './agents.ts';
import { createKeepalivedNode, type KeepalivedNode } from './keepalived.ts';

/** Addresses of seed 002, which contrib/keepalived has as its example. */
export const addresses = { vip: '10.0.0.5', gateway: '192.168.0.1', client: '10.0.0.50' } as const;

/** Three advertisements, scripts that start Node several times, a slow kernel. */
const TAKEOVER_MS = 240_000;

/** Seed 002's two load balancers and two real servers, whose gateway moves with the virtual address. */
export interface KeepalivedDirectors {
  readonly net: Topology;
  readonly lb1: KeepalivedNode;
  readonly lb2: KeepalivedNode;
  /** The command `ipvsd`. */
  readonly command: string;
  /** Whether it has all addresses, and sends its connections where that is wanted. */
  isMaster(node: KeepalivedNode): Promise<boolean>;
  /** Whether it has none of the addresses, and receives connections where that is wanted. */
  isBackup(node: KeepalivedNode): Promise<boolean>;
  /** From now on the scripts use connection synchronisation, as at first, or leave it alone. */
  setSync(wanted: boolean): Promise<void>;
  waitFor(what: string, look: () => Promise<boolean> | boolean): Promise<void>;
  teardown(): Promise<void>;
}

/**
 * Builds them from the files of contrib/keepalived, word for word; no engine is started yet, and the
 * real servers have no web server.
 *
 * @param ldirectordCf in place of the example's, which is the same on both.
 */
export async function createKeepalivedDirectors(
  options: { readonly ldirectordCf?: string } = {},
): Promise<KeepalivedDirectors> {
  const { ldirectordCf } = options;
  let sync = true;
  const net = await createTopology({ layout: 'routed', directors: 2, reals: 2 });
  const command = await installCommand(net.directory);
  await installFiles();
  await writeDefaults(command, sync);
  if (ldirectordCf !== undefined) await writeFile('/etc/ha.d/ldirectord.cf', ldirectordCf);
  await net.client.addAddress(`${addresses.client}/24`);
  for (const [index, real] of net.reals.entries()) {
    await real.addAddress(`192.168.0.${12 + index}/24`);
    await real.exec(['ip', 'route', 'replace', 'default', 'via', addresses.gateway]);
  }
  const node = async (number: 1 | 2) => {
    const host = net.host(`director${number}`);
    await host.addAddress(`10.0.0.${number + 2}/24`);
    await host.addAddress(`192.168.0.${number + 2}/24`, 'eth1');
    const name = `lb${number}`;
    const directory = path.join(net.directory, 'nodes', name);
    await mkdir(directory, { recursive: true });
    const made = createKeepalivedNode({ name, host, directory, binds: [], boot: '' });
    await made.switchOn();
    return made;
  };
  const [lb1, lb2] = [await node(1), await node(2)];
  const syncRole = async ({ host }: KeepalivedNode) =>
    (await host.exec(['ipvsadm', '-l', '--daemon'])).stdout.replace(/ daemon[^\n]*/g, '');
  const logs = () => [lb1, lb2].map((one) => `${one.name}:\n${one.log().slice(-6000)}`).join('\n');
  return {
    net,
    lb1,
    lb2,
    command,
    isMaster: async (one) =>
      (await addressesOf(one)) === 2 && (!sync || (await syncRole(one)) === 'master sync'),
    isBackup: async (one) =>
      (await addressesOf(one)) === 0 && (!sync || (await syncRole(one)) === 'backup sync'),
    setSync: async (wanted) => {
      sync = wanted;
      await writeDefaults(command, sync);
    },
    waitFor: async (what, look) => void (await waitUntil(what, TAKEOVER_MS, look, logs)),
    teardown: async () => {
      await lb1.cutPower();
      await lb2.cutPower();
      await net.teardown();
    },
  };
}

/** Into the machine's /etc, which is thrown away after the test, and is the same on both. */
async function installFiles(): Promise<void> {
  const from = path.join(contrib, 'keepalived');
  for (const folder of ['/etc/keepalived', '/etc/ha.d']) await mkdir(folder, { recursive: true });
  for (const name of ['keepalived.conf', 'ipvsd-vrrp']) {
    await cp(path.join(from, name), path.join('/etc/keepalived', name));
  }
  await chmod('/etc/keepalived/keepalived.conf', 0o644);
  await cp(path.join(from, 'ldirectord.cf'), '/etc/ha.d/ldirectord.cf');
}

async function writeDefaults(command: string, sync: boolean): Promise<void> {
  const wanted = sync ? '' : 'SYNC_INTERFACE=\n';
  const settings = await readFile(path.join(contrib, 'keepalived/default'), 'utf8');
  await writeFile('/etc/default/ipvsd', `${settings}IPVSD=${command}\n${wanted}`);
}

async function addressesOf(node: KeepalivedNode): Promise<number> {
  const { stdout } = await node.host.exec(['ip', '-4', '-o', 'addr', 'show']);
  return [addresses.vip, addresses.gateway].filter((one) => stdout.includes(` ${one}/24 `)).length;
}
