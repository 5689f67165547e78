import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { nominalInstance } from '../../src/daemon/instance.ts';
import { type Ipvsd, ipvsdOn, program, savedTable } from '../support/ipvsd.ts';
import { watchTable } from '../support/table-watch.ts';
import type { HostProcess } from '../support/topology/host-process.ts';
import type { NginxServer } from '../support/topology/nginx.ts';
import { createTopology, type Topology } from '../support/topology.ts';
import { unixConnections } from '../support/unix-connections.ts';

const patienceMs = 120_000;
const rates = ['full', 'slow', 'none'] as const;
type Rate = (typeof rates)[number];

const vipOf = (rate: Rate) => `10.9.0.${200 + rates.indexOf(rate)}`;
const add = (rate: Rate) => `-A -t ${vipOf(rate)}:80 -s rr`;
const row = (rate: Rate, last: number) => `-a -t ${vipOf(rate)}:80 -r 10.9.0.${last}:80 -g -w 1`;
/** The timeout is longer than any test: a server that is frozen stays what it was. */
const file = (rate: Rate) => `checkinterval=1
negotiatetimeout=600
quiescent=no
logfile="/dev/null"
standbychecks=${rate}
standbytable=clear
virtual=${vipOf(rate)}:80
\treal=10.9.0.101:80 gate
\treal=10.9.0.102:80 gate
\tservice=http
\trequest="/${rate}"
\tscheduler=rr
`;

interface Director {
  readonly ipvsd: Ipvsd;
  readonly daemon: HostProcess;
}

/**
 * Three daemons side by side ask the same two servers, of which the second refuses: one is active,
 * the others stand by, each with a page of its own.
 */
describe('the checks of a director in standby', () => {
  let net: Topology;
  let server: NginxServer;
  let directors: Readonly<Record<Rate, Director>>;

  const until = async (what: string, isSo: () => Promise<boolean>) => {
    const begin = performance.now();
    while (!(await isSo())) {
      assert.ok(performance.now() - begin < patienceMs, what);
      await sleep(200);
    }
  };
  const asked = async (rate: Rate) =>
    (await server.requests()).filter((line) => line.startsWith(`GET /${rate} `)).length;
  const role = async (rate: Rate, word: string) => {
    const { exitCode, stdout } = await directors[rate].ipvsd.call('role', word, 'CONFIG');
    assert.deepEqual([exitCode, stdout], [0, word]);
  };
  const only = (rate: Rate, table: readonly string[]) =>
    table.filter((line) => line.includes(`${vipOf(rate)}:80`));
  const table = async (rate: Rate) => only(rate, await savedTable(net.director));
  const untilTable = (rate: Rate, expected: readonly string[]) =>
    until(expected.join('\n'), async () => (await table(rate)).join() === expected.join());
  /** How often `rate` asks while the full rate asks so many times. */
  const askedDuring = async (rate: Rate, count: number) => {
    const [own, full] = [await asked(rate), await asked('full')];
    await until('checks at the full rate', async () => (await asked('full')) >= full + count);
    return (await asked(rate)) - own;
  };

  before(async () => {
    net = await createTopology({ clients: 0 });
    const pages = { '/full': 'ok', '/slow': 'ok', '/none': 'ok' };
    server = await net.host('real1').nginx({ pages });
    const start = async (rate: Rate, ...options: readonly string[]) => {
      const ipvsd = ipvsdOn(net.director, `${net.directory}/etc`, `${rate}.cf`, file(rate));
      return { ipvsd, daemon: await ipvsd.run(...options) };
    };
    directors = {
      full: await start('full'),
      slow: await start('slow', '--role', 'standby'),
      none: await start('none', '--role', 'standby'),
    };
  });
  after(async () => {
    for (const { daemon } of Object.values(directors)) await daemon.stop();
    await net?.teardown();
  });

  it('are fewer at the rate slow, and none at the rate none', async () => {
    const begin = await asked('slow');
    // a tenth of them
    const count = await askedDuring('slow', 20);
    assert.ok(count <= 8, `${count} of 20`);
    await until('a check at the slow rate', async () => (await asked('slow')) > begin);
    assert.equal(await asked('none'), 0);
  });

  it('let it take over at once at the rate slow, by what is known, and at the full rate from then on', async () => {
    const { daemon } = directors.slow;
    await until('health', async () => /Real server down: .*102:80/.test(daemon.output()));
    server.freeze();
    try {
      await role('slow', 'active');
      assert.deepEqual(await table('slow'), [add('slow'), row('slow', 101)]);
    } finally {
      server.thaw();
    }
    const count = await askedDuring('slow', 10);
    assert.ok(count >= 5, `${count} of 10`);
  });

  it('come before any client at the rate none, and at once', async () => {
    const watch = await watchTable(net.director);
    server.freeze();
    try {
      await role('none', 'active');
      assert.deepEqual(await table('none'), [add('none')]);
    } finally {
      server.thaw();
    }
    await untilTable('none', [add('none'), row('none', 101)]);
    const seen = (await watch.stop()).flatMap(({ lines }) => only('none', lines));
    assert.ok(seen.includes(row('none', 101)));
    assert.equal(seen.includes(row('none', 102)), false);
  });

  for (const rate of ['slow', 'none'] as const) {
    it(`take a role that waited while the daemon was stopped, at the rate ${rate}`, async () => {
      const { ipvsd, daemon } = directors[rate];
      await role(rate, 'standby');
      assert.deepEqual(await table(rate), []);
      daemon.signal('SIGSTOP');
      const { socketPath, configPath } = nominalInstance(ipvsd.configPath);
      const order = net.director.spawn([process.execPath, program, 'role', 'active', configPath]);
      const { pid } = order;
      await until('the order at the socket', async () => unixConnections(pid, socketPath) > 0);
      await server.stop();
      daemon.signal('SIGCONT');
      assert.equal(await order.exited, 0, order.output());
      assert.equal(order.output().trim(), 'active');
      // the server that was up is down by now, whatever was known
      await untilTable(rate, [add(rate)]);
      await server.start();
      await untilTable(rate, [add(rate), row(rate, 101)]);
      assert.equal((await ipvsd.call('status', '--monitor', '20', 'CONFIG')).exitCode, 0);
    });
  }
});
