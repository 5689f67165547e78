import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Doctor, doctorIn, file, one, section, vip } from '../support/doctor.ts';
import type { Host } from '../support/topology/host.ts';
import { createTopology, type Topology } from '../support/topology.ts';
import { waitUntil } from '../support/wait-until.ts';

const gate = file(`real=${one}:80 gate`, 'quiescent=no');
const masq = file(`real=${one}:80 masq`);

describe('ipvsd doctor on a director', () => {
  let net: Topology;
  let director: Host;
  let doctor: Doctor;
  const sysctl = (name: string, value: number) => director.sysctl(name, value);

  before(async () => {
    net = await createTopology({ directors: 2, reals: 2 });
    director = net.director;
    doctor = doctorIn(net);
  });
  after(() => net?.teardown());

  describe('with the address', () => {
    before(() => net.addVirtualAddress(vip));
    after(() => director.removeAddress(`${vip}/32`));

    it('says that nothing is wrong, and what it looked at', async () => {
      const { exitCode, stdout, stderr } = await doctor.call(director, gate);
      assert.deepEqual([exitCode, stderr], [0, '']);
      assert.match(stdout, /^all \d+ checks passed\n?$/);
      const verbose = await doctor.call(director, gate, '--verbose');
      assert.match(verbose.stdout, /^passed +address-conflict: /m);
      assert.match(verbose.stdout, /^passed +nat-rules: /m);
      assert.match(verbose.stdout, /^not needed +ip-forward: /m);
      assert.doesNotMatch(verbose.stdout, /not looked at/);
    });

    it('finds a second machine with it', async () => {
      const other = net.host('director2');
      await other.addAddress(`${vip}/32`);
      await doctor.findAndMend({
        host: director,
        text: gate,
        check: 'address-conflict',
        level: 'error',
        what: /another machine \(\S+\) answers for 10\.9\.0\.200/,
        on: other,
        words: { INTERFACE: 'eth0' },
      });
    });

    it('finds a real server that answers for it, and says which', async () => {
      const real = net.host('real1');
      await real.sysctl('net.ipv4.conf.all.arp_ignore', 0);
      const finding = await doctor.findAndMend({
        host: director,
        text: gate,
        check: 'address-conflict',
        level: 'error',
        what: /the real server 10\.9\.0\.101 \(\S+\) answers ARP requests/,
        on: real,
      });
      assert.equal(finding.on, one);
    });

    it('finds an IPv6 address that the kernel does not use, as another machine has it', async () => {
      const six = 'fd00:9::200';
      const other = net.host('director2');
      await other.addAddress(`${six}/64`);
      await sysctl('net.ipv6.conf.eth0.accept_dad', 1);
      await director.exec(['ip', 'addr', 'add', `${six}/64`, 'dev', 'eth0']);
      const isSeen = async () =>
        (await director.exec(['ip', 'addr', 'show', 'dev', 'eth0'])).stdout.includes('dadfailed');
      await waitUntil('duplicate address detection', 60_000, isSeen);
      await other.removeAddress(`${six}/64`);
      await doctor.findAndMend({
        host: director,
        text: section(`[${six}]:80`, 'real=[fd00:9::101]:80 gate')
          .replace('virtual', 'virtual6')
          .replace('real', 'real6'),
        check: 'address-conflict',
        level: 'error',
        what: /the kernel found fd00:9::200 on another machine and does not use it on eth0/,
      });
      await director.removeAddress(`${six}/64`);
      await sysctl('net.ipv6.conf.eth0.accept_dad', 0);
    });

    it('finds forwarding off where masq needs it, for all and for one interface', async () => {
      for (const name of ['ip_forward', 'conf.eth0.forwarding'] as const) {
        await sysctl(`net.ipv4.${name}`, 0);
        await doctor.findAndMend({
          host: director,
          text: masq,
          check: 'ip-forward',
          level: 'error',
          what: /^net\.ipv4\.(ip_forward|conf\.eth0\.forwarding): is 0/,
        });
      }
      await sysctl('net.ipv6.conf.all.forwarding', 0);
      await doctor.findAndMend({
        host: director,
        text: section('[fd00:9::200]:80', 'real=[fd00:9::101]:80 masq')
          .replace('virtual', 'virtual6')
          .replace('real', 'real6'),
        check: 'ip-forward',
        level: 'error',
        what: /^net\.ipv6\.conf\.all\.forwarding: is 0/,
        // this one has no such address
        others: ['virtual-address'],
      });
    });

    it('finds redirects where clients and real servers with masq are on one network', async () => {
      await sysctl('net.ipv4.conf.all.send_redirects', 1);
      await doctor.findAndMend({
        host: director,
        text: masq,
        check: 'redirects',
        level: 'warning',
        what: /both on eth0/,
      });
    });

    it('tells where answers have to go, which it cannot see', async () => {
      const { outcome, findings } = await doctor.examine(director, masq, 'return-path');
      assert.equal(outcome, 'not looked at');
      assert.equal(findings[0]?.command, 'ip route replace default via 10.9.0.1');
      assert.equal(findings[0]?.on, one);
    });

    it('finds a strict source filter where far clients come in', async () => {
      await sysctl('net.ipv4.conf.all.rp_filter', 1);
      await director.exec(['ip', 'link', 'add', 'out0', 'type', 'dummy']);
      await director.exec(['sh', '-c', 'ip link set out0 up; ip route add default dev out0']);
      await doctor.findAndMend({
        host: director,
        text: gate,
        check: 'reverse-path',
        level: 'warning',
        what: /strict on eth0, and the default route leads out by out0/,
      });
      await director.exec(['ip', 'link', 'del', 'out0']);
      await sysctl('net.ipv4.conf.all.rp_filter', 0);
    });

    it('finds DNAT of iptables on it, and no other', async () => {
      const nat = (port: number, ...more: readonly string[]) => {
        const rule = ['-d', vip, '-p', 'tcp', '-m', 'tcp', '--dport', `${port}`, ...more];
        const target = ['-j', 'DNAT', '--to-destination', '10.9.0.102'];
        const chain = ['iptables-legacy', '-t', 'nat', '-A', 'PREROUTING'];
        return director.exec([...chain, ...rule, ...target]);
      };
      await nat(8080);
      const expected = { host: director, text: gate, check: 'nat-rules' } as const;
      assert.equal((await doctor.examine(director, gate, expected.check)).outcome, 'passed');
      await nat(80);
      const what =
        /^tcp:10\.9\.0\.200:80: DNAT takes its packets: iptables-legacy nat PREROUTING: /;
      await doctor.findAndMend({ ...expected, level: 'error', what });
      await nat(80, '-i', 'eth0');
      await doctor.findAndMend({
        ...expected,
        level: 'warning',
        what: /DNAT may take its packets/,
      });
      await director.exec(['iptables-legacy', '-t', 'nat', '-F']);
    });

    it('finds a mark that nobody sets', async () => {
      const marked = section('7', 'real=10.9.0.101:80 gate');
      const { outcome, findings } = await doctor.examine(director, marked, 'mark-rules');
      assert.equal(outcome, 'found');
      assert.match(findings[0]?.what ?? '', /no rule marks packets with 7/);
      const rule = ['-d', vip, '-j', 'MARK', '--set-mark', '7'];
      await director.exec(['iptables-legacy', '-t', 'mangle', '-A', 'PREROUTING', ...rule]);
      assert.equal((await doctor.examine(director, marked, 'mark-rules')).outcome, 'passed');
      await director.exec(['iptables-legacy', '-t', 'mangle', '-F']);
    });

    it('finds settings of IPVS that the words of the file rely on', async () => {
      const rows = [
        [file(`real=${one}:80 gate`, 'persistent=600', 'quiescent=yes'), /clients of a failed/],
        [file(`real=${one}:80 gate`, 'protocol=udp', 'quiescent=no'), /from one udp port stays/],
        [file(`real=${one}:80 gate`, 'protocol=udp', 'quiescent=yes'), /from one udp port stays/],
      ] as const;
      for (const [text, what] of rows) {
        await sysctl('net.ipv4.vs.expire_quiescent_template', 0);
        await sysctl('net.ipv4.vs.expire_nodest_conn', 0);
        const check = 'failed-servers';
        await doctor.findAndMend({ host: director, text, check, level: 'warning', what });
      }
      await sysctl('net.ipv4.vs.conn_reuse_mode', 0);
      await doctor.findAndMend({
        host: director,
        text: gate,
        check: 'port-reuse',
        level: 'warning',
        what: /conn_reuse_mode: is 0/,
      });
    });

    it('finds a full connection tracking table', async () => {
      await sysctl('net.ipv4.vs.conntrack', 1);
      await director.exec(['modprobe', 'nf_conntrack']);
      const { outcome } = await doctor.examine(director, gate, 'connection-tracking');
      assert.equal(outcome, 'passed');
      await sysctl('net.ipv4.vs.conntrack', 0);
    });

    it('finds that ftp lacks its helper', async () => {
      await doctor.findAndMend({
        host: director,
        text: section(`${vip}:21`, 'real=10.9.0.101:21 masq'),
        check: 'modules',
        level: 'warning',
        what: /ip_vs_ftp is not loaded/,
      });
      await director.exec(['modprobe', '-r', 'ip_vs_ftp']);
    });
  });

  it('finds the address on nobody, and takes it for well where another director has it', async () => {
    await doctor.findAndMend({
      host: director,
      text: gate,
      check: 'virtual-address',
      level: 'error',
      what: /10\.9\.0\.200 is on no interface of this machine, and no other one answers/,
    });
    const standby = await doctor.examine(net.host('director2'), gate, 'virtual-address');
    assert.equal(standby.outcome, 'passed');
    assert.match(standby.findings[0]?.what ?? '', /at another machine \(\S+\), so that this one/);
    await director.removeAddress(`${vip}/32`);
  });

  it('refuses what it cannot read, and says what it may not see', async () => {
    const broken = await doctor.call(director, 'virtual=nonsense\n');
    assert.deepEqual([broken.exitCode, broken.stdout], [2, '']);
    const plain = ['setpriv', '--bounding-set=-all', '--inh-caps=-all'];
    const unprivileged = {
      ...director,
      exec: (argv, options) => director.exec([...plain, ...argv], options),
    } satisfies Host;
    const { outcome, findings } = await doctor.examine(unprivileged, gate, 'nat-rules');
    assert.equal(outcome, 'not looked at');
    assert.match(findings[0]?.what ?? '', /^not looked at, because (nft|iptables-save) ended with/);
  });
});
