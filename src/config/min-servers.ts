import type { MinServers } from './model.ts';

/** How many of the real servers of a section failed checks alone must leave in service. */
export function minimumInService(minServers: MinServers, reals: number): number {
  return 'count' in minServers ? minServers.count : Math.ceil((reals * minServers.percent) / 100);
}
