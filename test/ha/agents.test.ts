import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { execa } from 'execa';
import { type AgentBench, createAgentBench, ocf } from '../support/ha/agent-bench.ts';
import { contrib } from '../support/ha/agents.ts';
import { shellcheck } from '../support/ha/shellcheck.ts';
import { savedTable } from '../support/ipvsd.ts';

const scripts = ['heartbeat', 'ocf'].flatMap((folder) =>
  readdirSync(path.join(contrib, folder)).map((name) => path.join(contrib, folder, name)),
);
const names = ['ipvsd/ipvsd', 'heartbeat/ldirectord', 'ipvsd/ipvs-sync'] as const;
const dtd = '/usr/share/resource-agents/ra-api-1.dtd';

describe('resource agents', () => {
  let bench: AgentBench;

  const ocfTester = async (name: string, options: readonly string[]) => {
    const { agents, net } = bench;
    const words = options.flatMap((option) => ['-o', option]);
    const { exitCode, stdout, stderr } = await net.director.exec(
      [
        'env',
        `OCF_ROOT=${agents.ocfRoot}`,
        'ocf-tester',
        '-n',
        'tried',
        ...words,
        agents.agent(name),
      ],
      { allowFailure: true, timeoutMs: 240_000 },
    );
    assert.equal(exitCode, 0, `${stdout}\n${stderr}`);
    assert.match(stdout, /passed all tests/);
    // it counts only what ends with another code, and says so for all
    assert.doesNotMatch(stdout, /rc=/);
  };

  before(async () => {
    bench = await createAgentBench('agents');
  });
  afterEach(() => bench.reset());
  after(() => bench?.net.teardown());

  it('please shellcheck', async () => {
    assert.equal(scripts.length, 5);
    await shellcheck(scripts);
  });

  it('ipvsd: passes ocf-tester', () =>
    ocfTester('ipvsd/ipvsd', [`config=${bench.config}`, `program=${bench.agents.command}`]));

  it('ldirectord: passes ocf-tester', () =>
    ocfTester('heartbeat/ldirectord', [
      `configfile=${bench.config}`,
      `ldirectord=${bench.agents.command}`,
    ]));

  it('ipvs-sync: passes ocf-tester', () =>
    ocfTester('ipvsd/ipvs-sync', [
      'interface=eth0',
      'syncid=7',
      `program=${bench.agents.command}`,
    ]));

  for (const name of names) {
    it(`${name}: tells of every parameter and action that it has`, async () => {
      const { stdout: text } = await bench.call(name, 'meta-data');
      await execa('xmllint', ['--noout', '--dtdvalid', dtd, '-'], { input: text });
      const script = readFileSync(bench.agents.agent(name), 'utf8');
      // the drop-in hands two of its own over to the agent that does the work
      const used = [...script.matchAll(/\$\{?OCF_RESKEY_([a-z]+)\b/g)].map(([, word = '']) => word);
      const blocks = text.split('<parameter ').slice(1);
      const told = blocks.map((block) => /name="(\w+)"/.exec(block)?.[1] ?? '');
      assert.deepEqual([...new Set(used)].sort(), [...told].sort());
      for (const block of blocks) {
        assert.match(block, /unique="[01]" required="[01]"/);
        assert.match(block, /<longdesc lang="en">\n[^<]{5,}<\/longdesc>/);
        assert.match(block, /<shortdesc lang="en">[^<]{3,}<\/shortdesc>/);
        // the largest message is the only one whose value is the kernel's to choose
        const hasDefault = /<content type="(string|integer)" default="[^"]+" \/>/.test(block);
        assert.equal(hasDefault, !block.startsWith('name="maxlen"'), block);
      }
      const actions = [
        ...text.matchAll(/<action name="([\w-]+)" (?:depth="(\d+)" )?timeout="\d+s"/g),
      ];
      const sync = name === 'ipvsd/ipvs-sync';
      assert.deepEqual(
        actions.map(([, action = '', depth = '']) => `${action}${depth}`),
        [
          ...['start', 'stop'],
          ...(sync ? ['monitor0'] : ['reload', 'monitor0', 'monitor10', 'monitor20']),
          ...['validate-all', 'meta-data'],
        ],
      );
      assert.equal((await bench.call(name, 'promote')).exitCode, ocf.unimplemented);
    });
  }

  it('ipvs-sync: validate-all refuses what cannot be', async () => {
    const validate = async (parameters: Readonly<Record<string, string>>) => {
      const { exitCode, stderr } = await bench.call('ipvsd/ipvs-sync', 'validate-all', parameters);
      return [exitCode, /expected .*/.exec(stderr)?.[0]] as const;
    };
    assert.deepEqual(await validate({}), [ocf.success, undefined]);
    assert.deepEqual(await validate({ role: 'slave' }), [
      ocf.configured,
      'expected master, backup or both, got "slave"',
    ]);
    assert.deepEqual(await validate({ interface: 'eth9' }), [
      ocf.installed,
      'expected one of this node, got "eth9"',
    ]);
    assert.deepEqual(await validate({ program: '/nowhere/ipvsd' }), [
      ocf.installed,
      'expected the program to be there',
    ]);
    assert.deepEqual(await validate({ program: bench.withoutNode }), [
      ocf.installed,
      'expected the program to run',
    ]);
  });

  it('ipvs-sync: without the program it does not run, and its stop is no failure', async () => {
    for (const program of ['/nowhere/ipvsd', bench.withoutNode]) {
      const codes: unknown[] = [];
      for (const action of ['monitor', 'start', 'stop']) {
        codes.push((await bench.call('ipvsd/ipvs-sync', action, { program })).exitCode);
      }
      assert.deepEqual(codes, [ocf.notRunning, ocf.installed, ocf.success], program);
    }
  });

  it('ipvs-sync: with a role that cannot be it does not run, and its stop is no failure', async () => {
    const codes: unknown[] = [];
    for (const action of ['monitor', 'start', 'stop']) {
      codes.push((await bench.call('ipvsd/ipvs-sync', action, { role: 'slave' })).exitCode);
    }
    assert.deepEqual(codes, [ocf.notRunning, ocf.configured, ocf.success]);
  });

  it('ipvs-sync: one of two that runs is a failure, which start mends', async () => {
    const sync = async (action: string) =>
      (await bench.call('ipvsd/ipvs-sync', action, { syncid: '7' })).exitCode;
    assert.equal(await sync('monitor'), ocf.notRunning);
    await bench.net.director.exec([
      bench.agents.command,
      'sync',
      'start',
      'master',
      'eth0',
      '--syncid=7',
    ]);
    assert.equal(await sync('monitor'), ocf.generic);
    assert.equal(await sync('start'), ocf.success);
    assert.equal(await sync('monitor'), ocf.success);
    assert.equal(await sync('stop'), ocf.success);
    assert.equal(await sync('monitor'), ocf.notRunning);
  });

  describe('of heartbeat v1', () => {
    const scriptOf = async (program: string, name: string, ...words: readonly string[]) => {
      const argv = ['env', `IPVSD=${program}`, path.join(contrib, 'heartbeat', name), ...words];
      const { exitCode, stdout } = await bench.net.director.exec(argv, { allowFailure: true });
      return [exitCode, stdout] as const;
    };
    const script = (name: string, ...words: readonly string[]) =>
      scriptOf(bench.agents.command, name, ...words);

    it('ldirectord: says on stdout what heartbeat looks for, with a broken file too', async () => {
      const { config, good } = bench;
      assert.deepEqual(await script('ldirectord', config, 'status'), [3, 'stopped']);
      assert.deepEqual(await script('ldirectord', config, 'start'), [0, '']);
      writeFileSync(config, `${good}nonsense=1\n`);
      assert.deepEqual(await script('ldirectord', config, 'status'), [0, 'running']);
      assert.deepEqual(await script('ldirectord', config, 'stop'), [0, '']);
      assert.deepEqual(await script('ldirectord', config, 'status'), [3, 'stopped']);
      assert.equal((await script('ldirectord', 'status'))[0], 2);
    });

    it('ldirectord: a start ends a daemon that hangs; a stop does without the program', async () => {
      const { config } = bench;
      assert.deepEqual(await script('ldirectord', config, 'start'), [0, '']);
      const number = bench.pid();
      process.kill(number, 'SIGSTOP');
      assert.deepEqual(await script('ldirectord', config, 'status'), [1, 'failed']);
      assert.deepEqual(await script('ldirectord', config, 'start'), [0, '']);
      assert.notEqual(bench.pid(), number);
      const command = [path.join(contrib, 'heartbeat/ldirectord'), config, 'stop'];
      for (let time = 0; time < 2; time++) {
        await bench.net.director.exec(['env', 'IPVSD=/nowhere/ipvsd', ...command]);
        assert.deepEqual(await savedTable(bench.net.director), []);
      }
      assert.deepEqual(await script('ldirectord', config, 'start'), [0, '']);
      const broken = (action: string) => scriptOf(bench.withoutNode, 'ldirectord', config, action);
      assert.deepEqual(await broken('status'), [1, 'failed']);
      assert.deepEqual(await broken('stop'), [0, '']);
      assert.deepEqual(await savedTable(bench.net.director), []);
      assert.deepEqual(await broken('status'), [3, 'stopped']);
      // of one that was killed nobody takes out what it leaves
      assert.deepEqual(await script('ldirectord', config, 'start'), [0, '']);
      process.kill(bench.pid(), 'SIGKILL');
      const left = await bench.net.director.exec(['env', 'IPVSD=/nowhere/ipvsd', ...command], {
        allowFailure: true,
      });
      assert.match(left.stderr, / its services stay in the kernel$/);
      assert.equal(left.exitCode, 1);
      assert.deepEqual(await script('ldirectord', config, 'stop'), [0, '']);
      assert.deepEqual(await savedTable(bench.net.director), []);
    });

    it('LVSSyncDaemonSwap: master on the active node, backup on the other one', async () => {
      const swap = (...words: readonly string[]) => script('LVSSyncDaemonSwap', ...words);
      const text = 'running(interface eth0, syncid 0, group 224.0.0.81, port 8848, maxlen 1472)';
      assert.deepEqual(await swap('master', 'status'), [3, 'master stopped']);
      assert.equal((await swap('master', 'start'))[0], 0);
      assert.deepEqual(await swap('master', 'status'), [0, `master ${text}`]);
      assert.deepEqual(await swap('backup', 'status'), [3, 'backup stopped']);
      assert.equal((await swap('master', 'stop'))[0], 0);
      assert.deepEqual(await swap('master', 'status'), [3, 'master stopped']);
      assert.deepEqual(await swap('backup', 'status'), [0, `backup ${text}`]);
      assert.equal((await swap('master', 'eth0', '9', 'start'))[0], 0);
      assert.match((await swap('master', 'status'))[1], /syncid 9/);
      // a stop that failed would make heartbeat restart the machine
      assert.equal((await swap('master', 'eth9', 'stop'))[0], 0);
      assert.deepEqual(await swap('master', 'status'), [3, 'master stopped']);
      assert.equal((await swap('slave', 'start'))[0], 2);
      // a start that failed would make it give up the takeover
      assert.equal((await swap('backup', 'start'))[0], 0);
      assert.equal((await swap('master', 'eth9', 'start'))[0], 0);
      assert.deepEqual(await swap('master', 'status'), [3, 'master stopped']);
      assert.deepEqual(await swap('backup', 'status'), [0, `backup ${text}`]);
    });
  });
});
