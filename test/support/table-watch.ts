import type { Host } from './topology/host.ts';

/** A table as `ipvsadm -Sn` printed it; it was read between two moments (ms since the epoch). */
export interface Sighting {
  readonly beginMs: number;
  readonly endMs: number;
  readonly lines: readonly string[];
}

export interface TableWatch {
  /** All so far, in order. */
  sightings(): readonly Sighting[];
  /** Ends it once it has read the table as it is now, and gives all sightings. */
  stop(): Promise<readonly Sighting[]>;
}

/** Reads the table of a host again and again. Returns after the first reading. */
export async function watchTable(host: Host): Promise<TableWatch> {
  const watcher = host.spawn(['bash', '-c', WATCH]);
  await watcher.waitForOutput(/@[^@]*@/);
  const sightings = () => parseSightings(watcher.output());
  const nextSighting = () =>
    watcher.waitForOutput(new RegExp(`(?:@[^@]*){${sightings().length + 2}}`));
  const stop = async () => {
    // the reading under way may have begun before what the caller waited for
    const askedMs = Date.now();
    while ((sightings().at(-1)?.beginMs ?? 0) <= askedMs) {
      await nextSighting();
    }
    await watcher.kill();
    return sightings();
  };
  let stopped: ReturnType<typeof stop> | undefined;
  return { sightings, stop: () => (stopped ??= stop()) };
}

// The pause is bash's own and starts no process; without one the watcher would take the only
// processor of a test machine for itself.
const WATCH = `
exec 9<> <(:)
while :; do
  echo "@$EPOCHREALTIME"
  ipvsadm -Sn
  read -rt 0.04 -u 9
done`;

/** What follows the last time stamp may still be growing. */
function parseSightings(output: string): readonly Sighting[] {
  const blocks = output.split('@').slice(1);
  const times = blocks.map((block) => Number.parseFloat(block.replace(',', '.')) * 1000);
  return blocks.slice(0, -1).map((block, index) => ({
    beginMs: times[index] ?? Number.NaN,
    endMs: times[index + 1] ?? Number.NaN,
    lines: block
      .split('\n')
      .slice(1)
      .map((line) => line.trimEnd())
      .filter((line) => line !== ''),
  }));
}
