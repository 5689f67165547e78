import type { DaemonSelf, Pulse, RealStatus, Snapshot, VirtualStatus } from './snapshot.ts';

/** How much must be right: see `verdict`. */
export const depths = [0, 10, 20] as const;

export type Depth = (typeof depths)[number];

/** What a cluster manager is told of a running daemon. */
export interface Verdict {
  readonly healthy: boolean;
  /** One line. */
  readonly reason: string;
  /** May be different at the next turn of the main loop: ask again before acting on it. */
  readonly transient: boolean;
}

/** So many intervals without a turn of the main loop, and this on top, are too many. */
const staleIntervals = 3;
const staleExtraMs = 5000;

/**
 * Judges a daemon by its snapshot.
 *
 * 0. The main loop goes round.
 * 10. The kernel's table is the desired one.
 * 20. Each virtual server has a real server that is not down and gets traffic; the fallback is
 *     none, except where it is all that the file has. Of a director in standby nothing of this is
 *     asked: it is well when it is ready.
 *
 * @param depth each takes in those before it.
 */
export function verdict(snapshot: Snapshot, depth: Depth): Verdict {
  const self = selfVerdict({ ...snapshot, virtualCount: snapshot.virtuals.length });
  if (!self.healthy) return self;
  const { kernelError } = snapshot;
  if (depth >= 10 && kernelError !== undefined) {
    return { healthy: false, reason: `the kernel cannot be read: ${kernelError}`, transient: true };
  }
  const [first] = snapshot.pending;
  if (depth >= 10 && first !== undefined) {
    const count = snapshot.pending.length;
    const more = count > 1 ? ` and ${count - 1} more` : '';
    const reason = `the kernel's table is not as it should be, it lacks: ${first}${more}`;
    return { healthy: false, reason, transient: true };
  }
  const isActive = snapshot.role !== 'standby';
  const dead =
    isActive && depth >= 20 ? snapshot.virtuals.filter((virtual) => !isServed(virtual)) : [];
  if (dead.length > 0) {
    const names = dead.map(({ label }) => label).join(', ');
    return { healthy: false, reason: `no live real server: ${names}`, transient: false };
  }
  return self;
}

/** Depth 0, by what the daemon tells at once: a large table, or a busy machine, is no fault of it. */
export function selfVerdict(self: DaemonSelf): Verdict {
  const stuck = stuckReason(self);
  if (stuck !== undefined) return { healthy: false, reason: stuck, transient: true };
  const { role, reloadError, virtualCount } = self;
  const note = reloadError === undefined ? '' : `, not reloaded: ${reloadError}`;
  const does = role === 'standby' ? 'in standby for' : 'serves';
  const reason = `${does} ${virtualCount} virtual servers${note}`;
  return { healthy: true, reason, transient: false };
}

/** Depth 0 alone. @returns undefined when the main loop goes round. */
export function stuckReason(pulse: Pulse): string | undefined {
  const { state, synchronisedAgoMs, verifyIntervalMs } = pulse;
  if (state === 'stopping') return 'the daemon is stopping';
  if (synchronisedAgoMs === undefined) return 'the daemon has not applied its rules yet';
  if (synchronisedAgoMs <= staleIntervals * verifyIntervalMs + staleExtraMs) return undefined;
  return `the main loop has not gone round for ${Math.round(synchronisedAgoMs / 1000)} s`;
}

function isServed({ reals, fallbacks }: VirtualStatus): boolean {
  return reals.length === 0 ? fallbacks.some(({ active }) => active) : reals.some(isLive);
}

function isLive({ health, kernel }: RealStatus): boolean {
  return health !== 'down' && kernel !== undefined && kernel.weight > 0;
}
