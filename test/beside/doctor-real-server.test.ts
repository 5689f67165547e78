import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Doctor, doctorIn, file, one, vip } from '../support/doctor.ts';
import type { Host } from '../support/topology/host.ts';
import { createTopology, type Topology } from '../support/topology.ts';

const served = (forward: string): string => file(`real=${one}:80 ${forward}`);

describe('ipvsd doctor on a real server', () => {
  let net: Topology;
  let real: Host;
  let doctor: Doctor;
  const options = ['--real-server'];
  const gate = served('gate');

  before(async () => {
    net = await createTopology({ reals: 1 });
    real = net.host('real1');
    doctor = doctorIn(net);
    await real.addAddress(`${vip}/32`, 'lo');
  });
  after(() => net?.teardown());

  it('says that nothing is wrong', async () => {
    const { exitCode, stdout } = await doctor.call(real, gate, ...options);
    assert.deepEqual([exitCode, stdout], [0, 'all 3 checks passed']);
  });

  it('finds each ARP setting that is missing', async () => {
    for (const name of ['arp_ignore', 'arp_announce']) {
      await real.sysctl(`net.ipv4.conf.all.${name}`, 0);
      const what = new RegExp(`^net\\.ipv4\\.conf\\.all\\.${name}: is below \\d on eth0`);
      await doctor.findAndMend({
        host: real,
        text: gate,
        check: 'silent',
        level: 'error',
        what,
        options,
      });
    }
    // set on the interface is as good
    await real.sysctl('net.ipv4.conf.all.arp_ignore', 0);
    await real.sysctl('net.ipv4.conf.eth0.arp_ignore', 1);
    assert.equal((await doctor.examine(real, gate, 'silent', ...options)).outcome, 'passed');
  });

  it('finds the address missing, on the wrong interface, or as a whole network', async () => {
    await real.removeAddress(`${vip}/32`, 'lo');
    const expected = { host: real, text: gate, level: 'error', options } as const;
    await doctor.findAndMend({ ...expected, check: 'accepts', what: /on no interface/ });
    await real.removeAddress(`${vip}/32`, 'lo');
    await real.addAddress(`${vip}/32`, 'eth0');
    await doctor.findAndMend({ ...expected, check: 'silent', what: /is on eth0, where/ });
    await real.removeAddress(`${vip}/32`, 'lo');
    await real.addAddress(`${vip}/24`, 'lo');
    await doctor.findAndMend({ ...expected, check: 'accepts', what: /prefix length 24 on lo/ });
  });

  it('finds that it is none', async () => {
    const { outcome, findings } = await doctor.examine(net.client, gate, 'in-file', ...options);
    assert.equal(outcome, 'found');
    assert.match(findings[0]?.what ?? '', /no address of this machine is a real server/);
  });

  it('tells where the answers of masq go', async () => {
    const check = 'masq-server';
    const expected = { host: real, text: served('masq'), check, level: 'warning' } as const;
    const { findings } = await doctor.examine(real, expected.text, check, ...options);
    assert.match(findings[0]?.what ?? '', /no default route through a gateway/);
    await real.exec(['sh', '-c', (findings[0]?.command ?? '').replace('DIRECTOR', '10.9.0.1')]);
    const { outcome, findings: after } = await doctor.examine(
      real,
      expected.text,
      check,
      ...options,
    );
    assert.equal(outcome, 'not looked at');
    assert.match(after[0]?.what ?? '', /^answers go to 10\.9\.0\.1, which must be the director/);
  });

  it('finds a tunnel that is not up or filters, and clients are served after its commands', async () => {
    const text = served('ipip');
    const expected = { host: real, text, check: 'tunnel-end', level: 'error', options } as const;
    await doctor.findAndMend({ ...expected, what: /no end of a tunnel is up/ });
    await real.sysctl('net.ipv4.conf.all.rp_filter', 1);
    await net.director.addAddress(`${vip}/32`);
    await real.nginx();
    const rules = [`-A -t ${vip}:80 -s rr`, `-a -t ${vip}:80 -r 10.9.0.101:80 -i -w 1`];
    await net.director.exec(['ipvsadm', '-R'], { input: `${rules.join('\n')}\n` });
    await assert.rejects(net.client.fetch(`http://${vip}/`, { timeoutMs: 1000 }));
    await doctor.findAndMend({
      ...expected,
      what: /filter is strict on tunl0, which has no address/,
    });
    assert.equal((await net.client.fetch(`http://${vip}/`)).body, 'real1');
    await real.removeAddress(`${vip}/32`, 'tunl0');
    await assert.rejects(net.client.fetch(`http://${vip}/`, { timeoutMs: 1000 }));
    await doctor.findAndMend({ ...expected, what: /filter is on on tunl0, which has no address/ });
    assert.equal((await net.client.fetch(`http://${vip}/`)).body, 'real1');
  });
});
