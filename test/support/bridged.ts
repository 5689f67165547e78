import assert from 'node:assert/strict';
import { z } from 'zod';
import type { ExecResult, Host } from './topology/host.ts';

/**
 * Gives a host a bridge in front of its network card, as machines with virtual ones in them have it.
 * The bridge has the card's name from now on. The kernel of User-Mode Linux has nftables for bridges
 * and for nothing else: CONFIG_NF_TABLES_BRIDGE is set, _INET, _IPV4, _IPV6 and _NETDEV are not.
 */
export async function putOnBridge(host: Host): Promise<void> {
  const lines = [
    'link set eth0 down',
    'addr flush dev eth0',
    'link set eth0 name card0',
    // without a delay, which is for networks with loops
    'link add eth0 type bridge mcast_snooping 0 forward_delay 0',
    'link set card0 master eth0 up',
    `addr add ${host.ipv4}/24 dev eth0`,
    'link set eth0 up',
  ];
  await host.exec(['ip', '-batch', '-'], { input: `${lines.join('\n')}\n` });
}

/**
 * Puts the rules of `ipvsd nft` into the kernel of a host.
 *
 * @param nft calls `ipvsd nft` with its file and these options.
 * @param peer the other director, whose packets get no mark.
 */
export async function applyMarks(
  host: Host,
  nft: (...options: readonly string[]) => Promise<ExecResult>,
  peer?: Host,
): Promise<void> {
  const from = peer === undefined ? [] : ['--peer-mac', await linkAddress(peer)];
  await applyMarksFrom(host, nft, from);
}

/** @param from the options that name the other directors. */
export async function applyMarksFrom(
  host: Host,
  nft: (...options: readonly string[]) => Promise<ExecResult>,
  from: readonly string[],
): Promise<void> {
  const { exitCode, stderr } = await nft(...from, '--apply');
  if (exitCode === 0) return;
  // Linux without CONFIG_NF_TABLES_INET, as User-Mode Linux: the same rules on the bridge
  assert.match(stderr, /Operation not supported/);
  const { stdout } = await nft(...from);
  const onBridge = stdout.replaceAll('table inet', 'table bridge').replace('mangle', '-150');
  await host.exec(['nft', '-f', '-'], { input: `${onBridge}\n` });
}

/** The link-layer address of its network card, or of the bridge in front of it. */
export async function linkAddress(host: Host): Promise<string> {
  const { stdout } = await host.exec(['ip', '-json', 'link', 'show', 'eth0']);
  const [link] = z.array(z.object({ address: z.string() })).parse(JSON.parse(stdout));
  assert.ok(link);
  return link.address;
}
