import assert from 'node:assert/strict';
import { cp, writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { installCommand } from '../support/ha/agents.ts';
import { createKeepalivedNode, type KeepalivedNode } from '../support/ha/keepalived.ts';
import { outageSince } from '../support/ha/outage.ts';
import { openRecipe, startNginx, type WebServer, webFolders } from '../support/ha/recipe.ts';
import { savedTable } from '../support/ipvsd.ts';
import { type Load, startLoad } from '../support/load.ts';
import { createTopology, type Topology } from '../support/topology.ts';
import { waitUntil } from '../support/wait-until.ts';

const vip = '192.168.0.99';
const clients = ['192.168.0.50', '192.168.0.51'] as const;
const service = `-A -t ${vip}:80 -s rr -p 1800`;
const rows = ['192.168.0.102', '192.168.0.103'].map(
  (real) => `-a -t ${vip}:80 -r ${real}:80 -g -w 1`,
);
/** Scripts that start Node several times, a slow kernel. */
const takeoverMs = 240_000;

describe("seed 001's page with ipvsd: contrib/examples/one-network-keepalived", () => {
  let net: Topology;
  let lb1: KeepalivedNode;
  let lb2: KeepalivedNode;
  let http1: WebServer;
  let http2: WebServer;
  let load: Load;
  let command: string;

  const waitFor = (what: string, look: () => boolean | Promise<boolean>) =>
    waitUntil(what, takeoverMs, look, () => `${lb1.log()}\n${lb2.log()}`);
  const hasVip = async ({ host }: KeepalivedNode) =>
    (await host.exec(['ip', '-4', '-o', 'addr', 'show', 'dev', 'eth0'])).stdout.includes(
      ` ${vip}/`,
    );
  const hasTable = async ({ host }: KeepalivedNode, expected: readonly string[]) =>
    (await savedTable(host)).join() === expected.join();
  const syncRole = async ({ host }: KeepalivedNode) =>
    (await host.exec(['ipvsadm', '-l', '--daemon'])).stdout.split(' ')[0];
  const isMaster = async (node: KeepalivedNode) =>
    (await hasVip(node)) && (await syncRole(node)) === 'master';
  const curl = async (url: string, ...options: readonly string[]) => {
    const argv = ['curl', '-s', '--max-time', '10', '-w', '\n%{http_code}', ...options, url];
    const { stdout } = await net.client.exec(argv, { allowFailure: true });
    const cut = stdout.lastIndexOf('\n');
    return { status: stdout.slice(cut + 1), body: stdout.slice(0, cut).trim() };
  };
  /** The web servers that a client meets in some requests. */
  const met = async (client: string) => {
    const names = new Set<string>();
    for (let turn = 0; turn < 4; turn += 1) {
      names.add((await curl(`http://${vip}/`, '--interface', client)).body);
    }
    return [...names];
  };
  const isServed = (sinceMs: number) => outageSince(load.events(), sinceMs).answers >= 5;
  const measure = async (what: string, to: KeepalivedNode, act: () => Promise<unknown>) => {
    const before = Date.now();
    await act();
    await waitFor(`${what}: ${to.name} master`, () => isMaster(to));
    const after = Date.now();
    await waitFor(`${what}: service`, () => isServed(after));
    const { longestMs, failures } = outageSince(load.events(), before);
    console.log(`${what}: ${longestMs} ms without service, ${failures} requests failed`);
  };

  before(async () => {
    net = await createTopology({ directors: 2, reals: 2 });
    command = await installCommand(net.directory);
    const recipe = openRecipe(net, 'one-network-keepalived');
    await recipe.writeDefaults(command);
    await recipe.install({
      'keepalived.conf': '/etc/keepalived/keepalived.conf',
      '../../keepalived/ipvsd-vrrp': '/etc/keepalived/ipvsd-vrrp',
      'ldirectord.cf': '/etc/ha.d/ldirectord.cf',
      'ipvsd.tmpfiles': '/etc/tmpfiles.d/ipvsd.conf',
    });
    for (const client of clients) await net.client.addAddress(`${client}/24`);
    const webServer = async (name: string, hostName: string, last: number) => {
      const made = await recipe.webServer(name, hostName, 'webfarm.nginx');
      await made.host.addAddress(`192.168.0.${last}/24`);
      // as on a machine that was not prepared
      await made.host.sysctl('net.ipv4.conf.all.arp_ignore', 0);
      await made.host.sysctl('net.ipv4.conf.all.arp_announce', 0);
      await made.switchOn();
      await made.setPage('index.html', name);
      await made.setPage('check.txt', '');
      await made.exec([recipe.file('webserver-address')]);
      await made.exec(startNginx);
      return made;
    };
    http1 = await webServer('http1', 'real1', 102);
    http2 = await webServer('http2', 'real2', 103);
    const director = async (name: string, hostName: string, last: number) => {
      const options = await recipe.machine(name, hostName, webFolders);
      await options.host.addAddress(`192.168.0.${last}/24`);
      await cp(recipe.file('statistics.nginx'), `${options.directory}/sites/statistics`);
      const made = createKeepalivedNode(options);
      await made.switchOn();
      await made.exec(['systemd-tmpfiles', '--create', '/etc/tmpfiles.d/ipvsd.conf']);
      return made;
    };
    lb1 = await director('lb1', 'director1', 100);
    lb2 = await director('lb2', 'director2', 101);
    const password =
      'echo "someuser:$(openssl passwd -apr1 somepassword)" >/etc/nginx/statistics.htpasswd';
    await lb1.exec(['sh', '-euc', password]);
    for (const lb of [lb1, lb2]) await lb.exec(startNginx);
  });
  after(async () => {
    await load?.stop();
    for (const node of [lb1, lb2, http1, http2]) await node?.cutPower();
    await net?.teardown();
  });

  it('comes up with lb1 active', async () => {
    await Promise.all([lb1.startEngine(), lb2.startEngine()]);
    for (const lb of [lb1, lb2]) await waitFor(`${lb.name} well`, () => lb.isWell());
    await waitFor('lb1 master', () => isMaster(lb1));
    await waitFor('lb2 backup', async () => !(await hasVip(lb2)));
    for (const lb of [lb1, lb2]) await waitFor('table', () => hasTable(lb, [service, ...rows]));
    const checked = await lb1.exec([command, 'config', 'check', '/etc/ha.d/ldirectord.cf']);
    assert.deepEqual(checked.stderr, '');
    load = await startLoad(net.client, { url: `http://${vip}/`, pauseMs: 100, timeoutMs: 1000 });
  });

  it('has nothing for doctor to mend, on either of the two', async () => {
    const file = '/etc/ha.d/ldirectord.cf';
    const facts = `${net.directory}/facts.json`;
    for (const [here, peer] of [
      [lb1, lb2],
      [lb2, lb1],
    ] as const) {
      await writeFile(facts, (await peer.exec([command, 'doctor', file, '--facts'])).stdout);
      const argv = [command, 'doctor', file, '--peer-facts', facts, '--verbose'];
      const { exitCode, stdout } = await here.exec(argv, { allowFailure: true });
      assert.equal(exitCode, 0, stdout);
      for (const passed of ['peer-file', 'peer-sync'])
        assert.match(stdout, RegExp(`^passed +${passed}:`, 'm'));
    }
  });

  it("keeps the client's address, sessions, and checks out of the log", async () => {
    const pages = [await met(clients[0]), await met(clients[1])];
    assert.deepEqual(pages.flat().sort(), ['http1', 'http2']);
    const logs = [await http1.log(), await http2.log()].join('\n');
    for (const client of clients) assert.match(logs, new RegExp(`^${client} `, 'm'));
    assert.doesNotMatch(logs, /check\.txt/);
    // those of the load balancers' own addresses would be somebody else's
    assert.doesNotMatch(logs, /^192\.168\.0\.10[01] /m);
  });

  it('shows statistics to who knows the password, and takes no orders', async () => {
    const url = `http://${vip}:8080/`;
    const known = ['--user', 'someuser:somepassword'];
    assert.equal((await curl(url)).status, '401');
    assert.equal((await curl(url, '--user', 'someuser:wrong')).status, '401');
    const page = await curl(url, ...known);
    assert.equal(page.status, '200', page.body);
    assert.match(page.body, /"instance":"ldirectord\.cf".*192\.168\.0\.102/);
    assert.equal((await curl(url, ...known, '--request', 'PUT')).status, '403');
    assert.equal((await curl(`${url}v1/role/standby`, ...known)).status, '404');
  });

  it('sends the clients of a web server without check.txt to the other one', async () => {
    await http1.removePage('check.txt');
    for (const lb of [lb1, lb2]) {
      await waitFor('http1 out', () => hasTable(lb, [service, ...rows.slice(1)]));
    }
    assert.deepEqual([await met(clients[0]), await met(clients[1])], [['http2'], ['http2']]);
    await http1.setPage('check.txt', '');
    // what comes back stands behind what stayed
    for (const lb of [lb1, lb2]) {
      await waitFor('http1 in', async () => (await savedTable(lb.host)).length === 3);
    }
  });

  it('moves to lb2 when the plug of lb1 is pulled, and sessions stay', async () => {
    // a third client, as the two others have met in one web server
    const third = '192.168.0.52';
    await net.client.addAddress(`${third}/24`);
    const before = await met(third);
    await waitFor('session on lb2', async () => {
      const { stdout } = await lb2.host.exec(['ipvsadm', '-Lnc']);
      return new RegExp(`(?:NONE|ASSURED) +${third}:0 `).test(stdout);
    });
    await measure('power cut', lb2, () => lb1.cutPower());
    assert.deepEqual(await met(third), before);
    assert.deepEqual(await met(clients[0]), ['http2']);
  });

  it('moves back to lb1 when it comes up again', async () => {
    await lb1.switchOn();
    await lb1.exec(['systemd-tmpfiles', '--create', '/etc/tmpfiles.d/ipvsd.conf']);
    await measure('return', lb1, () => lb1.startEngine());
    await waitFor(
      'lb2 backup',
      async () => !(await hasVip(lb2)) && (await syncRole(lb2)) === 'backup',
    );
  });
});
