import type { Config, VirtualServer } from '../config/model.ts';
import type { Looked, Network } from './facts.ts';
import { shellWord } from './shell-word.ts';

/**
 * The other real servers of a virtual server whose packets are marked by `ipvsd nft`, where this
 * machine is one of them itself: they may be directors that send packets back.
 *
 * @returns their addresses.
 */
export function otherNodes({ markFor, reals }: VirtualServer, network: Network): readonly string[] {
  if (markFor === undefined) return [];
  const own = addressesOf(network);
  const direct = reals.filter(({ forward, address }) => forward === 'gate' && !isLoopback(address));
  const others = direct.filter(({ address }) => !own.has(address));
  // not one is its own
  if (others.length === direct.length) return [];
  return [...new Set(others.map(({ address }) => address))];
}

/** Both machines have 127.0.0.1. */
function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}

interface Interfaces {
  readonly interfaces: readonly { readonly addresses: readonly { readonly address: string }[] }[];
}

/** All addresses of a machine. */
export function addressesOf({ interfaces }: Interfaces): ReadonlySet<string> {
  return new Set(interfaces.flatMap(({ addresses }) => addresses.map(({ address }) => address)));
}

/** Where a neighbour was heard; several where it is on several networks. */
export function linkAddressesOf(
  address: string,
  { neighbours }: Pick<Network, 'neighbours'>,
): readonly string[] {
  return Object.entries(neighbours).flatMap(([link, at]) => (at.includes(address) ? [link] : []));
}

/**
 * Puts the rules of all marks of the file into the kernel, in place of those before: so it names
 * every other node. `MAC` is left open where one was not heard.
 *
 * @returns undefined where it is not known which real servers are other machines.
 */
export function markCommand(config: Config, network: Looked<Network>): string | undefined {
  if ('unknown' in network) return undefined;
  const others = config.virtuals.flatMap((virtual) => otherNodes(virtual, network.value));
  const links = others.flatMap((address) => {
    const heard = linkAddressesOf(address, network.value);
    return heard.length === 0 ? ['MAC'] : heard;
  });
  const options = [...new Set(links)].map((link) => ` --peer-mac ${link}`).join('');
  return `ipvsd nft ${shellWord(config.path)}${options} --apply`;
}
