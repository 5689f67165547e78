import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, before, describe, it } from 'node:test';
import { execa } from 'execa';
import { requireIsolation } from '../support/kernel/isolate.ts';
import { runLoad, startLoad } from '../support/load.ts';
import type { Host } from '../support/topology/host.ts';
import { createTopology, type Topology } from '../support/topology.ts';

const VIP = '10.9.0.200';
const VIP6 = 'fd00:9::200';

requireIsolation('the harness test');

describe('the kernel tier', () => {
  it('has a real ip_vs with a table that is empty at first', async () => {
    const empty = await execa('ipvsadm', ['-Sn']);
    assert.equal(empty.stdout, '');
    await execa('ipvsadm', ['-A', '-t', '10.1.2.3:80', '-s', 'wrr', '-p', '60']);
    await execa('ipvsadm', ['-a', '-t', '10.1.2.3:80', '-r', '10.1.2.4:80', '-g', '-w', '3']);
    const filled = await execa('ipvsadm', ['-Sn']);
    assert.deepEqual(filled.stdout.split('\n'), [
      '-A -t 10.1.2.3:80 -s wrr -p 60',
      '-a -t 10.1.2.3:80 -r 10.1.2.4:80 -g -w 3',
    ]);
  });

  it('keeps what a test writes in a directory that is gone afterwards', () => {
    assert.equal(tmpdir(), '/run/tmp');
  });
});

describe('a flat topology', () => {
  let net: Topology;
  before(async () => {
    net = await createTopology({ clients: 2, directors: 1, reals: 2 });
    await Promise.all(net.reals.map((real) => real.nginx({ pages: { '/ok': 'alive' } })));
    await net.addVirtualAddress(VIP);
    await net.addVirtualAddress(VIP6);
  });
  after(() => net.teardown());

  it('has an empty IPVS table in every host', async () => {
    for (const host of [...net.directors, ...net.reals]) {
      assert.equal((await host.exec(['ipvsadm', '-Sn'])).stdout, '');
    }
  });

  it('takes a client to both servers by direct routing', async () => {
    await balance(
      net.director,
      `${VIP}:80`,
      net.reals.map(({ ipv4 }) => `${ipv4}:80`),
      '-g',
    );
    const summary = await runLoad(net.client, { url: `http://${VIP}/ok`, requests: 20 });
    assert.deepEqual(summary.servers, { real1: 10, real2: 10 });
    assert.deepEqual(summary.statuses, { 200: 20 });
    assert.equal(summary.failures, 0);
  });

  it('takes a client to both servers by direct routing over IPv6', async () => {
    await balance(
      net.director,
      `[${VIP6}]:80`,
      net.reals.map(({ ipv6 }) => `[${ipv6}]:80`),
      '-g',
    );
    const first = await net.client.fetch(`http://[${VIP6}]/`);
    const second = await net.host('client2').fetch(`http://[${VIP6}]/`);
    assert.deepEqual([first.body, second.body].sort(), ['real1', 'real2']);
  });

  it('takes a client to a server through an IPIP tunnel', async () => {
    const vip = '10.9.0.201';
    await net.addVirtualAddress(vip, { method: 'tunnel' });
    await balance(net.director, `${vip}:80`, [`${net.host('real2').ipv4}:80`], '-i');
    assert.deepEqual(await net.client.fetch(`http://${vip}/`), { status: 200, body: 'real2' });
  });

  it('answers only where the virtual address was balanced', async () => {
    await net.addVirtualAddress('10.9.0.202');
    await assert.rejects(net.client.fetch('http://10.9.0.202/'), /refused|connect/i);
  });
});

