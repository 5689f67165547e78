import { existsSync, mkdirSync, mkdtempSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HostProcess } from './host-process.ts';

export interface NginxOptions {
  /** 80 if not given. */
  readonly port?: number;
  /** What it answers, by path; `/` answers with the host's name if not given. */
  readonly pages?: Readonly<Record<string, string>>;
  /** Answers `/` from memory with the host's name and writes down no requests: for heavy load. */
  readonly quick?: boolean;
  /** Sends each answer no faster than this. */
  readonly bytesPerSecond?: number;
  /** Serves HTTPS instead. */
  readonly tls?: { readonly certificateFile: string; readonly keyFile: string };
  readonly sites?: readonly TlsSite[];
}

/** One more virtual server over TLS; all its pages are its text. */
export interface TlsSite {
  readonly port: number;
  /** Of several sites at a port, the first answers where no name, or another one, is asked for. */
  readonly name: string;
  readonly certificateFile: string;
  readonly keyFile: string;
  /** Clients must show a certificate of this authority. */
  readonly clientCaFile?: string;
  readonly text: string;
}

/** A real web server. Every answer carries the host's name in the header `X-Server`. */
export interface NginxServer {
  setPage(page: string, text: string): Promise<void>;
  /** From now on the page answers 404. */
  removePage(page: string): Promise<void>;
  /**
   * The request lines seen so far, each followed by its status: `GET / HTTP/1.1 200`. A line may
   * come a moment after its answer; after `stop` all are there. Not for one that is `quick`.
   */
  requests(): Promise<readonly string[]>;
  stop(): Promise<void>;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
  /** Lets it accept, as the kernel does that, and be silent from then on (SIGSTOP). */
  freeze(): void;
  thaw(): void;
  /** Starts it again after `stop` or `kill`, with the pages that it had. */
  start(): Promise<void>;
}

const START_TIMEOUT_MS = 10_000;
const POLL_MS = 20;

/** Starts nginx in a host and waits until it accepts connections. */
export async function startNginx(
  host: {
    readonly name: string;
    readonly directory: string;
    spawn(command: readonly string[]): HostProcess;
  },
  options: NginxOptions,
): Promise<NginxServer> {
  const directory = mkdtempSync(path.join(host.directory, `nginx-${host.name}-`));
  const root = path.join(directory, 'pages');
  mkdirSync(root);
  const setPage = (page: string, text: string): Promise<void> => {
    const file = pageFile(root, page);
    mkdirSync(path.dirname(file), { recursive: true });
    return writeFile(file, `${text}\n`);
  };
  for (const [page, text] of Object.entries({ '/': host.name, ...options.pages })) {
    await setPage(page, text);
  }
  const config = path.join(directory, 'nginx.conf');
  await writeFile(config, renderConfig(directory, root, host.name, options));
  const start = (): Promise<HostProcess> =>
    launch(directory, config, (argv) => host.spawn(options.quick ? [...inBatches, ...argv] : argv));
  let running = await start();
  return {
    setPage,
    removePage: (page) => rm(pageFile(root, page)),
    requests: async () => {
      const log = await readFile(path.join(directory, 'access.log'), 'utf8');
      return log.split('\n').filter((line) => line !== '');
    },
    stop: () => running.stop(),
    kill: () => running.kill(),
    freeze: () => running.signal('SIGSTOP'),
    thaw: () => running.signal('SIGCONT'),
    start: async () => {
      running = await start();
    },
  };
}

/** It waits until others give way, and then does all that has come meanwhile (sched(7)). */
const inBatches = ['chrt', '--batch', '0'];

/** The pid file is written when the sockets listen already (nginx.c: main, after init_cycle). */
async function launch(
  directory: string,
  config: string,
  spawn: (argv: readonly string[]) => HostProcess,
): Promise<HostProcess> {
  const pidFile = path.join(directory, 'pid');
  await rm(pidFile, { force: true });
  const server = spawn(['nginx', '-p', directory, '-e', 'stderr', '-c', config]);
  let ended = false;
  void server.exited.then(() => {
    ended = true;
  });
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (!existsSync(pidFile)) {
    if (ended || performance.now() > deadline) {
      await server.kill();
      throw new Error(`nginx: expected it to start, it said "${server.output()}"`);
    }
    await sleep(POLL_MS);
  }
  return server;
}

// One process only, so that killing it is killing the whole server.
function renderConfig(
  directory: string,
  root: string,
  name: string,
  { port = 80, quick = false, bytesPerSecond = 0, tls, sites = [] }: NginxOptions,
): string {
  const ssl = tls === undefined ? '' : ' ssl';
  // taken from the kernel when the request is there, all at once: fewer system calls
  const deferred = quick ? ' deferred' : '';
  const certificate =
    tls === undefined
      ? ''
      : `ssl_certificate ${tls.certificateFile}; ssl_certificate_key ${tls.keyFile};`;
  const scratch = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${directory}/${kind};`,
  );
  return `
daemon off;
master_process off;
user root;
pid ${directory}/pid;
error_log stderr notice;
events { worker_connections 4096;${quick ? ' multi_accept on;' : ''} }
http {
  log_format short '$request $status';
  access_log ${quick ? 'off' : `${directory}/access.log short`};
  ${scratch.join('\n  ')}
  default_type text/plain;
  # connections outlive a takeover, however slow the machine
  send_timeout 1h; keepalive_timeout 1h; keepalive_requests 1000000;
  server {
    listen ${port}${ssl}${deferred};
    listen [::]:${port}${ssl} ipv6only=on${deferred};
    ${certificate}
    add_header X-Server ${name} always;
    limit_rate ${bytesPerSecond};
    ${quick ? `location = / { return 200 "${name}\\n"; }` : ''}
    root ${root};
    index index.txt;
  }
  ${sites.map(renderSite).join('\n  ')}
}
`;
}

function renderSite(site: TlsSite): string {
  const { port, name, certificateFile, keyFile, clientCaFile, text } = site;
  const client =
    clientCaFile === undefined
      ? ''
      : `ssl_verify_client on; ssl_client_certificate ${clientCaFile};`;
  return `server {
    listen ${port} ssl;
    listen [::]:${port} ssl;
    server_name ${name};
    ssl_certificate ${certificateFile}; ssl_certificate_key ${keyFile};
    ${client}
    location / { return 200 "${text}\\n"; }
  }`;
}

function pageFile(root: string, page: string): string {
  return path.join(root, page.endsWith('/') ? `${page}index.txt` : page);
}
