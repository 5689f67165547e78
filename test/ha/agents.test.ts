import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { type Agents, contrib, installAgents } from '../support/ha/agents.ts';
import { shellcheck } from '../support/ha/shellcheck.ts';
import { savedTable, waitForTable } from '../support/ipvsd.ts';
import { seed004 } from '../support/seeds.ts';
import type { NginxServer } from '../support/topology/nginx.ts';
import { createTopology, type Topology } from '../support/topology.ts';

const vip = '10.9.0.200';
const pidFile = '/run/ldirectord.agents.cf.pid';
/** OCF_SUCCESS and so on, ocf-returncodes. */
const ocf = { success: 0, generic: 1, args: 2, unimplemented: 3, installed: 5, notRunning: 7 };
const scripts = ['heartbeat', 'ocf'].flatMap((folder) =>
  readdirSync(path.join(contrib, folder)).map((name) => path.join(contrib, folder, name)),
);

describe('resource agents', () => {
  let net: Topology;
  let web: NginxServer;
  let agents: Agents;
  let config: string;
  const good = seed004({ vip, reals: ['10.9.0.101'] });
  const pid = () => Number(readFileSync(pidFile, 'utf8'));
  const service = (weight = 1) => [
    `-A -t ${vip}:80 -s rr`,
    `-a -t ${vip}:80 -r 10.9.0.101:80 -g -w ${weight}`,
  ];

  const call = async (
    name: string,
    action: string,
    parameters: Readonly<Record<string, string>>,
  ) => {
    const env = Object.entries({ program: agents.command, ...parameters }).map(([key, value]) =>
      key.startsWith('OCF_') ? `${key}=${value}` : `OCF_RESKEY_${key}=${value}`,
    );
    const words = ['env', `OCF_ROOT=${agents.ocfRoot}`, 'OCF_RESOURCE_INSTANCE=lb', ...env];
    const argv = [...words, agents.agent(name), action];
    return net.director.exec(argv, { allowFailure: true });
  };
  /** The exit code of an action of the main agent. */
  const lb = async (action: string, parameters: Readonly<Record<string, string>> = {}) =>
    (await call('ipvsd/ipvsd', action, { config, ...parameters })).exitCode;
  const ocfTester = async (name: string, options: readonly string[]) => {
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
    net = await createTopology({ reals: 1 });
    web = await net.host('real1').nginx({ pages: { '/ldirector.html': 'Test Page' } });
    await net.addVirtualAddress(vip);
    agents = await installAgents(net.directory);
    config = path.join(net.directory, 'agents.cf');
    writeFileSync(config, good);
  });
  afterEach(async () => {
    writeFileSync(config, good);
    await lb('stop');
    await net.director.exec([agents.command, 'sync', 'stop']);
  });
  after(() => net?.teardown());

  it('please shellcheck', async () => {
    assert.equal(scripts.length, 5);
    await shellcheck(scripts);
  });

  it('ipvsd: passes ocf-tester', () =>
    ocfTester('ipvsd/ipvsd', [`config=${config}`, `program=${agents.command}`]));

  it('ldirectord: passes ocf-tester', () =>
    ocfTester('heartbeat/ldirectord', [`configfile=${config}`, `ldirectord=${agents.command}`]));

  it('ipvs-sync: passes ocf-tester', () =>
    ocfTester('ipvsd/ipvs-sync', ['interface=eth0', 'syncid=7', `program=${agents.command}`]));

  it('ipvsd: start waits for applied rules, stop leaves nothing', async () => {
    assert.equal(await lb('start'), ocf.success);
    assert.deepEqual(await savedTable(net.director), service());
    assert.equal(await lb('stop'), ocf.success);
    assert.deepEqual(await savedTable(net.director), []);
  });

  it('ipvsd: a broken or missing file makes neither monitor nor stop lie', async () => {
    assert.equal(await lb('start'), ocf.success);
    writeFileSync(config, `${good}nonsense=1\n`);
    assert.equal(await lb('monitor', { OCF_CHECK_LEVEL: '20' }), ocf.success);
    const { exitCode, stderr } = await call('ipvsd/ipvsd', 'validate-all', { config });
    assert.equal(exitCode, ocf.args);
    assert.match(stderr, /nonsense/);
    assert.equal(await lb('stop'), ocf.success);
    assert.equal(await lb('monitor'), ocf.notRunning);
    assert.deepEqual(await savedTable(net.director), []);
    assert.equal(await lb('start'), ocf.args);
    assert.equal(await lb('monitor'), ocf.notRunning);
    const missing = { config: `${config}.none` };
    assert.equal(await lb('start', missing), ocf.installed);
    assert.equal(await lb('monitor', missing), ocf.notRunning);
    assert.equal(await lb('stop', missing), ocf.success);
  });

  it('ipvsd: monitor looks deeper where it is told to', async () => {
    assert.equal(await lb('start'), ocf.success);
    await web.kill();
    const fallback = `-a -t ${vip}:80 -r 127.0.0.1:80 -g -w 1`;
    await waitForTable(net.director, [...service(0), fallback], 8000);
    assert.equal(await lb('monitor', { OCF_CHECK_LEVEL: '10' }), ocf.success);
    assert.equal(await lb('monitor', { OCF_CHECK_LEVEL: '20' }), ocf.generic);
    await web.start();
  });

  it('ipvsd: reload puts a changed file in force', async () => {
    assert.equal(await lb('reload'), ocf.notRunning);
    assert.equal(await lb('start'), ocf.success);
    writeFileSync(config, good.replace('scheduler=rr', 'scheduler=wlc'));
    assert.equal(await lb('reload'), ocf.success);
    const [, real = ''] = service();
    await waitForTable(net.director, [`-A -t ${vip}:80 -s wlc`, real], 5000);
  });

  it('ipvsd: stop ends a daemon that hangs, in time, and cleans the kernel for it', async () => {
    assert.equal(await lb('start'), ocf.success);
    const number = pid();
    process.kill(number, 'SIGSTOP');
    const begin = performance.now();
    const timeoutMs = 45_000;
    assert.equal(await lb('stop', { OCF_RESKEY_CRM_meta_timeout: String(timeoutMs) }), ocf.success);
    assert.ok(performance.now() - begin < timeoutMs);
    assert.throws(() => process.kill(number, 0));
    assert.deepEqual(await savedTable(net.director), []);
  });

  it('ipvs-sync: one of two that runs is a failure, which start mends', async () => {
    const sync = async (action: string) =>
      (await call('ipvsd/ipvs-sync', action, { syncid: '7' })).exitCode;
    assert.equal(await sync('monitor'), ocf.notRunning);
    await net.director.exec([agents.command, 'sync', 'start', 'master', 'eth0', '--syncid=7']);
    assert.equal(await sync('monitor'), ocf.generic);
    assert.equal(await sync('start'), ocf.success);
    assert.equal(await sync('monitor'), ocf.success);
    assert.equal(await sync('stop'), ocf.success);
    assert.equal(await sync('monitor'), ocf.notRunning);
  });

  describe('of heartbeat v1', () => {
    const script = async (name: string, ...words: readonly string[]) => {
      const argv = ['env', `IPVSD=${agents.command}`, path.join(contrib, 'heartbeat', name)];
      const { exitCode, stdout } = await net.director.exec([...argv, ...words], {
        allowFailure: true,
      });
      return [exitCode, stdout] as const;
    };

    it('ldirectord: says on stdout what heartbeat looks for, with a broken file too', async () => {
      assert.deepEqual(await script('ldirectord', config, 'status'), [3, 'stopped']);
      assert.deepEqual(await script('ldirectord', config, 'start'), [0, '']);
      writeFileSync(config, `${good}nonsense=1\n`);
      const [exitCode, text] = await script('ldirectord', config, 'status');
      assert.equal(exitCode, 0);
      assert.match(text, /^running \(/);
      assert.deepEqual(await script('ldirectord', config, 'stop'), [0, '']);
      assert.deepEqual(await script('ldirectord', config, 'status'), [3, 'stopped']);
      assert.equal((await script('ldirectord', 'status'))[0], 2);
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
    });
  });
});
