import { isIPv4, isIPv6 } from 'node:net';
import { parseArgs } from 'node:util';
import { messageOf } from '../config/system-error.ts';
import { IpvsClient } from '../ipvs-netlink/client.ts';
import type { SyncDaemon, SyncDaemonRole } from '../ipvs-netlink/daemon.ts';
import { NetlinkError } from '../ipvs-netlink/errors.ts';
import { CliError } from './cli-error.ts';
import { exitCodes } from './exit-codes.ts';
import { daemonText, isSameDaemon, lengthBounds } from './sync-daemon.ts';

/** The backup first: a director that is both shall miss nothing of the other. */
const roles = ['backup', 'master'] as const satisfies readonly SyncDaemonRole[];

/** IP_VS_IFNAME_MAXLEN is 16, with the zero byte at the end. */
const maxInterfaceBytes = 15;

const options = {
  syncid: { type: 'string' },
  port: { type: 'string' },
  group: { type: 'string' },
  maxlen: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

/**
 * `ipvsd sync start|stop|status`: the kernel's connection synchronisation. The kernel has one
 * daemon for each role in a network namespace; they live on without ipvsd.
 *
 * @returns 0; for `status` 3 when one of the roles asked for (any role: none at all) is not running.
 * @throws CliError with exit code 1 and one line for everything else.
 */
export async function syncCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options });
  const [verb, ...words] = positionals;
  switch (verb) {
    case 'start': {
      if (values.json) throw usageError('--json belongs to "sync status"');
      const wanted = wantedDaemons(words, values);
      return withClient((client) => start(client, wanted));
    }
    case 'stop': {
      const stopped = onlyRoles(words, values);
      if (values.json) throw usageError('--json belongs to "sync status"');
      return withClient(
        (client) => stop(client, stopped),
        () => exitCodes.ok,
      );
    }
    case 'status': {
      const asked = onlyRoles(words, values);
      const tell = (running: readonly SyncDaemon[]) =>
        status(running, asked, words.length > 0, values.json);
      return withClient(
        async (client) => tell(await client.daemons()),
        () => tell([]),
      );
    }
    default:
      throw usageError(`expected start, stop or status, got "${verb ?? ''}"`);
  }
}

type Values = { readonly [name in 'syncid' | 'port' | 'group' | 'maxlen']?: string };

function wantedDaemons(words: readonly string[], values: Values): readonly SyncDaemon[] {
  const [role, name, ...surplus] = words;
  if (role === undefined || name === undefined || surplus.length > 0) {
    throw usageError('start: expected master, backup or both, and an interface');
  }
  if (Buffer.byteLength(name) > maxInterfaceBytes) {
    throw usageError(`interface: expected at most ${maxInterfaceBytes} bytes, got "${name}"`);
  }
  const port = numberOption('port', values.port, 1, 65_535);
  const maxLength = numberOption('maxlen', values.maxlen, lengthBounds.min, lengthBounds.max);
  const common = {
    interface: name,
    syncId: numberOption('syncid', values.syncid, 0, 255) ?? 0,
    ...(port === undefined ? {} : { port }),
    ...(values.group === undefined ? {} : { group: multicastGroup(values.group) }),
    ...(maxLength === undefined ? {} : { maxLength }),
  };
  return rolesOf(role).map((one) => ({ role: one, ...common }));
}

function onlyRoles(words: readonly string[], values: Values): readonly SyncDaemonRole[] {
  const [role = 'both', ...surplus] = words;
  if (surplus.length > 0) throw usageError(`expected at most one role, got "${surplus.join(' ')}"`);
  for (const name of ['syncid', 'port', 'group', 'maxlen'] as const) {
    if (values[name] !== undefined) throw usageError(`--${name} belongs to "sync start"`);
  }
  return rolesOf(role);
}

function rolesOf(word: string): readonly SyncDaemonRole[] {
  if (word === 'both') return roles;
  const role = roles.find((one) => one === word);
  if (role === undefined) throw usageError(`role: expected master, backup or both, got "${word}"`);
  return [role];
}

