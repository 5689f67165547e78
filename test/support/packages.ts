import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';

export interface Package {
  /** Its name in Debian and Ubuntu. */
  readonly name: string;
  /** The command that tells whether it is there, on any distribution: its name, or its path. */
  readonly command: string;
}

const NETWORK: readonly Package[] = [
  { name: 'ipvsadm', command: 'ipvsadm' },
  { name: 'iproute2', command: 'ip' },
  { name: 'iputils-ping', command: 'ping' },
  { name: 'kmod', command: 'modprobe' },
  { name: 'util-linux', command: 'unshare' },
  { name: 'nginx-light', command: 'nginx' },
  { name: 'curl', command: 'curl' },
  { name: 'procps', command: 'pgrep' },
];

/** What the topology and the demo need, whichever kernel they run in. */
export const networkPackages = NETWORK;

/** The kernel to boot where the running one has no IPVS. */
export const umlPackages: readonly Package[] = [{ name: 'user-mode-linux', command: 'linux.uml' }];

/** The programs that ipvsd is compared with. */
export const comparedPackages: readonly Package[] = [
  { name: 'ldirectord', command: 'ldirectord' },
  { name: 'keepalived', command: 'keepalived' },
];

const cluster: readonly Package[] = [
  { name: 'heartbeat', command: 'cl_status' },
  { name: 'pacemaker', command: 'pacemakerd' },
  { name: 'corosync', command: 'corosync' },
  { name: 'crmsh', command: 'crm' },
  { name: 'resource-agents', command: 'ocf-tester' },
  { name: 'libxml2-utils', command: 'xmllint' },
  { name: 'shellcheck', command: 'shellcheck' },
  { name: 'bird2', command: 'bird' },
];

/** The cluster engines, for the tier of that name. */
export const clusterPackages = cluster;

/** The real servers that checks are tried on, and the like, by the test file that runs them. */
const serverPackages: Readonly<Record<string, readonly Package[]>> = {
  'kernel/pool-checks': [
    { name: 'dnsmasq-base', command: 'dnsmasq' },
    { name: 'exim4-daemon-light', command: 'exim4' },
    { name: 'redis-server', command: 'redis-server' },
  ],
  'kernel/service-files': [
    { name: 'systemd', command: 'systemd-analyze' },
    { name: 'logrotate', command: 'logrotate' },
    { name: 'socat', command: 'socat' },
  ],
  'kernel/servers-databases': [
    { name: 'mariadb-server-core', command: 'mariadbd' },
    { name: 'mariadb-client-core', command: 'my_print_defaults' },
    { name: 'postgresql', command: 'pg_ctlcluster' },
  ],
  'kernel/servers-directory': [
    { name: 'slapd', command: 'slapd' },
    { name: 'freeradius', command: 'freeradius' },
  ],
  'kernel/servers-dns-proxy': [
    { name: 'dnsmasq-base', command: 'dnsmasq' },
    { name: 'squid', command: 'squid' },
  ],
  'kernel/servers-mail': [
    { name: 'exim4-daemon-light', command: 'exim4' },
    { name: 'dovecot-imapd', command: '/usr/lib/dovecot/imap-login' },
    { name: 'dovecot-pop3d', command: '/usr/lib/dovecot/pop3-login' },
  ],
  'kernel/servers-sip-ftp-nntp': [
    { name: 'kamailio', command: 'kamailio' },
    { name: 'vsftpd', command: 'vsftpd' },
    { name: 'leafnode', command: 'leafnode' },
    { name: 'socat', command: 'socat' },
  ],
  'contrib/shown-in-readmes': [{ name: 'systemd', command: 'systemd-analyze' }],
  'cli/nft': [{ name: 'nftables', command: 'nft' }],
  'doctor/gather/packet-rules': [
    { name: 'nftables', command: 'nft' },
    { name: 'iptables', command: 'iptables' },
  ],
  'doctor/gather/tool': [
    { name: 'iputils-arping', command: 'arping' },
    { name: 'openssh-client', command: 'ssh' },
  ],
  'kernel/two-node': [
    { name: 'nftables', command: 'nft' },
    { name: 'iputils-arping', command: 'arping' },
  ],
  'beside/doctor-director': [
    { name: 'nftables', command: 'nft' },
    { name: 'iptables', command: 'iptables' },
    { name: 'iputils-arping', command: 'arping' },
  ],
  'beside/doctor-peer': [
    { name: 'openssh-client', command: 'ssh' },
    { name: 'openssh-server', command: 'sshd' },
  ],
  'beside/doctor': [{ name: 'keepalived', command: 'keepalived' }],
  'beside/genhash': [{ name: 'keepalived', command: 'genhash' }],
  'ha/one-network-keepalived': [
    { name: 'iputils-arping', command: 'arping' },
    { name: 'openssl', command: 'openssl' },
    { name: 'systemd', command: 'systemd-tmpfiles' },
  ],
  'ha/two-networks-heartbeat': [{ name: 'iputils-arping', command: 'arping' }],
  'ha/two-node': [
    { name: 'nftables', command: 'nft' },
    { name: 'iputils-arping', command: 'arping' },
  ],
  'man/roff': [{ name: 'groff-base', command: 'groff' }],
};

