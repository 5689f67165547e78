import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { type Ipvsd, ipvsdOn, savedTable } from '../support/ipvsd.ts';
import { dnsPort, dnsRecords, startDnsmasq } from '../support/real-servers/dnsmasq.ts';
import { eximPorts, startExim } from '../support/real-servers/exim.ts';
import { type RealServer, sharedDirectory } from '../support/real-servers/real-server.ts';
import { redisPort, startRedis } from '../support/real-servers/redis.ts';
import { tlsFixture } from '../support/tls-identity.ts';
import { createHost, type Host } from '../support/topology/host.ts';
import type { HostProcess } from '../support/topology/host-process.ts';
import type { NginxServer } from '../support/topology/nginx.ts';

const vip = '10.9.0.200';
const pingAddress = '10.9.0.77';
const agentPort = 9777;
const timeoutMs = 4000;
const patienceMs = 60_000;
const directory = sharedDirectory('pool-checks');
const inDirectory = (name: string): string => path.join(directory, name);

/** One virtual server for each, whose port is the place in this list, with a server of weight 10. */
interface Row {
  readonly name: string;
  readonly check: readonly string[];
}

const page = 'All is well';
const md5 = createHash('md5').update(`${page}\n`).digest('hex');
const sha256 = createHash('sha256').update(`${page}\n`).digest('hex');
/** A question for www.example.com, A; the answer begins with the same number, and is one (RFC 1035, 4.1). */
const question = '12340100000100000000000003777777076578616d706c6503636f6d0000010001';
const tls = ['verify = ca', `cafile = ${tlsFixture('ca.pem')}`];

const rows: readonly Row[] = [
  { name: 'tcp', check: ['tcp', `port = ${redisPort}`] },
  { name: 'tcp over TLS', check: ['tcp', 'port = 8443', 'tls = yes', ...tls] },
  {
    name: 'http',
    check: [
      ...['http', 'port = 8080', 'path = /md5', `digest = ${md5}`, 'path = /none', 'status = 404'],
      ...['path = /regex', 'status = 200 301-302', 'regex = "is w.ll"', 'path = /sha256'],
      ...[`digest = ${sha256}`],
    ],
  },
  { name: 'http, regexnot', check: ['http', 'port = 8080', 'path = /not', 'regexnot = "error"'] },
  { name: 'https', check: ['https', 'port = 8443', 'path = /md5', `digest = ${md5}`, ...tls] },
  { name: 'smtp', check: ['smtp', `port = ${eximPorts.smtp}`, 'helo = lb.example.com'] },
  {
    name: 'dns',
    check: ['dns', `port = ${dnsPort}`, 'query = A', `name = ${dnsRecords.name}`],
  },
  {
    name: 'udp',
    check: ['udp', `port = ${dnsPort}`, `payload = ${question}`, 'reply = 12348x', 'minreply = 40'],
  },
  { name: 'udp without reply', check: ['udp', `port = ${dnsPort}`, 'payload = 00'] },
  { name: 'ping', check: ['ping', `address = ${pingAddress}`] },
  { name: 'misc', check: ['misc', `command = ${inDirectory('misc')}`, 'dynamic = yes'] },
  {
    name: 'file',
    check: [
      'file',
      `path = ${inDirectory('weights/file')}`,
      'weight = 2',
      'interval = 60',
      'timeout = 30',
    ],
  },
  { name: 'redis', check: ['redis'] },
  { name: 'agent', check: ['agent', `port = ${agentPort}`, 'send = "web\\n"'] },
  { name: 'agent that is not there', check: ['agent', 'port = 9778'] },
  { name: 'smtp, refused', check: ['smtp', `port = ${eximPorts.refusesHello}`] },
  { name: 'dns, unknown', check: ['dns', `port = ${dnsPort}`, 'name = none.example.com'] },
];

const file = `checkinterval=1
checktimeout=5
quiescent=no
definecheck = redis
        port = ${redisPort}
        send = "PING\\r\\n"
        expect = "\\+PONG"
        timeout = ${timeoutMs / 1000}
${rows
  .map(({ check: [word, ...parameters] }, index) => {
    const isOwn = (name: string) => parameters.some((line) => line.startsWith(name));
    const limit = word === 'redis' || isOwn('timeout') ? [] : [`timeout = ${timeoutMs / 1000}`];
    const lines = [...parameters, ...limit, ...(isOwn('interval') ? [] : ['interval = 3'])];
    return `virtual=${vip}:${index + 1}
        real=127.0.0.1:${index + 1} gate 10
        check = ${word}
${[...lines, 'retry = 0'].map((line) => `                ${line}\n`).join('')}        scheduler=wrr
`;
  })
  .join('')}`;

let host: Host;
let ipvsd: Ipvsd;
let daemon: HostProcess;
let web: NginxServer;
let secure: NginxServer;
let mail: RealServer;
let names: RealServer;
let redis: RealServer;
let agent: Agent;

