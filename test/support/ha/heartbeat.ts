import { chmod, cp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Host } from '../topology/host.ts';
import { contrib } from './agents.ts';
import { type ClusterNode, createNode, type NodeOptions } from './node.ts';

export const HEARTBEAT = '/usr/libexec/heartbeat/heartbeat';

/** Seconds of the cluster's ha.cf: short enough for a test, long enough for a slow kernel. */
export const timing = { keepaliveS: 1, deadtimeS: 8, initdeadS: 20 } as const;

/** Seed 004's haresources, word for word, which is written with line continuations there. */
const HARESOURCES = `loadb1 \\
  ldirectord::ldirectord.cf \\
  LVSSyncDaemonSwap::master \\
  IPaddr2::192.168.0.105/24/eth0/192.168.0.255
`;

// What /etc/init.d/heartbeat does before it starts the program.
export const BOOT = `
mkdir -p /run/heartbeat/rsctmp /run/heartbeat/ccm /run/heartbeat/crm /run/heartbeat/dopd /run/resource-agents
chmod 1755 /run/heartbeat/rsctmp
chown hacluster:haclient /run/heartbeat /run/heartbeat/ccm /run/heartbeat/crm /run/heartbeat/dopd
`;

/** A director of a cluster that heartbeat v1 manages. */
export interface HeartbeatNode extends ClusterNode {
  /** Starts the engine; does not wait for anything. */
  startEngine(): Promise<void>;
  /** Stops the engine, which gives its resources away first. */
  stopEngine(): Promise<void>;
  /** Ends its master control process by SIGKILL. */
  killEngine(): Promise<void>;
  /** What the engine logged so far. */
  readonly logFile: string;
}

/**
 * Writes seed 004's heartbeat configuration for a node, adapted only in its times and log.
 *
 * @param ldirectordCf the file that both nodes have.
 * @param script the resource script `ldirectord`; ours if not given.
 */
export async function createHeartbeatNode(options: {
  readonly name: 'loadb1' | 'loadb2';
  readonly host: Host;
  readonly directory: string;
  readonly ldirectordCf: string;
  readonly script?: string;
}): Promise<HeartbeatNode> {
  const { name, host, ldirectordCf } = options;
  const directory = path.join(options.directory, name);
  const logFile = path.join(directory, 'ha.log');
  const binds = await layOutHeartbeat(directory);
  const etc = path.join(directory, 'ha.d');
  await writeFile(path.join(etc, 'ha.cf'), haCf(logFile));
  await writeFile(path.join(etc, 'haresources'), HARESOURCES);
  await writeFile(path.join(etc, 'authkeys'), 'auth 3\n3 md5 somerandomstring\n', { mode: 0o600 });
  await writeFile(path.join(etc, 'ldirectord.cf'), ldirectordCf);
  if (options.script !== undefined) {
    await cp(options.script, path.join(etc, 'resource.d/ldirectord'));
  }
  const node = createNode({ name, host, directory, binds, boot: BOOT });
  return {
    ...node,
    logFile,
    startEngine: async () => void (await node.exec([HEARTBEAT], { timeoutMs: 60_000 })),
    stopEngine: async () => void (await node.exec([HEARTBEAT, '-k'], { timeoutMs: 120_000 })),
    killEngine: async () => {
      const { stdout: pid } = await node.exec(['cat', '/run/heartbeat.pid']);
      await node.exec(['kill', '-9', pid.trim()]);
    },
  };
}

/**
 * Copies what the package of heartbeat has put on the machine into a directory, with our resource
 * scripts in it, and files of /etc/ha.d from elsewhere.
 *
 * @returns what a node lays over the machine's own.
 */
export async function layOutHeartbeat(
  directory: string,
  files: readonly string[] = [],
): Promise<NodeOptions['binds']> {
  const etc = path.join(directory, 'ha.d');
  await cp('/etc/ha.d', etc, { recursive: true, verbatimSymlinks: true });
  await cp('/var/lib/heartbeat', path.join(directory, 'lib'), { recursive: true });
  for (const name of ['ldirectord', 'LVSSyncDaemonSwap']) {
    const script = path.join(etc, 'resource.d', name);
    // a link to the program, which would be written
    await rm(script, { force: true });
    await cp(path.join(contrib, 'heartbeat', name), script);
  }
  for (const file of files) {
    const copy = path.join(etc, path.basename(file));
    await cp(file, copy);
    if (copy.endsWith('/authkeys')) await chmod(copy, 0o600);
  }
  return [
    { folder: 'ha.d', over: '/etc/ha.d' },
    { folder: 'lib', over: '/var/lib/heartbeat' },
  ];
}

function haCf(logFile: string): string {
  return `logfile ${logFile}.short
debugfile ${logFile}
keepalive ${timing.keepaliveS}
warntime ${timing.deadtimeS - 2}
deadtime ${timing.deadtimeS}
initdead ${timing.initdeadS}
bcast eth0
mcast eth0 225.0.0.1 694 1 0
auto_failback off
node loadb1
node loadb2
`;
}