function numberOption(
  name: string,
  text: string | undefined,
  min: number,
  max: number,
): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw usageError(`--${name}: expected a whole number from ${min} to ${max}, got "${text}"`);
}

/** 224.0.0.0/4 (RFC 5771) or ff00::/8 (RFC 4291 2.7). */
function multicastGroup(text: string): string {
  const first = Number.parseInt(text, 10);
  if (isIPv4(text) && first >= 224 && first <= 239) return text;
  if (isIPv6(text) && !text.includes('%') && /^ff../i.test(text)) return text;
  throw usageError(`--group: expected an IPv4 or IPv6 multicast address, got "${text}"`);
}

/** Those that run as they should are left alone: a restart loses what is on its way. */
async function start(client: IpvsClient, wanted: readonly SyncDaemon[]): Promise<number> {
  const running = new Map((await client.daemons()).map((daemon) => [daemon.role, daemon]));
  for (const daemon of wanted) {
    const found = running.get(daemon.role);
    if (found !== undefined && isSameDaemon(daemon, found)) continue;
    if (found === undefined) await client.startDaemon(daemon);
    else await replace(client, found, daemon);
    const before = found === undefined ? '' : `, restarted; it had ${daemonText(found)}`;
    process.stdout.write(`${daemon.role} started(${daemonText(daemon)})${before}\n`);
  }
  return exitCodes.ok;
}

/**
 * The kernel has one daemon for each role, and looks at the values of another one when it starts it:
 * at the interface and its addresses, and at the table. When it refuses them the one before runs on.
 */
async function replace(client: IpvsClient, found: SyncDaemon, daemon: SyncDaemon): Promise<void> {
  await client.stopDaemon(found.role);
  try {
    await client.startDaemon(daemon);
  } catch (refusal) {
    const before = `${found.role} with ${daemonText(found)}`;
    const outcome = await client.startDaemon(found).then(
      () => `restored: ${before}`,
      (error) => `not restored: ${before}: ${messageOf(error)}`,
    );
    throw new CliError(`${messageOf(refusal)}; ${outcome}`, exitCodes.failure);
  }
}

async function stop(client: IpvsClient, stopped: readonly SyncDaemonRole[]): Promise<number> {
  const running = new Set((await client.daemons()).map(({ role }) => role));
  for (const role of stopped) {
    if (!running.has(role)) continue;
    await client.stopDaemon(role);
    process.stdout.write(`${role} stopped\n`);
  }
  return exitCodes.ok;
}

function status(
  daemons: readonly SyncDaemon[],
  asked: readonly SyncDaemonRole[],
  all: boolean,
  json: boolean,
): number {
  const running = daemons.filter(({ role }) => asked.includes(role));
  if (json) {
    process.stdout.write(`${JSON.stringify(running, undefined, 2)}\n`);
  } else {
    for (const role of asked) {
      const daemon = running.find((one) => one.role === role);
      const state = daemon === undefined ? 'stopped' : `running(${daemonText(daemon)})`;
      process.stdout.write(`${role} ${state}\n`);
    }
  }
  return running.length >= (all ? asked.length : 1) ? exitCodes.ok : exitCodes.notRunning;
}

/** @param withoutIpvs what to do where the kernel has no IPVS, and so no daemon; else it is an error. */
async function withClient(
  use: (client: IpvsClient) => Promise<number>,
  withoutIpvs?: () => number,
): Promise<number> {
  try {
    const client = await IpvsClient.open();
    try {
      return await use(client);
    } finally {
      await client.close();
    }
  } catch (error) {
    if (!(error instanceof NetlinkError)) throw error;
    if (error.code === 'ENOENT' && withoutIpvs !== undefined) return withoutIpvs();
    throw new CliError(error.message, exitCodes.failure);
  }
}

function usageError(text: string): CliError {
  return new CliError(`sync: ${text}`, exitCodes.failure);
}
