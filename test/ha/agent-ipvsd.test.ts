import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { type AgentBench, createAgentBench, ocf } from '../support/ha/agent-bench.ts';
import { savedTable, waitForTable } from '../support/ipvsd.ts';
import { seed004 } from '../support/seeds.ts';
import { waitUntil } from '../support/wait-until.ts';

describe('the agent of ipvsd', () => {
  let bench: AgentBench;
  const table = () => savedTable(bench.net.director);
  const depth = (level: 0 | 10 | 20) => ({ OCF_CHECK_LEVEL: String(level) });

  before(async () => {
    bench = await createAgentBench('agent');
  });
  afterEach(() => bench.reset());
  after(() => bench?.net.teardown());

  it('start waits for applied rules, stop leaves nothing', async () => {
    const { lb, service } = bench;
    assert.equal(await lb('start'), ocf.success);
    assert.deepEqual(await table(), service());
    // of a resource that is started or stopped already, nothing is left to do
    const number = bench.pid();
    assert.equal(await lb('start'), ocf.success);
    assert.equal(bench.pid(), number);
    assert.equal(await lb('stop'), ocf.success);
    assert.deepEqual(await table(), []);
    assert.equal(await lb('stop'), ocf.success);
  });

  it('a broken or missing file makes neither monitor nor stop lie', async () => {
    const { lb, config, good } = bench;
    assert.equal(await lb('start'), ocf.success);
    writeFileSync(config, `${good}nonsense=1\n`);
    assert.equal(await lb('monitor', depth(20)), ocf.success);
    const { exitCode, stderr } = await bench.call('ipvsd/ipvsd', 'validate-all', { config });
    assert.equal(exitCode, ocf.args);
    assert.match(stderr, /nonsense/);
    assert.equal(await lb('stop'), ocf.success);
    assert.equal(await lb('monitor'), ocf.notRunning);
    assert.deepEqual(await table(), []);
    assert.equal(await lb('start'), ocf.args);
    assert.equal(await lb('monitor'), ocf.notRunning);
    const missing = { config: `${config}.none` };
    assert.equal(await lb('start', missing), ocf.installed);
    assert.equal(await lb('validate-all', missing), ocf.installed);
    assert.equal(await lb('monitor', missing), ocf.notRunning);
    assert.equal(await lb('stop', missing), ocf.success);
  });

  it('a node that stands by is healthy, also without the program', async () => {
    const { lb } = bench;
    for (const level of [0, 10, 20] as const) {
      assert.equal(await lb('monitor', depth(level)), ocf.notRunning);
    }
    const programs = ['/nowhere/ipvsd', bench.withoutNode];
    for (const program of programs) {
      assert.equal(await lb('monitor', { program }), ocf.notRunning, program);
      assert.equal(await lb('stop', { program }), ocf.success, program);
      assert.equal(await lb('start', { program }), ocf.installed, program);
      assert.equal(await lb('validate-all', { program }), ocf.installed, program);
    }
    // but what runs is not stopped by losing its program
    assert.equal(await lb('start'), ocf.success);
    for (const program of programs) {
      assert.equal(await lb('monitor', { program }), ocf.generic, program);
    }
  });

  it('stop without the program: the daemon takes its services out, or ipvsadm those of a killed one', async () => {
    const { lb, config, good } = bench;
    for (const program of ['/nowhere/ipvsd', bench.withoutNode]) {
      assert.equal(await lb('start'), ocf.success);
      const number = bench.pid();
      assert.equal(await lb('stop', { program }), ocf.success);
      assert.throws(() => process.kill(number, 0));
      assert.deepEqual(await table(), []);
    }
    const without = { program: bench.withoutNode };

    const section = (virtual: string, real: string, more = '') =>
      `${virtual}\n\treal=${real}:80 masq\n\tchecktype=on\n${more}`;
    const [v4, v6] = ['10.9.0.101', '[fd00::101]'];
    const sections = [
      section('virtual=10.9.0.201:53', v4, '\tprotocol=udp\n'),
      section('virtual=[fd00::1]:80', v6),
      section('virtual=7', v4),
      section('virtual6=6', v6),
      section('virtual=10.9.0.203:80', v4, '\tcleanstop=no\n'),
    ];
    writeFileSync(config, `${good}${sections.join('')}`);
    assert.equal(await lb('start'), ocf.success);
    assert.equal((await table()).length, 12);
    process.kill(bench.pid(), 'SIGKILL');
    // one that does nothing: then the node has to be rid of the table in another way
    const stub = path.join(path.dirname(config), 'ipvsadm');
    writeFileSync(stub, '#!/bin/sh\n[ "$1" = --list ]\n', { mode: 0o755 });
    const PATH = `${path.dirname(stub)}:${process.env['PATH']}`;
    const failed = await bench.call('ipvsd/ipvsd', 'stop', { ...without, config, PATH });
    assert.equal(failed.exitCode, ocf.generic);
    assert.match(failed.stderr, /: its services stay in the kernel, expected \S+ or ipvsadm to /);
    assert.equal(await lb('stop', without), ocf.success);
    const kept = '10.9.0.203:80';
    assert.deepEqual(await table(), [`-A -t ${kept} -s wrr`, `-a -t ${kept} -r ${v4}:80 -m -w 1`]);
    assert.equal(await lb('stop', without), ocf.success);
    await bench.net.director.exec(['ipvsadm', '-C']);
  });

  it('start of a daemon that hangs ends it and takes its table over', async () => {
    const { lb, service } = bench;
    assert.equal(await lb('start'), ocf.success);
    const number = bench.pid();
    process.kill(number, 'SIGSTOP');
    assert.equal(await lb('start'), ocf.success);
    assert.notEqual(bench.pid(), number);
    assert.throws(() => process.kill(number, 0));
    assert.deepEqual(await table(), service());
    assert.equal(await lb('monitor'), ocf.success);
  });

  it('monitor 0: a daemon that is there and does not answer is neither well nor stopped', async () => {
    const { lb } = bench;
    assert.equal(await lb('start'), ocf.success);
    const number = bench.pid();
    process.kill(number, 'SIGSTOP');
    assert.equal(await lb('monitor'), ocf.generic);
    process.kill(number, 'SIGCONT');
    assert.equal(await lb('monitor'), ocf.success);
    process.kill(number, 'SIGKILL');
    assert.equal(await lb('monitor'), ocf.notRunning);
  });

  it('monitor 10: a table that the kernel does not take is not as it should be', async () => {
    const { lb, config, good } = bench;
    writeFileSync(config, good.replace('scheduler=rr', 'scheduler=absent'));
    // it serves as much of the file as it can
    assert.equal(await lb('start'), ocf.success);
    assert.equal(await lb('monitor'), ocf.success);
    const { exitCode, stderr } = await bench.call('ipvsd/ipvsd', 'monitor', {
      config,
      ...depth(10),
    });
    assert.equal(exitCode, ocf.generic);
    assert.match(stderr, /the kernel's table is not as it should be, it lacks: /);
    writeFileSync(config, good);
    assert.equal(await lb('reload'), ocf.success);
    await waitForTable(bench.net.director, bench.service(), 20_000);
    assert.equal(await lb('monitor', depth(10)), ocf.success);
  });

  it('monitor 10: a table that somebody emptied is mended before it counts', async () => {
    assert.equal(await bench.lb('start'), ocf.success);
    await bench.net.director.exec(['ipvsadm', '-C']);
    assert.equal(await bench.lb('monitor', depth(10)), ocf.success);
    assert.deepEqual(await table(), bench.service());
  });

  it('monitor 20: a virtual server without a live server is not well, but for one who stands by', async () => {
    const { lb, service, web, net, agents, config } = bench;
    const role = (wanted: string) => net.director.exec([agents.command, 'role', wanted, config]);
    assert.equal(await lb('start'), ocf.success);
    await web.kill();
    const fallback = '-a -t 10.9.0.200:80 -r 127.0.0.1:80 -g -w 1';
    await waitForTable(bench.net.director, [...service(0), fallback], 20_000);
    assert.equal(await lb('monitor', depth(10)), ocf.success);
    assert.equal(await lb('monitor', depth(20)), ocf.generic);
    await role('standby');
    for (const level of [0, 10, 20] as const) {
      assert.equal(await lb('monitor', depth(level)), ocf.success);
    }
    await role('active');
    assert.equal(await lb('monitor', depth(20)), ocf.generic);
    await web.start();
    await waitForTable(bench.net.director, service(), 20_000);
    assert.equal(await lb('monitor', depth(20)), ocf.success);
  });

  it('reload puts a changed file in force', async () => {
    const { lb, config, good, service } = bench;
    assert.equal(await lb('reload'), ocf.notRunning);
    assert.equal(await lb('start'), ocf.success);
    const number = bench.pid();
    writeFileSync(config, good.replace('scheduler=rr', 'scheduler=wlc'));
    assert.equal(await lb('reload'), ocf.success);
    const [first = '', real = ''] = service();
    await waitForTable(bench.net.director, [first.replace('rr', 'wlc'), real], 20_000);
    assert.equal(bench.pid(), number);
  });

  const states = {
    hangs: 'SIGSTOP',
    'was killed': 'SIGKILL',
  } as const;
  const files = {
    'a whole file': () => undefined,
    'a broken file': () => writeFileSync(bench.config, `${bench.good}nonsense=1\n`),
    'its file gone': () => rmSync(bench.config),
  } as const;
  for (const [state, signal] of Object.entries(states)) {
    for (const [file, spoil] of Object.entries(files)) {
      it(`stop of a daemon that ${state}, with ${file}: in time, and nothing is left`, async () => {
        const { lb, pid } = bench;
        assert.equal(await lb('start'), ocf.success);
        const number = pid();
        process.kill(number, signal);
        spoil();
        const begin = performance.now();
        const timeoutMs = 30_000;
        const meta = { OCF_RESKEY_CRM_meta_timeout: String(timeoutMs) };
        assert.equal(await lb('stop', meta), ocf.success);
        assert.ok(performance.now() - begin < timeoutMs);
        assert.throws(() => process.kill(number, 0));
        assert.deepEqual(await table(), []);
        assert.equal(await lb('monitor'), ocf.notRunning);
      });
    }
  }

  it('stop by a program that hangs: in time, though what is to end does not', async () => {
    const { lb, config, net } = bench;
    const timeoutMs = 30_000;
    const program = path.join(path.dirname(config), 'hanging');
    writeFileSync(program, '#!/bin/sh\nexec sleep 1000\n', { mode: 0o755 });
    const stop = async () => {
      const begin = performance.now();
      const meta = { OCF_RESKEY_CRM_meta_timeout: String(timeoutMs) };
      assert.equal(await lb('stop', { program, ...meta }), ocf.success);
      assert.ok(performance.now() - begin < timeoutMs);
      assert.deepEqual(await table(), []);
    };
    assert.equal(await lb('start'), ocf.success);
    await stop();
    assert.equal(await lb('start'), ocf.success);
    process.kill(bench.pid(), 'SIGKILL');
    // the path of a process in /proc is no number that kill takes
    const pidFile = `/run/ldirectord.${path.basename(config)}.pid`;
    const lasting = `echo $$/task/$$ >${pidFile}; while :; do sleep 1; done`;
    const unending = net.director.spawn(['sh', '-c', lasting, 'lasting', config]);
    await waitUntil('it has taken the place of the daemon', 20_000, () =>
      readFileSync(pidFile, 'utf8').includes('task'),
    );
    await stop();
    await unending.kill();
  });

  it('one daemon a file: two resources, each started and stopped alone', async () => {
    const { lb, config, service } = bench;
    const other = path.join(path.dirname(config), 'other.cf');
    const [vip, real] = ['10.9.0.201', '10.9.0.101'];
    writeFileSync(other, seed004({ vip, reals: [real] }));
    const second = { config: other };
    const theirs = [`-A -t ${vip}:80 -s rr`, `-a -t ${vip}:80 -r ${real}:80 -g -w 1`];
    assert.equal(await lb('start'), ocf.success);
    assert.equal(await lb('monitor', second), ocf.notRunning);
    assert.equal(await lb('start', second), ocf.success);
    assert.deepEqual(await table(), [...service(), ...theirs]);
    assert.equal(await lb('stop'), ocf.success);
    assert.deepEqual(await table(), theirs);
    assert.equal(await lb('monitor'), ocf.notRunning);
    assert.equal(await lb('monitor', { ...second, ...depth(20) }), ocf.success);
    // what is cleaned up after one that was killed is its own only
    assert.equal(await lb('start'), ocf.success);
    process.kill(bench.pid(), 'SIGKILL');
    assert.equal(await lb('stop'), ocf.success);
    assert.deepEqual(await table(), theirs);
    assert.equal(await lb('stop', second), ocf.success);
    assert.deepEqual(await table(), []);
  });
});
