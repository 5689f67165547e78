import assert from 'node:assert/strict';
import { savedTable } from '../ipvsd.ts';
import type { Host } from '../topology/host.ts';
import { waitUntil } from '../wait-until.ts';
import { connectionsOf } from './connections.ts';
import { askOnce, type Flow, startFlows } from './flows.ts';

/** Port of the virtual server with persistence. */
export const sessionsPort = 81;
/** What download clients ask for at the other one, at port 80. */
export const longPage = { '/long': 'x'.repeat(16 << 20) } as const;

const connectionCount = 8;
const sessionCount = 6;
const patienceMs = 120_000;

/** The file of the virtual server with persistence, which runs on both directors all the time. */
export function sessionsCf(vip: string, reals: readonly string[]): string {
  return `checkinterval=1
checktimeout=2
quiescent=no
logfile="/run/tmp/sessions.log"
virtual=${vip}:${sessionsPort}
${reals.map((real) => `        real=${real}:${sessionsPort} gate`).join('\n')}
        scheduler=rr
        persistent=600
        protocol=tcp
        checktype=connect
`;
}

/** Clients with established connections, and with sessions, over takeovers with synchronisation. */
export interface TakeoverClients {
  /** Whether a director has the virtual server with persistence, and both its servers. */
  isReady(director: Host): Promise<boolean>;
  /**
   * Makes connections and sessions, waits until the standby knows of them, lets it take over, and
   * sees that every connection goes on and every client meets its server again.
   *
   * @param act returns when the standby serves.
   */
  over(what: string, standby: Host, act: () => Promise<void>): Promise<void>;
}

/** @param network the first three numbers of their addresses; from 110 on those are theirs. */
export function createTakeoverClients(client: Host, vip: string, network: string): TakeoverClients {
  let last = 110;
  /** That no director has ever seen: one that was active once would know others without synchronisation. */
  const newAddresses = async () => {
    const fresh = Array.from({ length: sessionCount }, (_, index) => `${network}.${last + index}`);
    last += sessionCount;
    for (const address of fresh) await client.addAddress(`${address}/24`);
    return fresh;
  };
  const ask = (addresses: readonly string[]) =>
    askOnce(client, `http://${vip}:${sessionsPort}/`, addresses);
  const isReady = async (director: Host) =>
    (await savedTable(director)).filter((line) => line.includes(`${vip}:${sessionsPort} -r`))
      .length === 2;
  return {
    isReady,
    over: async (what, standby, act) => {
      await waitUntil('table of sessions', patienceMs, () => isReady(standby));
      const addresses = await newAddresses();
      const flows = await startFlows(client, {
        ...{ address: vip, port: 80, longPage: '/long' },
        flows: Array.from({ length: connectionCount }, (_, index) => ({
          from: addresses[index % addresses.length] ?? '',
          kind: index < connectionCount / 2 ? 'download' : 'requests',
        })),
      });
      const had = flows.now();
      const sessions = await ask(addresses);
      const keys = [...had.map(({ client: key }) => key), ...addresses.map((one) => `${one}:0`)];
      await waitUntil(
        'the standby knows all',
        patienceMs,
        async () => {
          const known = await connectionsOf(standby);
          return keys.every((key) => known.has(key));
        },
        async () => JSON.stringify([keys, [...(await connectionsOf(standby))]]),
      );
      await act();
      const now = await flows.progress(patienceMs);
      const wentOn = now.filter((flow, index) => isSame(flow, had[index])).length;
      // all of one server first: round robin gives every other one back by chance
      const order = addresses.toSorted((a, b) => compare(sessions.get(a), sessions.get(b)));
      const met = await ask(order);
      const kept = order.filter((address) => met.get(address) === sessions.get(address)).length;
      console.log(
        `${what}: ${wentOn} of ${connectionCount} connections go on (half of them slow downloads),` +
          ` ${kept} of ${sessionCount} clients kept their server`,
      );
      assert.deepEqual([wentOn, kept], [connectionCount, sessionCount], JSON.stringify(now));
      assert.equal(new Set(sessions.values()).size, 2);
      await flows.stop();
    },
  };
}

function isSame(now: Flow, before: Flow | undefined): boolean {
  return now.lost === undefined && now.server !== '' && now.server === before?.server;
}

function compare(a = '', b = ''): number {
  return a.localeCompare(b);
}
