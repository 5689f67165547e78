import { execa } from 'execa';
import { type HostProcess, startProcess } from './host-process.ts';
import { type NginxOptions, type NginxServer, startNginx } from './nginx.ts';

export interface ExecOptions {
  readonly input?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  /** Give the result of a command that failed instead of throwing. */
  readonly allowFailure?: boolean;
}

export interface ExecResult {
  /** Undefined when a signal ended it. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface FetchResult {
  readonly status: number;
  readonly body: string;
}

export interface FetchOptions {
  readonly timeoutMs?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Addresses {
  readonly ipv4: string;
  readonly ipv6: string;
}

/** One machine of the topology: a network namespace, joined to the others by `eth0`. */
export interface Host {
  readonly name: string;
  readonly namespace: string;
  /** Its address on `eth0`, without prefix length. */
  readonly ipv4: string;
  readonly ipv6: string;
  /** Its addresses on the network of the real servers, for a director between two networks. */
  readonly inner: Addresses | undefined;
  /** Turns a command into the one that runs it in this host. */
  argv(command: readonly string[]): readonly string[];
  /** Runs a command to its end. @throws Error when it fails, unless `allowFailure`. */
  exec(command: readonly string[], options?: ExecOptions): Promise<ExecResult>;
  /** Starts a long-lived process; it ends with the topology at the latest. */
  spawn(
    command: readonly string[],
    options?: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> },
  ): HostProcess;
  /** Adds an address such as "10.9.0.50/32" to a device, `eth0` if not given. */
  addAddress(address: string, device?: string): Promise<void>;
  removeAddress(address: string, device?: string): Promise<void>;
  /** Sets a value below /proc/sys, named with dots: `net.ipv4.ip_forward`. */
  sysctl(name: string, value: string | number): Promise<void>;
  /** Asks for a page over a new connection. @throws Error when no full answer came. */
  fetch(url: string, options?: FetchOptions): Promise<FetchResult>;
  /** Starts a web server whose pages tell this host's name. */
  nginx(options?: NginxOptions): Promise<NginxServer>;
}

/** Certificates are not checked: the servers of a test sign their own. */
const CURL = ['curl', '--silent', '--show-error', '--globoff', '--insecure', '--noproxy', '*'];
const EXEC_TIMEOUT_MS = 300_000;
const FETCH_TIMEOUT_MS = 5_000;

/** A host for a namespace that exists. */
export function createHost(identity: {
  readonly name: string;
  readonly namespace: string;
  readonly ipv4: string;
  readonly ipv6: string;
  readonly inner: Addresses | undefined;
  /** Where its servers keep their files. */
  readonly directory: string;
}): Host {
  const argv = (command: readonly string[]): readonly string[] => [
    'nsenter',
    `--net=/run/netns/${identity.namespace}`,
    ...command,
  ];
  const exec: Host['exec'] = (command, options) => runCommand(argv(command), options ?? {});
  const changeAddress = async (verb: string, address: string, device = 'eth0'): Promise<void> => {
    // Without nodad a new IPv6 address cannot be used for the first one or two seconds.
    const flags = verb === 'add' && address.includes(':') ? ['nodad'] : [];
    await exec(['ip', 'addr', verb, address, 'dev', device, ...flags]);
  };
  const spawn: Host['spawn'] = (command, options) => startProcess(argv(command), options);
  const { name, namespace, ipv4, ipv6, inner, directory } = identity;
  return {
    name,
    namespace,
    ipv4,
    ipv6,
    inner,
    argv,
    exec,
    spawn,
    addAddress: (address, device) => changeAddress('add', address, device),
    removeAddress: (address, device) => changeAddress('del', address, device),
    sysctl: async (name, value) => {
      const file = `/proc/sys/${name.replaceAll('.', '/')}`;
      await exec(['tee', file], { input: String(value) });
    },
    fetch: (url, options) => fetchPage(exec, url, options ?? {}),
    nginx: (options) => startNginx({ name, directory, spawn }, options ?? {}),
  };
}

/** Runs a command outside of all hosts to its end. @throws Error when it fails, unless `allowFailure`. */
export async function runCommand(
  argv: readonly string[],
  options: ExecOptions,
): Promise<ExecResult> {
  const [command = '', ...args] = argv;
  const { exitCode, stdout, stderr } = await execa(command, args, {
    input: options.input ?? '',
    reject: options.allowFailure !== true,
    timeout: options.timeoutMs ?? EXEC_TIMEOUT_MS,
    env: { ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  return { exitCode, stdout, stderr };
}

async function fetchPage(
  exec: Host['exec'],
  url: string,
  options: FetchOptions,
): Promise<FetchResult> {
  const timeoutMs = options.timeoutMs ?? FETCH_TIMEOUT_MS;
  const headers = Object.entries(options.headers ?? {}).flatMap(([name, value]) => [
    '--header',
    `${name}: ${value}`,
  ]);
  const limit = ['--max-time', String(timeoutMs / 1000)];
  const statusLast = ['--write-out', '\n%{http_code}'];
  const { stdout } = await exec([...CURL, ...limit, ...statusLast, ...headers, url]);
  const cut = stdout.lastIndexOf('\n');
  return { status: Number(stdout.slice(cut + 1)), body: stdout.slice(0, cut).trimEnd() };
}
