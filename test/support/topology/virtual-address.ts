import { isIPv6 } from 'node:net';
import { execa } from 'execa';
import type { Host } from './host.ts';

export interface VirtualAddressOptions {
  /**
   * How the real servers will get the packets: `direct` puts the address on their `lo`, `tunnel`
   * on their IPIP device, `masquerade` nowhere. `direct` if not given.
   */
  readonly method?: 'direct' | 'tunnel' | 'masquerade';
  /** The director that has it; the first one if not given. */
  readonly director?: Host;
}

/** Puts a virtual address (no prefix length) where the forwarding method needs it. */
export async function addVirtualAddress(
  address: string,
  options: VirtualAddressOptions & { readonly director: Host; readonly reals: readonly Host[] },
): Promise<void> {
  const single = `${address}/${isIPv6(address) ? 128 : 32}`;
  await options.director.addAddress(single);
  if (options.method === 'masquerade') {
    return;
  }
  if (options.method === 'tunnel') {
    await prepareTunnels(address, options.reals);
  }
  const device = options.method === 'tunnel' ? tunnelDevice(address) : 'lo';
  await Promise.all(options.reals.map((real) => real.addAddress(single, device)));
}

/** Loading the module makes a device in every namespace that takes packets from anybody. */
async function prepareTunnels(address: string, reals: readonly Host[]): Promise<void> {
  await execa('modprobe', [isIPv6(address) ? 'ip6_tunnel' : 'ipip']);
  const device = tunnelDevice(address);
  await Promise.all(reals.map((real) => real.exec(['ip', 'link', 'set', device, 'up'])));
}

function tunnelDevice(address: string): string {
  return isIPv6(address) ? 'ip6tnl0' : 'tunl0';
}