before(async () => {
  // the namespace of this process, where the servers are, as a host
  await execa('ip', ['netns', 'attach', 'checks', String(process.pid)]);
  await execa('ip', ['addr', 'add', `${pingAddress}/32`, 'dev', 'lo']);
  const identity = { name: 'checks', namespace: 'checks', ipv4: '127.0.0.1', ipv6: '::1' };
  host = createHost({ ...identity, inner: undefined, directory });
  mkdirSync(inDirectory('weights'));
  setExitCode('0');
  setNumber('0');
  const pages = { '/md5': page, '/regex': page, '/sha256': page, '/not': page };
  web = await host.nginx({ port: 8080, pages });
  secure = await startSecure('trusted');
  mail = await startExim(inDirectory('exim'));
  names = await startDnsmasq(inDirectory('dnsmasq'));
  redis = await startRedis(directory);
  agent = await startAgent('up\n');
  ipvsd = ipvsdOn(host, inDirectory('etc'), 'checks.cf', file);
  daemon = await ipvsd.run();
});
after(async () => {
  await daemon?.stop();
  agent?.stop();
  await Promise.all([web, secure].map((server) => server?.kill()));
  await Promise.all([mail, names, redis].map((server) => server?.stop()));
});

const startSecure = (name: 'trusted' | 'self-signed') =>
  host.nginx({
    port: 8443,
    pages: { '/md5': page },
    tls: { certificateFile: tlsFixture(`${name}.pem`), keyFile: tlsFixture(`${name}.key`) },
  });

function setExitCode(code: string): void {
  const script = inDirectory('misc.new');
  writeFileSync(script, `#!/bin/sh\n${code === 'never' ? 'sleep 60' : `exit ${code}`}\n`);
  chmodSync(script, 0o755);
  renameSync(script, inDirectory('misc'));
}

function setNumber(text: string): void {
  writeFileSync(inDirectory('weights/file'), `${text}\n`);
}

interface Agent {
  /** What it says from now on; undefined: nothing. */
  say(words: string | undefined): void;
  stop(): void;
}

async function startAgent(first: string): Promise<Agent> {
  let words: string | undefined = first;
  const server: Server = createServer((socket) => {
    socket.on('error', () => undefined);
    // it answers who has said what it is about
    socket.on('data', () => {
      if (words !== undefined) socket.end(words);
    });
  });
  server.listen(agentPort, '127.0.0.1');
  await once(server, 'listening');
  return {
    say: (next) => {
      words = next;
    },
    stop: () => void server.close(),
  };
}

/** The weight of each server in the kernel, by the name of its row; those that are out are missing. */
async function weights(): Promise<ReadonlyMap<string, number>> {
  const lines = await savedTable(host);
  const found = lines.flatMap((line) => {
    const [, port, weight] = / -r 127\.0\.0\.1:(\d+) -g -w (\d+)$/.exec(line) ?? [];
    const row = rows[Number(port) - 1];
    return row === undefined ? [] : [[row.name, Number(weight)] as const];
  });
  return new Map(found);
}

const good = new Map(
  rows
    .filter(({ name }) => name !== 'smtp, refused' && name !== 'dns, unknown')
    .map(({ name }) => [name, 10]),
);

/** Waits until the weights are as when all is well, but for these; `out` for those that are out. */
async function waitForAllBut(changes: Readonly<Record<string, number | 'out'>>): Promise<number> {
  const wished = new Map(good);
  for (const [name, weight] of Object.entries(changes)) {
    if (weight === 'out') wished.delete(name);
    else wished.set(name, weight);
  }
  const begin = performance.now();
  for (;;) {
    const found = await weights();
    const wrong = [...new Set([...wished.keys(), ...found.keys()])].filter(
      (name) => wished.get(name) !== found.get(name),
    );
    if (wrong.length === 0) return performance.now() - begin;
    if (performance.now() - begin > patienceMs) {
      const seen = wrong.map((name) => `${name}: ${found.get(name) ?? 'out'}`).join(', ');
      const { stdout } = await ipvsd.call('status');
      throw new Error(`weights: ${seen}\n${stdout}`);
    }
    // each look is a process, which costs the kernel of a test more than a check does
    await sleep(1000);
  }
}

/** The reason in `status` for the server of a row. */
async function statusOf(name: string): Promise<string> {
  const { stdout } = await ipvsd.call('status');
  const port = rows.findIndex((row) => row.name === name) + 1;
  const line = stdout.split('\n').find((one) => one.includes(`127.0.0.1:${port} `));
  return line?.trim() ?? '';
}

