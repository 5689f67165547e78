import type { ServerCondition } from '../health/server-record.ts';

/** The largest weight that keepalived knows; the kernel's own limit is the same. */
const maxWeight = 2_147_483_647;

/**
 * The weight of a server that is up: what the file says, and what its checks make of that.
 *
 * @param configured weight of the file.
 * @returns a whole number, 0 to 2147483647; `configured` where no check has an effect.
 */
export function effectiveWeight(
  configured: number,
  { effects = [] }: Pick<ServerCondition, 'effects'>,
): number {
  if (effects.length === 0) return configured;
  let weight = configured;
  for (const effect of effects) {
    if (effect.kind === 'percent')
      weight += Math.ceil((configured * effect.percent) / 100) - configured;
    else if (effect.kind === 'weight') weight += effect.weight - configured;
    else weight += effect.offset;
  }
  return Math.min(maxWeight, Math.max(0, weight));
}

/** What of a weight a server gets while it starts slowly: a share of it, but never nothing. */
export function slowedWeight(
  weight: number,
  { share = 1 }: Pick<ServerCondition, 'share'>,
): number {
  return share === 1 || weight === 0 ? weight : Math.max(1, Math.floor(weight * share));
}
