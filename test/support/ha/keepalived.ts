import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ClusterNode, createNode, type NodeOptions } from './node.ts';

const STOP_TIMEOUT_MS = 30_000;

/** A director whose addresses keepalived moves. */
export interface KeepalivedNode extends ClusterNode {
  /** Starts the engine; does not wait for anything. */
  startEngine(): Promise<void>;
  /** Stops the engine, which gives its addresses away, and waits until it has gone. */
  stopEngine(): Promise<void>;
  /** Ends all its processes by SIGKILL. */
  killEngine(): Promise<void>;
  /** Whether its check has succeeded last, so that it has its whole priority. */
  isWell(): boolean;
  /** What the engine and its scripts said so far. */
  log(): string;
}

/** A node that runs keepalived on the machine's /etc/keepalived/keepalived.conf, as systemd does. */
export function createKeepalivedNode(options: NodeOptions): KeepalivedNode {
  const node = createNode(options);
  const logFile = `${options.directory}/keepalived.log`;
  const start = `setsid keepalived --dont-fork --vrrp --log-console --log-detail --no-syslog \\
  </dev/null >>${logFile} 2>&1 &`;
  const processes = async () =>
    (await node.exec(['pidof', 'keepalived'], { allowFailure: true })).stdout.split(' ');
  const log = () =>
    existsSync(logFile) ? readFileSync(logFile, 'utf8').replace(/^.*gratuitous ARP.*\n/gm, '') : '';
  return {
    ...node,
    isWell: () => {
      const [run = ''] = log().split('Starting Keepalived').slice(-1);
      const changes = [...run.matchAll(/Changing effective priority from (\d+) to (\d+)/g)];
      const [, before, now] = changes.at(-1) ?? [];
      return Number(now) > Number(before);
    },
    startEngine: async () => void (await node.exec(['sh', '-euc', start])),
    stopEngine: async () => {
      await node.exec(['sh', '-euc', 'kill "$(cat /run/keepalived.pid)"']);
      const deadline = performance.now() + STOP_TIMEOUT_MS;
      while ((await processes())[0] !== '') {
        if (performance.now() > deadline) throw new Error(`${node.name}: keepalived does not end`);
        await sleep(100);
      }
    },
    killEngine: async () => {
      const all = await processes();
      // held first: the parent must not see its child end, and start another, before it ends itself
      for (const signal of ['-STOP', '-KILL']) await node.exec(['kill', signal, ...all]);
    },
    log,
  };
}
