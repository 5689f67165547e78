import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { installCommand } from '../support/ha/agents.ts';
import {
  chosenHops,
  createEcmpDirector,
  type EcmpDirector,
  type EcmpRouter,
  probes,
  putBehindSmallerMtu,
  script,
  setNextHops,
  startEcmpRouter,
} from '../support/ha/ecmp.ts';
import { askOnce, type Flows, startFlows } from '../support/ha/flows.ts';
import { outageSince } from '../support/ha/outage.ts';
import { shellcheck } from '../support/ha/shellcheck.ts';
import { type Load, startLoad } from '../support/load.ts';
import type { Host } from '../support/topology/host.ts';
import type { NginxServer } from '../support/topology/nginx.ts';
import { createTopology, type Topology } from '../support/topology.ts';
import { waitUntil } from '../support/wait-until.ts';

const vip = '198.51.100.80';
const patienceMs = 90_000;
const addresses = Array.from({ length: 60 }, (_, index) => `10.8.0.${index + 20}`);
/** Those that ask over new connections. */
const asking = addresses.filter((_, index) => index % 5 === 0);

describe('three directors behind a router (ECMP by BIRD, Maglev hashing)', () => {
  let net: Topology;
  let router: EcmpRouter;
  let directors: readonly EcmpDirector[];
  let reals: readonly Host[];
  let webs: readonly NginxServer[];
  let flows: Flows;
  let load: Load;

  const director = (number: number): EcmpDirector => {
    const found = directors[number - 1];
    assert.ok(found);
    return found;
  };
  const addressesOf = (...numbers: readonly number[]) =>
    numbers.map((number) => director(number).address);
  /** Waits until the router sends to these directors and no others. */
  const converged = (...numbers: readonly number[]) => {
    const wanted = addressesOf(...numbers).join();
    return waitUntil(
      `the router sends to ${wanted}`,
      patienceMs,
      () => (router.changes(vip).at(-1) ?? []).join() === wanted,
      () => router.birdc('show', 'route', 'all'),
    );
  };
  /** The server that answers each client on a new connection, by the client's address. */
  const answers = () => askOnce(net.client, `http://${vip}/`, asking);
  /** Every connection goes on, and every client gets the server that it had, on a new one too. */
  const assertAllServed = async (what: string) => {
    const all = await flows.progress(patienceMs);
    assert.deepEqual(
      all.filter(({ lost }) => lost !== undefined),
      [],
      what,
    );
    const had = new Map(all.map(({ client, server }) => [client.replace(/:.*/, ''), server]));
    for (const [address, server] of await answers()) {
      assert.equal(server, had.get(address), `${what}: new connection of ${address}`);
    }
  };
  /** What clients with new connections saw since then; none may fail. */
  const assertNoneFailed = (what: string, sinceMs: number) => {
    const { longestMs, answers, failures } = outageSince(load.events(), sinceMs);
    console.log(`${what}: ${answers} new connections, ${failures} failed, ${longestMs} ms at most`);
    assert.equal(failures, 0, what);
  };
  /** Of those that began after the router knew, none may fail. */
  const assertNoneFailedOf = async (what: string, convergedMs: number) => {
    const began = () =>
      load.events().filter((event) => 'atMs' in event && event.atMs >= convergedMs);
    await waitUntil(`${what}: new connections`, patienceMs, () => began().length >= 20);
    assert.deepEqual(
      began().filter(({ kind }) => kind === 'failure'),
      [],
      what,
    );
  };
  const serverName = (endpoint: string | undefined) =>
    reals.find((_, index) => endpoint === `192.0.2.10${index + 1}:80`)?.name;

  before(async () => {
    // what the topology calls a director, between the two networks, is the router here
    net = await createTopology({ layout: 'routed', clients: 2, directors: 1, reals: 6 });
    const command = await installCommand(net.directory);
    for (const address of addresses) await net.client.addAddress(`${address}/24`);
    await putBehindSmallerMtu(net.client, net.host('client2'), net.director);
    reals = net.reals.slice(3);
    const long = 'x'.repeat(16 << 20);
    webs = await Promise.all(
      reals.map(async (real, index) => {
        await real.addAddress(`192.0.2.10${index + 1}/24`);
        await real.addAddress(`${vip}/32`, 'lo');
        return real.nginx({ pages: { '/check.txt': 'OK', '/long': long } });
      }),
    );
    router = await startEcmpRouter(net.director, net.directory);
    const hosts = net.reals.slice(0, 3);
    directors = await Promise.all(
      hosts.map((host, index) =>
        createEcmpDirector({ host, number: index + 1, directory: net.directory, command }),
      ),
    );
    for (const each of directors) await each.switchOn();
  });
  after(async () => {
    await flows?.stop();
    await load?.stop();
    for (const each of directors ?? []) await each.cutPower();
    await net?.teardown();
  });

  it('has a script that may be called twice, at once and in any order', async () => {
    await shellcheck([script]);
    const call = (...words: readonly string[]) => director(1).vip(...words);
    const six = '2001:db8::80';
    for (const wrong of [[], ['up'], ['up', ''], ['up', 'www'], ['go', vip], ['up', vip, vip]]) {
      assert.equal(await call(...wrong), 2, wrong.join());
    }
    for (const address of [vip, six]) {
      assert.equal(await call('down', address), 0);
      assert.equal(await call('status', address), 3);
      const both = await Promise.all([call('up', address), call('up', address)]);
      assert.deepEqual(both, [0, 0]);
      assert.equal(await call('up', address), 0);
      assert.equal(await call('status', address), 0);
      const { stdout } = await director(1).exec(['ip', '-o', 'addr', 'show', 'to', address]);
      assert.deepEqual(
        stdout.split('\n').map((line) => line.split(/\s+/)[1]),
        ['lo', 'vips'],
      );
    }
    for (const address of [vip, six]) {
      assert.equal(await call('down', address), 0);
      assert.equal(await call('down', address), 0);
      assert.equal(await call('status', address), 3);
    }
    await director(1).cutPower();
    await director(1).switchOn();
  });

  it('shares the connections of clients, who all have one server whichever director', async () => {
    await Promise.all(directors.map((each) => each.start()));
    await converged(1, 2, 3);
    flows = await startFlows(net.client, {
      ...{ address: vip, port: 80, longPage: '/long' },
      flows: addresses.map((from, index) => ({
        from,
        kind: index % 6 === 0 ? 'download' : 'requests',
      })),
    });
    load = await startLoad(net.client, { url: `http://${vip}/`, concurrency: 2, pauseMs: 200 });
    await assertAllServed('at the start');
    for (const each of directors) {
      const { size } = await each.connections();
      console.log(`${each.name}: ${size} connections`);
      assert.ok(size > 0, each.name);
    }
  });

  it('keeps every connection when the power of a director is cut', async () => {
    const clients = flows.now();
    const before = await Promise.all(directors.map((each) => each.connections()));
    const isOf = (number: number, client: string) => before[number - 1]?.has(client) === true;
    const cutMs = Date.now();
    await director(1).cutPower();
    await converged(2, 3);
    const convergedMs = Date.now();
    console.log(`power cut: the router knows after ${convergedMs - cutMs} ms`);
    await assertAllServed('after the power cut');
    const afterwards = await Promise.all([2, 3].map((number) => director(number).connections()));
    const takenOver = { ofDead: 0, ofOthers: 0, stayed: 0 };
    for (const { client, server } of clients) {
      const now = afterwards.map((table) => table.get(client)).filter((to) => to !== undefined);
      for (const to of now) assert.equal(serverName(to), server, client);
      if (isOf(1, client)) takenOver.ofDead += 1;
      else if (now.length === 2) takenOver.ofOthers += 1;
      else takenOver.stayed += 1;
    }
    console.log(
      `${clients.length} established connections, none lost: ${takenOver.ofDead} of the dead director,` +
        ` ${takenOver.ofOthers} of the others that went to another one too, ${takenOver.stayed} stayed`,
    );
    assert.ok(takenOver.ofDead > 0);
    const { longestMs, failures } = outageSince(load.events(), cutMs);
    console.log(`new connections: ${longestMs} ms without an answer, ${failures} failed`);
    await assertNoneFailedOf('power cut', convergedMs);
  });

  it('would move less with a resilient group of next hops in the router', async () => {
    const [hop = '', ...others] = directors.map(({ address }) => address);
    const moved = { plain: 0, resilient: 0 };
    for (const kind of ['plain', 'resilient'] as const) {
      await setNextHops(net.director, kind, [hop, ...others]);
      const before = await chosenHops(net.director);
      await setNextHops(net.director, kind, others);
      const now = await chosenHops(net.director);
      moved[kind] = before.filter((was, index) => was !== hop && was !== now[index]).length;
    }
    const { plain, resilient } = moved;
    console.log(
      `a next hop gone, connections of the others that move: ${plain} of ${probes.length} with a` +
        ` plain route, ${resilient} with a resilient group`,
    );
    assert.ok(plain > 0);
    assert.equal(resilient, 0);
  });

  it('takes the director in again, and no connection is lost', async () => {
    const sinceMs = Date.now();
    await director(1).switchOn();
    await director(1).start();
    await converged(1, 2, 3);
    await assertAllServed('after the return');
    assertNoneFailed('director back', sinceMs);
  });

  it('withdraws on the director that lost its quorum, and only there', async () => {
    const sinceMs = Date.now();
    const changesBefore = router.changes(vip).length;
    const { address } = director(2);
    // its checks get no answer any more; what it passes on has other addresses
    for (const real of reals) await real.exec(['ip', 'route', 'add', 'blackhole', address]);
    await converged(1, 3);
    assert.deepEqual(
      await Promise.all(directors.map((each) => each.vip('status', vip))),
      [0, 3, 0],
    );
    const convergedMs = Date.now();
    await assertAllServed('without quorum on one');
    assert.deepEqual(router.changes(vip).slice(changesBefore), [addressesOf(1, 3)]);
    const { answers, failures } = outageSince(load.events(), sinceMs);
    console.log(
      `quorum lost: ${failures} of ${answers + failures} new connections refused until then`,
    );
    await assertNoneFailedOf('quorum lost', convergedMs);
  });

  it('announces there again when the quorum is back', async () => {
    const sinceMs = Date.now();
    const { address } = director(2);
    for (const real of reals) await real.exec(['ip', 'route', 'del', 'blackhole', address]);
    await converged(1, 2, 3);
    assert.equal(await director(2).vip('status', vip), 0);
    // one server is a quorum: it announces before it knows the others again
    await waitUntil('all servers of director 2', patienceMs, async () => {
      const { stdout } = await director(2).exec(['ipvsadm', '-Ln']);
      return (stdout.match(/192\.0\.2\.10\d:80 +Route +1 /g) ?? []).length === reals.length;
    });
    await assertAllServed('with the quorum back');
    assertNoneFailed('quorum back', sinceMs);
  });

  it('withdraws nothing when ipvsd is restarted, or killed and started', async () => {
    const sinceMs = Date.now();
    const changesBefore = router.changes(vip).length;
    const runs = () =>
      readFileSync('/var/log/ldirectord.log', 'utf8').split('Running quorumup').length;
    const again = (count: number) =>
      waitUntil('quorumup runs again', patienceMs, () => runs() > count);
    const [one, three] = [director(1), director(3)];
    let count = runs();
    await one.ipvsd('ldirectord.cf', 'restart');
    await again(count);
    await three.exec(['sh', '-c', 'kill -9 "$(cat /run/ldirectord.ldirectord.cf.pid)"']);
    await assertAllServed('while ipvsd is dead');
    count = runs();
    await three.ipvsd('ldirectord.cf', 'start');
    await again(count);
    await assertAllServed('after restarts of ipvsd');
    assert.deepEqual(router.changes(vip).slice(changesBefore), []);
    assertNoneFailed('ipvsd restarted', sinceMs);
  });

  it('is not withdrawn by the timer while ipvsd is restarted', async () => {
    const changesBefore = router.changes(vip).length;
    const three = director(3);
    assert.match(await three.watch('exit 1'), / healthy: /);
    await three.ipvsd('ldirectord.cf', 'stop');
    const said = await three.watch('ipvsd ldirectord.cf start');
    assert.match(said, / stopped\n.* healthy: /);
    assert.match(await three.birdc('show', 'protocols', 'router1'), / Established/);
    assert.deepEqual(router.changes(vip).slice(changesBefore), []);
  });

  it('is withdrawn by the timer when ipvsd hangs, or stays dead', async () => {
    const sinceMs = Date.now();
    const three = director(3);
    const signal = (name: string) =>
      three.exec(['sh', '-c', `kill -${name} "$(cat /run/ldirectord.ldirectord.cf.pid)"`]);
    const mended = async () => {
      assert.match(await three.birdc('enable', 'router1'), /router1: enabled/);
      await converged(1, 2, 3);
    };
    await signal('STOP');
    const said = await three.watch();
    assert.match(said, /^(.* unhealthy: .*\n){2}.*\nrouter1: disabled$/);
    await converged(1, 2);
    await assertAllServed('while ipvsd hangs');
    await signal('CONT');
    await mended();

    await three.ipvsd('ldirectord.cf', 'stop');
    assert.match(await three.watch('exit 0'), /^(.* stopped\n){2}.*\nrouter1: disabled$/);
    await converged(1, 2);
    await three.ipvsd('ldirectord.cf', 'start');
    await mended();
    assertNoneFailed('ipvsd gone', sinceMs);
  });

  it('leaves without a loss: first BIRD, then ipvsd', async () => {
    const sinceMs = Date.now();
    await director(3).birdc('down');
    await converged(1, 2);
    await director(3).ipvsd('ldirectord.cf', 'stop');
    await assertAllServed('after a director left');
    assertNoneFailed('director left', sinceMs);
  });

  it('gives clients of a failed server the same other one on each director, and no others', async () => {
    await flows.stop();
    await load.stop();
    const before = await answers();
    const failed = serverName('192.0.2.101:80');
    await webs[0]?.stop();
    const isOut = async (number: number) =>
      /192\.0\.2\.101:80 +Route +0 /.test((await director(number).exec(['ipvsadm', '-Ln'])).stdout);
    await waitUntil('weight 0', patienceMs, async () => (await isOut(1)) && (await isOut(2)));
    const now = await answers();
    for (const [address, server] of before) {
      const other = now.get(address);
      if (server !== failed) assert.equal(other, server, address);
      else assert.ok(other !== failed && other !== '', `${address}: ${other}`);
    }
    // a client's next connection has another port, and often another director
    assert.deepEqual(await answers(), now);
  });

  it('tells clients at once when no director has a server', async () => {
    for (const web of webs) await web.stop();
    await converged();
    const connecting = `exec 3<>/dev/tcp/${vip}/80`;
    const { stderr } = await net.client.exec(['bash', '-c', connecting], { allowFailure: true });
    assert.match(stderr, /No route to host/);
  });
});
