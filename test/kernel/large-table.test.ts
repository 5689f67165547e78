import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Ipvsd, ipvsdOn, savedTable } from '../support/ipvsd.ts';
import { largeConfig, largeSize, singleVirtual } from '../support/large-config.ts';
import type { HostProcess } from '../support/topology/host-process.ts';
import type { NginxServer } from '../support/topology/nginx.ts';
import { createTopology, type Topology } from '../support/topology.ts';

const lineCount = largeSize.virtuals * (1 + largeSize.reals);
/** Of a machine with one slow processor; how long it takes is printed. */
const reactionMs = 120_000;
const silent = { exitCode: 0, stdout: '', stderr: '' };

describe('a table of 1,000 services with 10 servers each', () => {
  let net: Topology;
  let ipvsd: Ipvsd;
  let single: NginxServer;
  let daemon: HostProcess | undefined;

  /** Runs a command of ipvsd, and tells how long it took. */
  const timed = async (t: TestContext, ...args: readonly string[]) => {
    const begin = performance.now();
    const { exitCode, stdout, stderr } = await ipvsd.call(...args);
    t.diagnostic(`${args.join(' ')}: ${Math.round(performance.now() - begin)} ms`);
    return { exitCode, stdout, stderr };
  };
  const weightOfSingle = async () => {
    const prefix = `-a -t ${singleVirtual}:80 -r 10.9.0.101:80 -m -w `;
    const line = (await savedTable(net.director)).find((entry) => entry.startsWith(prefix));
    return line?.slice(prefix.length);
  };
  const waitForWeight = async (t: TestContext, weight: string) => {
    const begin = performance.now();
    while ((await weightOfSingle()) !== weight) {
      assert.ok(performance.now() - begin < reactionMs, `no weight ${weight} in time`);
      await sleep(20);
    }
    t.diagnostic(`weight ${weight} after ${Math.round(performance.now() - begin)} ms`);
  };

  before(async () => {
    net = await createTopology();
    [single] = await Promise.all([net.host('real1').nginx(), net.host('real2').nginx()]);
    const text = largeConfig({ single: '10.9.0.101', shared: '10.9.0.102' });
    ipvsd = ipvsdOn(net.director, `${net.directory}/etc`, 'large.cf', text);
  });
  after(async () => {
    await daemon?.kill();
    await net?.teardown();
  });

  it('is in the kernel when "run" serves, in one go and without an error', async (t) => {
    const begin = performance.now();
    daemon = await ipvsd.run();
    t.diagnostic(`run: ${Math.round(performance.now() - begin)} ms until it serves`);
    assert.equal((await savedTable(net.director)).length, lineCount);
    assert.doesNotMatch(daemon.output(), /"level":"(warn|error)"/);
  });

  it('leaves nothing to do: "plan" says nothing', async (t) => {
    assert.deepEqual(await timed(t, 'plan', 'CONFIG'), silent);
  });

  it('loses a single server that fails, and no other, and gets it back', async (t) => {
    const before = await savedTable(net.director);
    await single.kill();
    await waitForWeight(t, '0');
    const changed = (await savedTable(net.director)).filter((line) => !before.includes(line));
    assert.deepEqual(changed, [`-a -t ${singleVirtual}:80 -r 10.9.0.101:80 -m -w 0`]);
    await single.start();
    await waitForWeight(t, '1');
    assert.deepEqual(await savedTable(net.director), before);
  });

  it('is gone when "run" ends', async (t) => {
    const begin = performance.now();
    daemon?.signal('SIGTERM');
    assert.equal(await daemon?.exited, 0);
    t.diagnostic(`stop: ${Math.round(performance.now() - begin)} ms`);
    assert.deepEqual(await savedTable(net.director), []);
  });

  it('comes and goes with "start" and "stop" as well', async (t) => {
    assert.deepEqual(await timed(t, 'CONFIG', 'start'), silent);
    assert.equal((await savedTable(net.director)).length, lineCount);
    assert.deepEqual(await timed(t, 'plan', 'CONFIG'), silent);
    assert.deepEqual(await timed(t, 'CONFIG', 'stop'), silent);
    assert.deepEqual(await savedTable(net.director), []);
  });
});
