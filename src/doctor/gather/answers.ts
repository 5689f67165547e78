import { BlockList } from 'node:net';
import type { Facts, Looked, Network, NetworkInterface } from '../facts.ts';
import { linkAddressesOf } from '../marked-nodes.ts';
import { gatherNeighbours } from './network.ts';
import { runTool, untoldBy } from './tool.ts';

/** Asked at the same time; each one takes two seconds when nobody answers. */
const atOnce = 32;

/**
 * Who else answers for each virtual address. IPv4: probes as of RFC 5227 2.1.1, which change no
 * cache of anybody. IPv6 of this machine: duplicate address detection has told.
 */
export async function gatherAnswers(
  addresses: readonly string[],
  network: Network,
): Promise<Facts['answers']> {
  const answers: Record<string, Looked<readonly string[]>> = {};
  for (let start = 0; start < addresses.length; start += atOnce) {
    const some = addresses.slice(start, start + atOnce);
    const found = await Promise.all(some.map((address) => ask(address, network)));
    for (const [index, address] of some.entries()) {
      const answer = found[index];
      if (answer !== undefined) answers[address] = answer;
    }
  }
  return answers;
}

async function ask(
  address: string,
  network: Network,
): Promise<Looked<readonly string[]> | undefined> {
  const route = network.routes[address];
  if (route === undefined) return { unknown: 'there is no route to it' };
  if (!route.local && route.gateway !== undefined) {
    return { unknown: `it is behind the router ${route.gateway}` };
  }
  if (address.includes(':')) return route.local ? byDetection(address, network) : byPing(address);
  const device = route.local ? entrance(address, network)?.name : route.interface;
  if (device === undefined) return undefined;
  const probed = await probe(address, device);
  return 'unknown' in probed && !route.local ? byPing(address) : probed;
}

/** Where clients ask for an address of this machine; undefined when nobody can. */
function entrance(address: string, { interfaces }: Network): NetworkInterface | undefined {
  const open = interfaces.filter(
    ({ linkType, kind, up }) => linkType === 'ether' && kind !== 'dummy' && up,
  );
  const has = open.find(({ addresses }) => addresses.some((one) => one.address === address));
  return has ?? open.find((one) => isOnNetworkOf(address, one));
}

function isOnNetworkOf(wanted: string, { addresses }: NetworkInterface): boolean {
  const networks = new BlockList();
  for (const { family, address, prefixLength } of addresses) {
    if (family === 'inet') networks.addSubnet(address, prefixLength, 'ipv4');
  }
  return networks.check(wanted, 'ipv4');
}

/** `Unicast reply from 10.9.0.200 [62:2D:3B:71:E5:0C]  0.612ms` */
async function probe(address: string, device: string): Promise<Looked<readonly string[]>> {
  const command = 'arping';
  const version = await runTool(command, ['-V']);
  const isIputils = version.kind === 'ran' && /iputils/.test(version.stdout + version.stderr);
  if (!isIputils) {
    const missing = untoldBy(command, { kind: 'missing' });
    return { ...missing, unknown: 'arping (of iputils) is not installed' };
  }
  const result = await runTool(command, ['-D', '-c', '2', '-w', '2', '-I', device, address]);
  // 0: no answer, 1: answered; everything else, also printed with 2, is an error
  if (result.kind === 'missing' || /^arping:/m.test(result.stderr)) {
    return untoldBy(command, result);
  }
  const found = result.stdout.matchAll(/reply from \S+ \[([0-9A-F:]+)\]/gi);
  return { value: [...new Set([...found].map(([, link = '']) => link.toLowerCase()))] };
}

function byDetection(
  address: string,
  { interfaces }: Network,
): Looked<readonly string[]> | undefined {
  const own = interfaces
    .filter(({ linkType }) => linkType === 'ether')
    .flatMap(({ addresses }) => addresses.filter((one) => one.address === address));
  if (own.length === 0) return undefined;
  if (own.some(({ unchecked }) => !unchecked)) return { value: [] };
  return { unknown: 'it was added without duplicate address detection (nodad)' };
}

/** An echo request makes the kernel ask for the link-layer address. */
async function byPing(address: string): Promise<Looked<readonly string[]>> {
  const pinged = await runTool('ping', ['-c', '1', '-W', '1', address]);
  if (pinged.kind === 'missing') return untoldBy('ping', pinged);
  return { value: linkAddressesOf(address, { neighbours: await gatherNeighbours() }) };
}
