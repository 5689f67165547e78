import {
  ensurePackages,
  networkPackages,
  type Package,
  type PackagesOutcome,
  umlPackages,
} from '../packages.ts';
import { choosePlace, type Place } from './place.ts';

/** A kernel to run in, or the one line that says why there is none. */
export type PreparedKernel =
  | { readonly kind: 'found'; readonly place: Place }
  | { readonly kind: 'none'; readonly reason: string };

/**
 * Sees to it that a topology can be built next to a real IPVS: installs what is missing where that
 * is allowed, and chooses the kernel.
 *
 * @param extra packages that the caller needs besides.
 */
export async function prepareKernel(
  extra: readonly Package[],
  log: (line: string) => void,
): Promise<PreparedKernel> {
  // Only root can use the running kernel; anybody else is told of all that is missing at once.
  const early = process.getuid?.() === 0 ? [] : umlPackages;
  const basic = await ensurePackages([...networkPackages, ...extra, ...early], log);
  if (basic.kind === 'missing') {
    return none(basic);
  }
  const place = await choosePlace();
  const kernel = await ensurePackages(place === 'uml' ? umlPackages : [], log);
  return kernel.kind === 'missing' ? none(kernel) : { kind: 'found', place };
}

function none(outcome: Extract<PackagesOutcome, { readonly kind: 'missing' }>): PreparedKernel {
  return { kind: 'none', reason: outcome.reason };
}