describe('a web server of the topology', () => {
  let net: Topology;
  before(async () => {
    net = await createTopology({ reals: 1 });
  });
  after(() => net.teardown());

  it('loses a page, is killed, and comes back', async () => {
    const real = net.host('real1');
    const server = await real.nginx({ port: 8080, pages: { '/check.html': 'OK' } });
    const url = `http://${real.ipv4}:8080`;
    assert.deepEqual(await net.client.fetch(`${url}/check.html`), { status: 200, body: 'OK' });
    await server.removePage('/check.html');
    assert.equal((await net.client.fetch(`${url}/check.html`)).status, 404);
    await server.kill();
    await assert.rejects(net.client.fetch(url), /refused|connect/i);
    await server.start();
    assert.deepEqual(await net.client.fetch(url), { status: 200, body: 'real1' });
    await server.stop();
    assert.deepEqual(await server.requests(), [
      'GET /check.html HTTP/1.1 200',
      'GET /check.html HTTP/1.1 404',
      'GET / HTTP/1.1 200',
    ]);
  });

  it('is seen to fail by a load that goes on', async () => {
    const real = net.host('real1');
    const server = await real.nginx({ port: 8081 });
    const load = await startLoad(net.client, {
      url: `http://${real.ipv4}:8081/`,
      concurrency: 2,
      pauseMs: 5,
    });
    await server.kill();
    const killedAtMs = Date.now();
    while (!load.events().some((event) => event.kind === 'failure')) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const summary = await load.stop();
    assert.ok(summary.failures > 0);
    const { real1 = 0 } = summary.servers;
    assert.ok(real1 > 0);
    assert.equal(summary.requests, summary.failures + real1);
    const late = load
      .events()
      .filter((event) => event.kind === 'answer' && event.atMs > killedAtMs);
    assert.deepEqual(late, []);
  });
});

describe('a routed topology', () => {
  let net: Topology;
  before(async () => {
    net = await createTopology({ layout: 'routed' });
    await Promise.all(net.reals.map((real) => real.nginx()));
    await net.addVirtualAddress(VIP, { method: 'masquerade' });
    await net.addVirtualAddress(VIP6, { method: 'masquerade' });
  });
  after(() => net.teardown());

  it('takes a client to both servers by masquerading', async () => {
    await balance(
      net.director,
      `${VIP}:80`,
      net.reals.map(({ ipv4 }) => `${ipv4}:80`),
      '-m',
    );
    const summary = await runLoad(net.client, { url: `http://${VIP}/`, requests: 10 });
    assert.deepEqual(summary.servers, { real1: 5, real2: 5 });
  });

  it('takes a client to both servers by masquerading over IPv6', async () => {
    await balance(
      net.director,
      `[${VIP6}]:80`,
      net.reals.map(({ ipv6 }) => `[${ipv6}]:80`),
      '-m',
    );
    const summary = await runLoad(net.client, { url: `http://[${VIP6}]/`, requests: 10 });
    assert.deepEqual(summary.servers, { real1: 5, real2: 5 });
  });
});

describe('tearing a topology down', () => {
  it('leaves no namespace and no process, also when it is done twice', async () => {
    const net = await createTopology();
    const real = net.host('real1');
    await real.nginx();
    // A daemon that nobody holds a handle of.
    await real.exec(['sh', '-c', 'setsid sleep 1000 >/dev/null 2>&1 & exit 0']);
    const { stdout } = await execa('ip', ['netns', 'pids', real.namespace]);
    const pids = stdout.split('\n');
    assert.equal(pids.length, 2);
    await Promise.all([net.teardown(), net.teardown()]);
    await net.teardown();
    assert.equal((await execa('ip', ['netns', 'list'])).stdout, '');
    for (const pid of pids) {
      assert.equal(await isAlive(Number(pid)), false);
    }
    assert.equal(existsSync(net.directory), false);
  });

  it('happens by itself when the construction fails half-way', async () => {
    await execa('ip', ['netns', 'add', 'half-real2']);
    await assert.rejects(createTopology({ name: 'half' }), /half-real2.*exists/s);
    assert.equal((await execa('ip', ['netns', 'list'])).stdout, '');
  });
});

async function balance(
  director: Host,
  service: string,
  servers: readonly string[],
  method: string,
): Promise<void> {
  await director.exec(['ipvsadm', '-A', '-t', service, '-s', 'rr']);
  for (const server of servers) {
    await director.exec(['ipvsadm', '-a', '-t', service, '-r', server, method]);
  }
}

/** A killed process stays as a zombie until its parent has asked for it. */
async function isAlive(pid: number): Promise<boolean> {
  const { stdout } = await execa('ps', ['-o', 'stat=', '-p', String(pid)], { reject: false });
  return stdout !== '' && !stdout.startsWith('Z');
}
