import type { RealServer, VirtualId, VirtualServer } from './model.ts';

/**
 * The identity of a virtual server as ldirectord's logs write it.
 *
 * @returns `tcp:10.0.0.1:80`, `udp:[fd00::1]:53`, `fwm:5`, `fwm6:5`.
 */
export function virtualKey(id: VirtualId): string {
  if ('fwmark' in id) return `${id.family === 'inet' ? 'fwm' : 'fwm6'}:${id.fwmark}`;
  return `${id.protocol}:${endpointText(id)}`;
}

/** The identity of one real server of one virtual: what health and orders are kept by. */
export function serverKey(virtual: Pick<VirtualServer, 'id'>, real: Pick<RealServer, 'key'>) {
  return `${virtualKey(virtual.id)} ${real.key}`;
}

/** `10.0.0.1:80` or `[fd00::1]:80`. */
export function endpointText(endpoint: { readonly address: string; readonly port: number }) {
  const { address, port } = endpoint;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
