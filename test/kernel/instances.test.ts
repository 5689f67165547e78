import assert from 'node:assert/strict';
import { existsSync, symlinkSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { type Ipvsd, ipvsdOn, program, savedTable, waitForTable } from '../support/ipvsd.ts';
import { createTopology, type Topology } from '../support/topology.ts';
import { waitUntil } from '../support/wait-until.ts';

/** Each start is two processes of Node on the one processor of the test kernel. */
const patienceMs = 60_000;
const pidFile = (name: string) => `/var/run/ldirectord.${name}.pid`;
const service = (address: string) => [
  `-A -t ${address}:80 -s wrr`,
  `-a -t ${address}:80 -r 10.9.0.101:80 -g -w 1`,
];
const section = (address: string) =>
  `virtual=${address}:80\n\treal=10.9.0.101:80 gate\n\tchecktype=on\n`;

describe('instances of ldirectord', () => {
  let net: Topology;
  let name: string;
  const file = (file: string, text: string): Ipvsd =>
    ipvsdOn(net.director, `${net.directory}/etc`, file, `logfile="/dev/null"\n${text}`);
  const ended = (instance: string) =>
    waitUntil(`${instance} ends`, patienceMs, () => !existsSync(pidFile(instance)));
  const call = (config: Ipvsd, action: string) =>
    net.director.exec([process.execPath, name, config.configPath, action], { allowFailure: true });

  before(async () => {
    net = await createTopology({ reals: 1 });
    name = `${net.directory}/ldirectord`;
    symlinkSync(program, name);
  });
  after(() => net.teardown());

  it('execute: starts, asks, reloads and stops the further ones; two that name each other too', async () => {
    const second = file(
      'second.cf',
      `execute=${net.directory}/etc/first.cf\n${section('10.9.0.202')}`,
    );
    const third = file('third.cf', section('10.9.0.203'));
    const lines = [second, third].map(({ configPath }) => `execute=${configPath}\n`).join('');
    const first = file('first.cf', `${lines}${section('10.9.0.201')}`);
    const all = ['10.9.0.201', '10.9.0.202', '10.9.0.203'].flatMap(service);

    assert.equal((await call(first, 'start')).exitCode, 0);
    await waitForTable(net.director, all, patienceMs);
    const { stderr, exitCode } = await call(first, 'status');
    const running = (config: Ipvsd) =>
      `ldirectord for ${config.configPath} is running with pid: \\d+`;
    const expected = [first, second, third].map(running).join('\n');
    assert.match(stderr, new RegExp(`^${expected}$`));
    assert.equal(exitCode, 0);

    first.write(`logfile="/dev/null"\nexecute=${second.configPath}\n${section('10.9.0.201')}`);
    second.write(`logfile="/dev/null"\n${section('10.9.0.204')}`);
    assert.equal((await call(first, 'reload')).exitCode, 0);
    await waitForTable(net.director, ['10.9.0.201', '10.9.0.204'].flatMap(service), patienceMs);
    await ended('third.cf');

    assert.equal((await call(first, 'stop')).exitCode, 0);
    await waitForTable(net.director, [], patienceMs);
    for (const instance of ['first.cf', 'second.cf']) {
      await ended(instance);
    }
  });

  it('supervised: stays in the foreground, logs to standard output, cleans up at TERM', async () => {
    const supervised = file('supervised.cf', `supervised\n${section('10.9.0.201')}`);
    const argv = [process.execPath, name, supervised.configPath, 'start'];
    const script = `exec "$@" 2>${net.directory}/stderr`;
    const daemon = net.director.spawn(['sh', '-c', script, 'sh', ...argv]);
    await daemon.waitForOutput(/Serving 1 virtual servers/, patienceMs);
    await waitForTable(net.director, service('10.9.0.201'), patienceMs);
    assert.equal(existsSync(pidFile('supervised.cf')), false);
    assert.equal((await call(supervised, 'status')).exitCode, 3);
    await daemon.stop();
    assert.equal(await daemon.exited, 0);
    assert.match(daemon.output(), /terminated on signal: TERM/);
    assert.deepEqual(await savedTable(net.director), []);
  });
});
