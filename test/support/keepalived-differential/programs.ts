import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { importKeepalived } from '../../../src/config/keepalived/import-keepalived.ts';
import { namedInstance } from '../../../src/daemon/instance.ts';
import { program } from '../ipvsd.ts';
import type { Host } from '../topology/host.ts';
import type { HostProcess } from '../topology/host-process.ts';

/** One of the two programs, at work in a host of its own. */
export interface Running {
  readonly host: Host;
  readonly daemon: HostProcess;
  /** Of ipvsd: where it answers. */
  readonly socketPath?: string;
}

const START_TIMEOUT_MS = 300_000;
/** As of the fixtures. */
const configId = 'balancer1';

/** Debian's keepalived, without VRRP. */
export async function startKeepalived(host: Host, configPath: string): Promise<Running> {
  const pids = ['p', 'c', 'r', 'b'].flatMap((flag) => [`-${flag}`, `${configPath}.${flag}.pid`]);
  const options = ['-C', '-n', '-l', '-D', '-i', configId, ...pids];
  const daemon = host.spawn(['keepalived', ...options, '-f', configPath]);
  await daemon.waitForOutput(/Starting Healthcheck child/, START_TIMEOUT_MS);
  const running = { host, daemon };
  // the configuration is read, and its first files written, before the first service is there
  while (!/^(?:TCP|UDP|SCTP|FWM) /m.test(glance(running))) await sleep(50);
  return running;
}

/** ipvsd on what its import makes of the same file. */
export async function startIpvsd(host: Host, keepalivedPath: string): Promise<Running> {
  const configPath = keepalivedPath.replace(/\.conf$/, '.cf');
  writeFileSync(configPath, imported(keepalivedPath));
  const daemon = host.spawn([process.execPath, program, 'run', configPath]);
  await daemon.waitForOutput(/Serving \d+ virtual servers/, START_TIMEOUT_MS);
  return { host, daemon, socketPath: namedInstance(configPath).socketPath };
}

/** What `ipvsd import` prints, without the second that it takes to start it. */
export function imported(keepalivedPath: string): string {
  const { text, findings } = importKeepalived(keepalivedPath, { configId, environment: {} });
  if (text === undefined) throw new Error(`${keepalivedPath}: ${JSON.stringify(findings)}`);
  return text;
}

/**
 * Changes with the table, and costs no process: what the kernel shows of it in /proc.
 *
 * @throws Error with what the program said, when it has ended.
 */
export function glance({ daemon }: Running): string {
  try {
    return readFileSync(`/proc/${daemon.pid}/net/ip_vs`, 'utf8');
  } catch {
    throw new Error(`program: expected it to run, it has ended and said ${daemon.output()}`);
  }
}
