import type { DestinationId, ServiceId } from './model.ts';

/**
 * One string per service, equal exactly when the kernel holds them to be the same service.
 *
 * @returns `tcp 10.0.0.1:80`, `udp [fd00::1]:53`, `fwmark 5 inet`.
 */
export function serviceKey(id: ServiceId): string {
  if ('fwmark' in id) return `fwmark ${id.fwmark} ${id.family}`;
  return `${id.protocol} ${endpoint(id.address, id.port)}`;
}

/**
 * One string per destination of a service.
 *
 * @returns `10.0.0.2:80` or `[fd00::2]:80`.
 */
export function destinationKey(id: DestinationId): string {
  return endpoint(id.address, id.port);
}

function endpoint(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