describe('every kind of check block', () => {
  it('is up at a server that is well, and an agent that is not there says nothing', async () => {
    await waitForAllBut({});
    const { exitCode, stdout } = await ipvsd.call('plan', 'CONFIG');
    assert.deepEqual([exitCode, stdout], [0, '']);
    assert.match(await statusOf('http'), / up .* 10 .*http 127\.0\.0\.1:8080 \/md5 \/none/);
  });

  it('is down when the server says something else, and up again when that is mended', async () => {
    for (const name of ['/sha256', '/not']) await web.setPage(name, 'error');
    await secure.stop();
    const forged = await startSecure('self-signed');
    await host.exec(['redis-cli', 'config', 'set', 'requirepass', 'secret']);
    setExitCode('1');
    setNumber('-2147483647');
    await execa('ip', ['addr', 'del', `${pingAddress}/32`, 'dev', 'lo']);
    await waitForAllBut({
      http: 'out',
      'http, regexnot': 'out',
      'tcp over TLS': 'out',
      https: 'out',
      redis: 'out',
      misc: 'out',
      file: 'out',
      ping: 'out',
    });
    assert.match(await statusOf('redis'), /NOAUTH/);
    for (const name of ['/sha256', '/not']) await web.setPage(name, page);
    await forged.stop();
    await secure.start();
    await host.exec(['redis-cli', '-a', 'secret', 'config', 'set', 'requirepass', '']);
    setExitCode('0');
    setNumber('0');
    await execa('ip', ['addr', 'add', `${pingAddress}/32`, 'dev', 'lo']);
    await waitForAllBut({});
  });

  it('is down at the deadline when the server is silent, while the others go on', async () => {
    for (const server of [web, secure, mail, names, redis]) server.freeze();
    setExitCode('never');
    agent.say(undefined);
    const silent = {
      'tcp over TLS': 'out',
      http: 'out',
      'http, regexnot': 'out',
      https: 'out',
      smtp: 'out',
      dns: 'out',
      udp: 'out',
      redis: 'out',
      misc: 'out',
    } as const;
    await waitForAllBut(silent);
    assert.match(await statusOf('redis'), /within 4[05]00 ms/);
    setNumber('-3');
    await waitForAllBut({ ...silent, file: 4 });
    setNumber('0');
    for (const server of [web, secure, mail, names, redis]) server.thaw();
    setExitCode('0');
    agent.say('up\n');
    await waitForAllBut({});
  });
});

describe('a check that moves the weight', () => {
  it('misc with dynamic = yes: exit codes from 2 on', async () => {
    setExitCode('7');
    await waitForAllBut({ misc: 5 });
    setExitCode('2');
    await waitForAllBut({ misc: 0 });
    setExitCode('255');
    await waitForAllBut({ misc: 253 });
    setExitCode('0');
    await waitForAllBut({});
  });

  it('file: as soon as it is written, replaced or removed, though its interval is a minute', async () => {
    setNumber('45');
    assert.ok((await waitForAllBut({ file: 100 })) < 30_000);
    writeFileSync(inDirectory('weights/new'), '-1\n');
    renameSync(inDirectory('weights/new'), inDirectory('weights/file'));
    assert.ok((await waitForAllBut({ file: 8 })) < 30_000);
    await host.exec(['rm', inDirectory('weights/file')]);
    assert.ok((await waitForAllBut({ file: 'out' })) < 30_000);
    setNumber('0');
    assert.ok((await waitForAllBut({})) < 30_000);
  });

  it('agent: percent, drain, maint, and as configured when it says no more than up', async () => {
    for (const [words, weight] of [
      ['50%\n', 5],
      ['up 1%\n', 1],
      ['drain\n', 0],
      ['maint\n', 'out'],
      ['ready 200%\n', 20],
      ['down # broken\n', 'out'],
    ] as const) {
      agent.say(words);
      await waitForAllBut({ agent: weight });
    }
    agent.say('up\n');
    await waitForAllBut({});
  });

  it('agent: what it said last holds while it is silent', async () => {
    agent.say('30%\n');
    await waitForAllBut({ agent: 3 });
    agent.say(undefined);
    await daemon.waitForOutput(/no answer within 4[05]00 ms.*Cannot check/, patienceMs);
    await waitForAllBut({ agent: 3 });
    assert.match(await statusOf('agent'), / up .* 3\/10 /);
    agent.say('up\n');
    await waitForAllBut({});
  });
});

describe('servers that stop', () => {
  it('are down, and what does not depend on them is not', async () => {
    for (const server of [web, secure, mail, names, redis]) await server.stop();
    await waitForAllBut({
      tcp: 'out',
      'tcp over TLS': 'out',
      http: 'out',
      'http, regexnot': 'out',
      https: 'out',
      smtp: 'out',
      dns: 'out',
      udp: 'out',
      'udp without reply': 'out',
      redis: 'out',
    });
    assert.match(await statusOf('tcp'), /connection refused/);
    const { exitCode, stdout } = await ipvsd.call('plan', 'CONFIG');
    assert.deepEqual([exitCode, stdout], [0, '']);
  });
});
