import type { StatsValues } from './ipvs-attributes.ts';
import type { Stats } from './model.ts';

/**
 * Counters of a service or destination: the 64-bit ones when the kernel has them (since Linux 4.1),
 * else the 32-bit ones; those that it left out are 0.
 */
export function readStats(values: {
  readonly stats?: StatsValues | undefined;
  readonly stats64?: StatsValues | undefined;
}): Stats {
  const found = values.stats64 ?? values.stats ?? {};
  return {
    connections: found.connections ?? 0n,
    inPackets: found.inPackets ?? 0n,
    outPackets: found.outPackets ?? 0n,
    inBytes: found.inBytes ?? 0n,
    outBytes: found.outBytes ?? 0n,
    connectionsPerSecond: found.connectionsPerSecond ?? 0n,
    inPacketsPerSecond: found.inPacketsPerSecond ?? 0n,
    outPacketsPerSecond: found.outPacketsPerSecond ?? 0n,
    inBytesPerSecond: found.inBytesPerSecond ?? 0n,
    outBytesPerSecond: found.outBytesPerSecond ?? 0n,
  };
}
