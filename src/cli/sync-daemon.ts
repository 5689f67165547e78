import { SocketAddress } from 'node:net';
import type { SyncDaemon } from '../ipvs-netlink/daemon.ts';

/** What the kernel takes for what is not given (IP_VS_SYNC_GROUP and IP_VS_SYNC_PORT, ip_vs_sync.c). */
const kernelDefaults = { group: '224.0.0.81', port: 8848 } as const;

/** IP_VS_SYNC: the bounds that start_sync_thread() puts a given length between; headers are 28 or 48 bytes. */
export const lengthBounds = { min: 1024, max: 65_535 - 28 } as const;
const maxLengthInet6 = 65_535 - 48;

/**
 * Whether a daemon that runs is the one that is wanted. A length that is not wanted in particular
 * may be any, as the kernel takes it from the interface's MTU of that moment; so may what an old
 * kernel does not report.
 */
export function isSameDaemon(wanted: SyncDaemon, running: SyncDaemon): boolean {
  return (
    wanted.role === running.role &&
    wanted.interface === running.interface &&
    wanted.syncId === running.syncId &&
    isSame(normalAddress(wanted.group ?? kernelDefaults.group), running.group) &&
    isSame(wanted.port ?? kernelDefaults.port, running.port) &&
    isSame(wanted.maxLength === undefined ? undefined : clampedLength(wanted), running.maxLength)
  );
}

/** `interface eth0, syncid 7, group 224.0.0.81, port 8848, maxlen 1472` */
export function daemonText(daemon: SyncDaemon): string {
  const { group, port, maxLength } = daemon;
  return [
    `interface ${daemon.interface}`,
    `syncid ${daemon.syncId}`,
    ...(group === undefined ? [] : [`group ${group}`]),
    ...(port === undefined ? [] : [`port ${port}`]),
    ...(maxLength === undefined ? [] : [`maxlen ${maxLength}`]),
  ].join(', ');
}

function isSame<T>(wanted: T | undefined, running: T | undefined): boolean {
  return wanted === undefined || running === undefined || wanted === running;
}

function clampedLength({ group, maxLength = 0 }: SyncDaemon): number {
  return group?.includes(':') ? Math.min(maxLength, maxLengthInet6) : maxLength;
}

/** As the library prints addresses (RFC 5952). */
function normalAddress(address: string): string {
  return address.includes(':') ? new SocketAddress({ family: 'ipv6', address }).address : address;
}
