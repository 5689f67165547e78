import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, resolve } from 'node:path';
import { importKeepalived } from '../../config/keepalived/import-keepalived.ts';
import { virtualKey } from '../../config/keys.ts';
import { loadConfig, parseConfig } from '../../config/load.ts';
import { controlSockets, ldirectordInstance } from '../../daemon/instance.ts';
import { networkNamespace } from '../../daemon/network-namespace.ts';
import { processNumbers } from '../../daemon/process-numbers.ts';
import { fetchSnapshot } from '../../status/control-client.ts';
import type { Looked, Manager } from '../facts.ts';

/** Programs of this network namespace that keep IPVS tables. */
export async function gatherManagers(): Promise<readonly Manager[]> {
  const own = networkNamespace();
  const found: Manager[] = [];
  for (const pid of processNumbers()) {
    const words = commandLine(pid);
    const [program = ''] = words;
    if (program === '' || networkNamespace(pid) !== own) continue;
    const manager = await managerOf(pid, words);
    if (manager !== undefined) found.push(manager);
  }
  return [...found, ...(await ownDaemons(own))];
}

function commandLine(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
  } catch {
    return [];
  }
}

async function managerOf(pid: number, words: readonly string[]): Promise<Manager | undefined> {
  const [program = '', ...args] = words;
  if (basename(program) === 'keepalived') return keepalivedManager(pid, args);
  const script = args.findIndex((word) => basename(word) === 'ldirectord');
  if (!basename(program).startsWith('perl') || script < 0) return undefined;
  return ldirectord(pid, args.slice(script + 1));
}

/**
 * Its children are named as it is; the one without a parent of that name counts.
 *
 * @returns undefined for one that keeps no virtual servers, whatever its file says.
 */
export async function keepalivedManager(
  pid: number,
  args: readonly string[],
): Promise<Manager | undefined> {
  if (basename(commandLine(parentOf(pid))[0] ?? '') === 'keepalived') return undefined;
  if (args.some((word) => word === '--vrrp' || /^-[A-Za-z]*P/.test(word))) return undefined;
  const isChecker = args.some((word) => word === '--check' || /^-[A-Za-z]*C/.test(word));
  const named = optionOf(args, '-f', '--use-file') ?? '/etc/keepalived/keepalived.conf';
  const config = resolve(workingDirectory(pid), named);
  const configId = optionOf(args, '-i', '--config-id') ?? hostname().split('.')[0] ?? '';
  const { text, vrrp } = importKeepalived(config, { configId, environment: process.env });
  const hasAddresses = !isChecker && /^vrrp_instance /m.test(vrrp ?? '');
  return {
    program: 'keepalived',
    pid,
    config,
    services: await keepalivedServices(config, text),
    ...(hasAddresses && { vrrp: args.filter((word) => !foreground.has(word)) }),
  };
}

/** What Debian's unit gives besides DAEMON_ARGS. */
const foreground: ReadonlySet<string> = new Set(['--dont-fork', '-n']);

/** @param text what its virtual servers are to ipvsd. */
async function keepalivedServices(
  path: string,
  text: string | undefined,
): Promise<Looked<readonly string[]>> {
  const unreadable = { unknown: `${path} cannot be read as a keepalived.conf` };
  if (text === undefined) return unreadable;
  const { config } = await parseConfig(text, path);
  return config === undefined
    ? unreadable
    : { value: config.virtuals.map(({ id }) => virtualKey(id)) };
}

function workingDirectory(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '/';
  }
}

/** @returns 0 when it has none here, or is gone. */
function parentOf(pid: number): number {
  try {
    return Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

function optionOf(args: readonly string[], short: string, long: string): string | undefined {
  for (const [index, word] of args.entries()) {
    if (word === short || word === long) return args[index + 1];
    if (word.startsWith(`${long}=`)) return word.slice(long.length + 1);
    if (word.startsWith(short) && word.length > short.length) return word.slice(short.length);
  }
  return undefined;
}

/** The original: `perl /usr/sbin/ldirectord [-d] [FILE] start` */
async function ldirectord(pid: number, args: readonly string[]): Promise<Manager> {
  const words = args.filter((word) => !word.startsWith('-'));
  const named = words.length > 1 ? words[0] : undefined;
  const fallback = named ?? 'ldirectord.cf';
  let config: string;
  try {
    config = ldirectordInstance(named).configPath;
  } catch {
    return {
      program: 'ldirectord',
      pid,
      config: fallback,
      services: { unknown: 'its file is not found' },
    };
  }
  const result = await loadConfig(config);
  const services =
    result.config === undefined
      ? { unknown: 'its file has errors' }
      : { value: result.config.virtuals.map(({ id }) => virtualKey(id)) };
  return { program: 'ldirectord', pid, config, services };
}

/** Daemons of ours tell themselves. */
async function ownDaemons(namespace: string): Promise<readonly Manager[]> {
  const sockets = controlSockets().filter((path) => existsSync(path));
  const snapshots = await Promise.all(
    sockets.map((socket) => fetchSnapshot(socket).catch(() => undefined)),
  );
  return snapshots.flatMap((snapshot): readonly Manager[] => {
    if (snapshot === undefined || snapshot.networkNamespace !== namespace) return [];
    const { pid, config, virtuals } = snapshot;
    const services = virtuals.map(({ key }) => key);
    return [{ program: 'ipvsd', pid, config, services: { value: services } }];
  });
}
