import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { linkAddress } from '../support/bridged.ts';
import { connectionsOf } from '../support/ha/connections.ts';
import { askOnce } from '../support/ha/flows.ts';
import { type Ipvsd, ipvsdOn, program } from '../support/ipvsd.ts';
import { seed004 } from '../support/seeds.ts';
import type { Host } from '../support/topology/host.ts';
import type { HostProcess } from '../support/topology/host-process.ts';
import { createTopology, type Topology } from '../support/topology.ts';
import { waitUntil } from '../support/wait-until.ts';

const vip = '10.9.0.200';
/** What is not given, as the kernel reports it; a veth has an MTU of 1500. */
const defaults = 'group 224.0.0.81, port 8848, maxlen 1472';
/** The master sends what it has every two seconds (IPVS_SYNC_SEND_DELAY, ip_vs_sync.c). */
const syncMs = 10_000;
/** Opens a connection, sends enough packets for the threshold of three, and keeps it open. */
const lasting = `exec 3<>/dev/tcp/${vip}/80
for i in 1 2 3 4 5 6; do printf x >&3; sleep 0.1; done; echo open; sleep 100`;

describe('ipvsd sync', () => {
  let net: Topology;
  let one: Host;
  let two: Host;

  const sync = async (host: Host, ...words: readonly string[]) => {
    const argv = [process.execPath, program, 'sync', ...words];
    const { exitCode, stdout, stderr } = await host.exec(argv, { allowFailure: true });
    return { exitCode, stdout, stderr };
  };
  const said = (stdout: string, exitCode = 0) => ({ exitCode, stdout, stderr: '' });
  const refused = (stderr: string) => ({ exitCode: 1, stdout: '', stderr: `ipvsd: ${stderr}` });
  const daemons = async (host: Host) => (await host.exec(['ipvsadm', '-l', '--daemon'])).stdout;

  before(async () => {
    net = await createTopology({ directors: 2, reals: 2 });
    [one, two] = [net.host('director1'), net.host('director2')];
  });
  afterEach(async () => {
    for (const director of [one, two]) await sync(director, 'stop');
  });
  after(() => net?.teardown());

  it('starts and stops each role, says what runs, and does nothing twice', async () => {
    assert.deepEqual(await sync(one, 'status'), said('backup stopped\nmaster stopped', 3));
    const asked = 'interface eth0, syncid 7';
    assert.deepEqual(
      await sync(one, 'start', 'master', 'eth0', '--syncid', '7'),
      said(`master started(${asked})`),
    );
    assert.match(await daemons(one), /^master sync daemon \(mcast=eth0, syncid=7,/);
    assert.deepEqual(await sync(one, 'start', 'master', 'eth0', '--syncid', '7'), said(''));
    const master = `master running(${asked}, ${defaults})`;
    assert.deepEqual(await sync(one, 'status'), said(`backup stopped\n${master}`));
    assert.deepEqual(await sync(one, 'status', 'master'), said(master));
    assert.deepEqual(await sync(one, 'status', 'backup'), said('backup stopped', 3));
    assert.deepEqual(await sync(one, 'status', 'both'), said(`backup stopped\n${master}`, 3));
    assert.deepEqual(await sync(one, 'stop', 'backup'), said(''));
    assert.deepEqual(await sync(one, 'stop'), said('master stopped'));
    assert.deepEqual(await sync(one, 'stop'), said(''));
    assert.equal(await daemons(one), '');
  });

  it('runs both roles with all values, and tells programs', async () => {
    const values = ['--syncid=9', '--port=9000', '--group=239.1.2.3', '--maxlen=1400'];
    assert.equal((await sync(one, 'start', 'both', 'eth0', ...values)).exitCode, 0);
    const { exitCode, stdout } = await sync(one, 'status', 'both', '--json');
    const common = { interface: 'eth0', syncId: 9, maxLength: 1400, group: '239.1.2.3' };
    assert.deepEqual(
      [exitCode, JSON.parse(stdout)],
      [
        0,
        [
          { role: 'master', ...common, port: 9000, ttl: 1 },
          { role: 'backup', ...common, port: 9000, ttl: 1 },
        ],
      ],
    );
    assert.deepEqual(await sync(one, 'start', 'both', 'eth0', ...values), said(''));
    const other = await sync(one, 'start', 'backup', 'eth0', '--syncid=9');
    const before = 'interface eth0, syncid 9, group 239.1.2.3, port 9000, maxlen 1400';
    const text = `backup started(interface eth0, syncid 9), restarted; it had ${before}`;
    assert.deepEqual(other, said(text));
  });

  it('leaves the daemon that runs as it was when the kernel refuses the values of another', async () => {
    assert.equal((await sync(one, 'start', 'both', 'eth0', '--syncid=7')).exitCode, 0);
    const before = await daemons(one);
    const restored = `restored: backup with interface eth0, syncid 7, ${defaults}`;
    const noSuch = 'start backup daemon: the kernel has no such network interface (ENODEV)';
    const wrong = await sync(one, 'start', 'both', 'eth9', '--syncid=8');
    assert.deepEqual(wrong, refused(`${noSuch}; ${restored}`));
    assert.equal(await daemons(one), before);
    // too small for IPv6, which the kernel finds out when its socket is to join the group
    await one.exec(['ip', 'link', 'add', 'small', 'mtu', '1279', 'type', 'dummy']);
    const late = await sync(one, 'start', 'backup', 'small', '--group=ff02::81');
    assert.equal(late.exitCode, 1);
    assert.match(late.stderr, /^ipvsd: start backup daemon: [^\n]*; restored: backup with [^\n]*$/);
    assert.equal(await daemons(one), before);
  });

  it('takes an IPv6 group', async () => {
    const words = ['start', 'both', 'eth0', '--group', 'FF02::0:81'];
    assert.equal((await sync(one, ...words)).exitCode, 0);
    assert.match((await sync(one, 'status', 'master')).stdout, /group ff02::81, port 8848/);
    assert.deepEqual(await sync(one, ...words), said(''));
  });

  it('refuses in one line', async () => {
    const start = (...words: readonly string[]) => sync(one, 'start', ...words);
    assert.deepEqual(
      await start('master', 'eth9'),
      refused('start master daemon: the kernel has no such network interface (ENODEV)'),
    );
    const wrong = [
      [['both'], 'start: expected master, backup or both, and an interface'],
      [['slave', 'eth0'], 'role: expected master, backup or both, got "slave"'],
      [
        ['master', 'eth0', '--syncid=256'],
        '--syncid: expected a whole number from 0 to 255, got "256"',
      ],
      [['master', 'eth0', '--port=x'], '--port: expected a whole number from 1 to 65535, got "x"'],
      [
        ['master', 'eth0', '--maxlen=9'],
        '--maxlen: expected a whole number from 1024 to 65507, got "9"',
      ],
      [
        ['master', 'eth0', '--group=10.0.0.1'],
        '--group: expected an IPv4 or IPv6 multicast address, got "10.0.0.1"',
      ],
    ] as const;
    for (const [words, text] of wrong)
      assert.deepEqual(await start(...words), refused(`sync: ${text}`));
    const plain = ['setpriv', '--bounding-set=-net_admin', '--inh-caps=-net_admin'];
    const denied = await one.exec([...plain, process.execPath, program, 'sync', 'status'], {
      allowFailure: true,
    });
    assert.equal(denied.exitCode, 1);
    assert.match(denied.stderr, /^ipvsd: [^\n]*no permission[^\n]*$/);
    assert.equal(await daemons(one), '');
  });

  describe('with a daemon', () => {
    let ipvsd: Ipvsd;
    let daemon: HostProcess;
    before(async () => {
      await net.host('real1').nginx({ pages: { '/ldirector.html': 'Test Page' } });
      await net.addVirtualAddress(vip);
      const text = seed004({ vip, reals: ['10.9.0.101'] });
      ipvsd = ipvsdOn(one, `${net.directory}/etc`, 'sync.cf', text);
      daemon = await ipvsd.run();
    });
    after(() => daemon?.stop());

    it('brings an established connection to the backup, over a reload too', async () => {
      await sync(one, 'start', 'master', 'eth0', '--syncid=7');
      await sync(two, 'start', 'backup', 'eth0', '--syncid=7');
      const before = await daemons(one);
      daemon.signal('SIGHUP');
      await daemon.waitForOutput(/Reread new configuration/);
      assert.equal(await daemons(one), before);
      const client = net.client.spawn(['bash', '-c', lasting]);
      await client.waitForOutput(/open/);
      const entry = new RegExp(`ESTABLISHED +${net.client.ipv4}:\\d+ +${vip}:80 +10.9.0.101:80`);
      const deadline = Date.now() + syncMs;
      let table = '';
      while (!entry.test(table)) {
        assert.ok(Date.now() < deadline, table);
        table = (await two.exec(['ipvsadm', '-Lnc'])).stdout;
        await sleep(100);
      }
      await client.kill();
    });

    it('is shown in the status of the daemon', async () => {
      await sync(one, 'start', 'master', 'eth0', '--syncid=7');
      const { stdout } = await ipvsd.call('status');
      assert.match(stdout, /^sync {3}master on eth0 {2}syncid 7 {2}224\.0\.0\.81 port 8848$/m);
      const [snapshot] = JSON.parse((await ipvsd.call('status', '--json')).stdout);
      assert.equal(snapshot.sync[0].maxLength, 1472);
    });
  });

  describe('with persistence', () => {
    const address = '10.9.0.201';
    const service = `-t ${address}:81`;
    const serve = (director: Host, ...weights: readonly number[]) => {
      const rows = weights.map(
        (weight, index) => `-a ${service} -r 10.9.0.10${index + 1}:81 -g -w ${weight}`,
      );
      const input = [`-A ${service} -s rr -p 600`, ...rows, ''].join('\n');
      return director.exec(['ipvsadm', '-R'], { input });
    };
    /** Whose request it is from now on. */
    const sendTo = async (director: Host) => {
      const there = ['lladdr', await linkAddress(director), 'dev', 'eth0', 'nud', 'permanent'];
      await net.client.exec(['ip', 'neigh', 'replace', address, ...there]);
    };
    const ask = async (from: string) =>
      (await askOnce(net.client, `http://${address}:81/`, [from])).get(from);

    /** The backup would give new clients the other server. */
    const afterTakeover = async (from: string, isThere: boolean) => {
      await net.client.addAddress(`${from}/24`);
      await sync(one, 'start', 'master', 'eth0', '--syncid=7');
      await sync(two, 'start', 'backup', 'eth0', '--syncid=7');
      await serve(one, 1, 0);
      if (isThere) await serve(two, 0, 1);
      await sendTo(one);
      assert.equal(await ask(from), 'real1');
      await waitUntil('session on the backup', syncMs, async () =>
        (await connectionsOf(two)).has(`${from}:0`),
      );
      if (!isThere) await serve(two, 0, 1);
      await sendTo(two);
      return ask(from);
    };

    before(async () => {
      for (const real of net.reals) await real.nginx({ port: 81 });
      await net.addVirtualAddress(address);
      await two.addAddress(`${address}/32`, 'lo');
    });
    afterEach(async () => {
      for (const director of [one, two]) await director.exec(['ipvsadm', '-C']);
    });

    it('keeps sessions over a takeover where the backup has the virtual server', async () => {
      assert.equal(await afterTakeover('10.9.0.21', true), 'real1');
    });

    it('loses them where it gets it with the takeover: the kernel does not keep them', async () => {
      assert.equal(await afterTakeover('10.9.0.22', false), 'real2');
    });
  });
});