/** What the test files of these names need besides what all of them need. */
export function serverPackagesOf(names: readonly string[]): readonly Package[] {
  return names.flatMap((name) => serverPackages[name] ?? []);
}

/** What became of the wish: all there, or a reason in one line that names what is missing. */
export type PackagesOutcome =
  | { readonly kind: 'ready'; readonly installed: readonly string[] }
  | { readonly kind: 'missing'; readonly reason: string };

/**
 * Makes sure that the packages are there: installs the missing ones with apt-get when run by root
 * on Debian or Ubuntu, and otherwise says which they are. No service is started or left enabled.
 */
export async function ensurePackages(
  packages: readonly Package[],
  log: (line: string) => void,
): Promise<PackagesOutcome> {
  const missing = findMissing(packages);
  if (missing.length === 0) {
    return { kind: 'ready', installed: [] };
  }
  const names = missing.map(({ name }) => name);
  const list = names.join(' ');
  if (findCommand('apt-get') === undefined) {
    return { kind: 'missing', reason: `missing programs, of Debian's packages: ${list}` };
  }
  if (process.getuid?.() !== 0) {
    return {
      kind: 'missing',
      reason: `missing packages, to be installed by root: apt-get install ${list}`,
    };
  }
  log(`installing ${list}`);
  const failure = await install(names);
  const stillMissing = findMissing(packages).map(({ name }) => name);
  if (failure !== undefined || stillMissing.length > 0) {
    const detail = failure ?? 'installed, but their commands are not there';
    return { kind: 'missing', reason: `missing packages: ${stillMissing.join(' ')}: ${detail}` };
  }
  return { kind: 'ready', installed: names };
}

function findMissing(packages: readonly Package[]): readonly Package[] {
  return packages.filter(({ command }) => findCommand(command) === undefined);
}

/** Looks where root's programs are too: a plain user's PATH often lacks the sbin directories. */
function findCommand(command: string): string | undefined {
  const { PATH = '' } = process.env;
  return [...PATH.split(':'), '/usr/sbin', '/sbin', '/usr/bin', '/bin']
    .map((directory) => path.resolve(directory, command))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

const POLICY_FILE = '/usr/sbin/policy-rc.d';

/** Returns what went wrong, in one line; undefined when all are installed. */
async function install(names: readonly string[]): Promise<string | undefined> {
  const restore = forbidServiceStarts();
  try {
    const first = await aptGet(['install', ...names]);
    if (first === undefined) {
      return undefined;
    }
    // Package lists that are missing or too old are the usual cause, and fetching them takes time.
    return (await aptGet(['update'])) ?? (await aptGet(['install', ...names]));
  } finally {
    restore();
    await disableServices(names);
  }
}

const waitForLock = ['-o', 'DPkg::Lock::Timeout=300'];

async function aptGet(args: readonly string[]): Promise<string | undefined> {
  // Never at the price of another package: of mail servers, for one, a machine can have only one.
  const options = ['-y', '-q', '--no-remove', '--no-install-recommends'];
  const result = await execa('apt-get', [...options, ...waitForLock, ...args], {
    reject: false,
    all: true,
    stdin: 'ignore',
    env: { DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (!result.failed) {
    return undefined;
  }
  const errors = (result.all ?? '').split('\n').filter((line) => line.startsWith('E: '));
  return `apt-get ${args[0]}: ${errors.join(' ') || result.shortMessage}`;
}

/** Debian's own way to say "install, but start nothing": invoke-rc.d asks this script first. */
function forbidServiceStarts(): () => void {
  if (existsSync(POLICY_FILE)) {
    return () => undefined;
  }
  const text = '#!/bin/sh\nexit 101\n';
  writeFileSync(POLICY_FILE, text);
  chmodSync(POLICY_FILE, 0o755);
  return () => {
    if (readFileSync(POLICY_FILE, 'utf8') === text) {
      rmSync(POLICY_FILE);
    }
  };
}

/** What was installed for a test must not come up by itself at the next start of the machine. */
async function disableServices(names: readonly string[]): Promise<void> {
  const services = names.flatMap((name) => SERVICES[name] ?? []);
  if (services.length > 0 && findCommand('systemctl') !== undefined) {
    await execa('systemctl', ['disable', ...services], { reject: false });
  }
}

const SERVICES: Readonly<Record<string, readonly string[]>> = {
  'nginx-light': ['nginx'],
  'dovecot-imapd': ['dovecot'],
  'dovecot-pop3d': ['dovecot'],
  'exim4-daemon-light': ['exim4'],
  freeradius: ['freeradius'],
  ipvsadm: ['ipvsadm'],
  kamailio: ['kamailio'],
  ldirectord: ['ldirectord'],
  heartbeat: ['heartbeat', 'logd'],
  pacemaker: ['pacemaker'],
  corosync: ['corosync'],
  bird2: ['bird'],
  leafnode: ['leafnode.socket'],
  nftables: ['nftables'],
  'openssh-server': ['ssh'],
  postgresql: ['postgresql'],
  'redis-server': ['redis-server'],
  slapd: ['slapd'],
  squid: ['squid'],
  vsftpd: ['vsftpd'],
};
