import { cp, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Host } from '../topology/host.ts';
import { type ClusterNode, createNode } from './node.ts';

/** A director of a cluster that corosync and Pacemaker manage. */
export interface PacemakerNode extends ClusterNode {
  /** Starts both engines; does not wait until they have found each other. */
  startEngine(): Promise<void>;
  /** Ends corosync by SIGKILL, as a crash would. */
  killCorosync(): Promise<void>;
  /** What Pacemaker logged so far. */
  readonly logFile: string;
}

/** What the packages' unit files and tmpfiles do before the programs start. */
const BOOT = `
mkdir -p /run/crm /run/resource-agents /run/corosync
chown hacluster:haclient /run/crm
`;

/**
 * Writes the configuration of a node.
 *
 * @param hosts all nodes of the cluster, by name.
 * @param ocfRoot the agents that it has.
 * @param files its own copies of what stands in /etc/ha.d, by name.
 */
export async function createPacemakerNode(options: {
  readonly name: string;
  readonly hosts: Readonly<Record<string, Host>>;
  readonly directory: string;
  readonly ocfRoot: string;
  readonly files: Readonly<Record<string, string>>;
}): Promise<PacemakerNode> {
  const { name, hosts } = options;
  const host = hosts[name];
  if (host === undefined) throw new Error(`node: expected one of the hosts, got "${name}"`);
  const directory = path.join(options.directory, name);
  for (const folder of ['ha.d', 'corosync', 'lib-corosync', 'lib-pacemaker']) {
    await mkdir(path.join(directory, folder), { recursive: true });
  }
  await cp('/var/lib/pacemaker', path.join(directory, 'lib-pacemaker'), { recursive: true });
  for (const [file, text] of Object.entries(options.files)) {
    await writeFile(path.join(directory, 'ha.d', file), text);
  }
  const logFile = path.join(directory, 'pacemaker.log');
  await writeFile(path.join(directory, 'corosync/corosync.conf'), corosyncConf(hosts, directory));
  const node = createNode({
    name,
    host,
    directory,
    binds: [
      { folder: 'ha.d', over: '/etc/ha.d' },
      { folder: 'corosync', over: '/etc/corosync' },
      { folder: 'lib-corosync', over: '/var/lib/corosync' },
      { folder: 'lib-pacemaker', over: '/var/lib/pacemaker' },
      { folder: path.relative(directory, options.ocfRoot), over: '/usr/lib/ocf' },
    ],
    boot: `${BOOT}chown -R hacluster:haclient /var/lib/pacemaker\n`,
  });
  const start = `corosync
PCMK_logfile=${logFile} PCMK_logfacility=none setsid pacemakerd </dev/null >${logFile}.out 2>&1 &`;
  return {
    ...node,
    logFile,
    startEngine: async () => void (await node.exec(['sh', '-euc', start])),
    killCorosync: async () => {
      const { stdout: pid } = await node.exec(['pgrep', '-x', 'corosync']);
      await node.exec(['kill', '-9', pid.trim()]);
    },
  };
}

function corosyncConf(hosts: Readonly<Record<string, Host>>, directory: string): string {
  const nodes = Object.entries(hosts).map(
    ([name, { ipv4 }], index) => `  node {
    name: ${name}
    nodeid: ${index + 1}
    ring0_addr: ${ipv4}
  }
`,
  );
  return `totem {
  version: 2
  cluster_name: ipvsd
  transport: udpu
  token: 10000
}
nodelist {
${nodes.join('')}}
quorum {
  provider: corosync_votequorum
  two_node: 1
}
logging {
  to_syslog: no
  to_stderr: no
  to_logfile: yes
  logfile: ${directory}/corosync.log
}
`;
}
