import type { AddressFamily, Endpoint } from '../config/endpoint.ts';
import { endpointText, virtualKey } from '../config/keys.ts';
import type { Config, ForwardMethod, TunnelEnvelope, VirtualServer } from '../config/model.ts';

/** A virtual address with the virtual servers that are on it. */
export interface VirtualAddress {
  readonly family: AddressFamily;
  readonly address: string;
  readonly virtuals: readonly VirtualServer[];
}

/** Each virtual address once, in the order of the file; marks have none. */
export function virtualAddresses({ virtuals }: Config): readonly VirtualAddress[] {
  const byAddress = new Map<string, VirtualServer[]>();
  for (const virtual of virtuals) {
    if ('fwmark' in virtual.id) continue;
    const { address } = virtual.id;
    const known = byAddress.get(address);
    if (known === undefined) byAddress.set(address, [virtual]);
    else known.push(virtual);
  }
  return [...byAddress].map(([address, on]) => ({
    address,
    family: address.includes(':') ? 'inet6' : 'inet',
    virtuals: on,
  }));
}

/** A real server or fallback of a virtual server. */
export interface Server extends Endpoint {
  readonly virtual: VirtualServer;
  readonly forward: ForwardMethod;
  readonly weight: number;
  readonly tunnel?: TunnelEnvelope;
  readonly line: number;
}

/** All real servers and fallbacks of the file. */
export function servers({ virtuals }: Config): readonly Server[] {
  return virtuals.flatMap((virtual) => [
    ...virtual.reals.map((real) => ({ ...real, virtual })),
    ...virtual.fallbacks.map((fallback) => ({ ...fallback, virtual, line: virtual.line })),
  ]);
}

/** `tcp:10.0.0.1:80 > 10.0.0.2:80` */
export function serverPlace(server: Server): string {
  return `${virtualKey(server.virtual.id)} > ${endpointText(server)}`;
}

/** Servers of one address once, with the first of them. */
export function onePerAddress(all: readonly Server[]): readonly Server[] {
  return [
    ...new Map(all.toReversed().map((server) => [server.address, server])).values(),
  ].reverse();
}

/** `FILE:LINE` */
export function filePlace(config: Config, virtual: VirtualServer, line: number): string {
  return `${virtual.file ?? config.path}:${line}`;
}

/** An address with the prefix length of a single one. */
export function single(address: string): string {
  return `${address}/${address.includes(':') ? 128 : 32}`;
}
