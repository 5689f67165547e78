import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { type Ipvsd, ipvsdOn, savedTable, waitForTable } from '../support/ipvsd.ts';
import { createTopology, type Topology } from '../support/topology.ts';

const patienceMs = 60_000;
const head = 'checkinterval=1\nlogfile="/dev/null"\n';
const section = (address: string, more = '') =>
  `virtual=${address}:80\n\treal=10.9.0.101:80 gate\n\tchecktype=on\n${more}`;
const service = (address: string) => [
  `-A -t ${address}:80 -s wrr`,
  `-a -t ${address}:80 -r 10.9.0.101:80 -g -w 1`,
];
const foreign = '-A -t 10.9.0.250:80 -s rr';

describe('services that a killed daemon left', () => {
  let net: Topology;
  const file = (name: string, text: string): Ipvsd =>
    ipvsdOn(net.director, `${net.directory}/etc`, name, head + text);

  before(async () => {
    net = await createTopology({ clients: 0, reals: 0 });
    await net.director.exec(['ipvsadm', ...foreign.split(' ')]);
  });
  after(() => net?.teardown());

  it('go at the next start when the file has them no more; those of others stay', async () => {
    const other = file('other.cf', section('10.9.0.202'));
    const otherDaemon = await other.run();
    const ipvsd = file(
      'left.cf',
      section('10.9.0.201') + section('10.9.0.203', '\tcleanstop=no\n'),
    );
    const killed = await ipvsd.run();
    const all = ['10.9.0.201', '10.9.0.202', '10.9.0.203'].flatMap(service);
    await waitForTable(net.director, [...all, foreign], patienceMs);
    await killed.kill();
    ipvsd.write(`${head}${section('10.9.0.204')}`);
    const next = await ipvsd.run();
    const left = ['10.9.0.202', '10.9.0.204'].flatMap(service);
    await waitForTable(net.director, [...left, foreign], patienceMs);
    await next.stop();
    await otherDaemon.stop();
    assert.deepEqual(await savedTable(net.director), [foreign]);
    for (const name of ['left', 'other']) {
      assert.equal(existsSync(`/run/ipvsd/${name}.cf.services`), false, name);
    }
  });

  it('stay when another instance has them now', async () => {
    const first = file('first.cf', section('10.9.0.201') + section('10.9.0.205'));
    const killed = await first.run();
    await killed.kill();
    const heir = await file('heir.cf', section('10.9.0.201')).run();
    first.write(`${head}${section('10.9.0.205')}`);
    const next = await first.run();
    const both = ['10.9.0.201', '10.9.0.205'].flatMap(service);
    await waitForTable(net.director, [...both, foreign], patienceMs);
    await next.stop();
    assert.deepEqual(await savedTable(net.director), [...service('10.9.0.201'), foreign]);
    await heir.stop();
    assert.deepEqual(await savedTable(net.director), [foreign]);
  });

  it('are named when two instances have them, and left to the other by the first that stops', async () => {
    const [one, two] = ['one.cf', 'two.cf'].map((name) => file(name, section('10.9.0.206')));
    assert.ok(one && two);
    const [first, second] = [await one.run(), await two.run()];
    const words = 'also in the file of another instance, the two undo each other: tcp';
    await first.waitForOutput(new RegExp(`${words} 10.9.0.206:80 \\(two.cf\\)`), patienceMs);
    await second.waitForOutput(new RegExp(`${words} 10.9.0.206:80 \\(one.cf\\)`), patienceMs);
    const { stdout } = await one.call('status', 'CONFIG');
    assert.match(stdout, /^ALSO OF two\.cf: tcp 10\.9\.0\.206:80$/m);
    await first.stop();
    assert.deepEqual(await savedTable(net.director), [...service('10.9.0.206'), foreign]);
    await second.stop();
    assert.deepEqual(await savedTable(net.director), [foreign]);
  });
});
