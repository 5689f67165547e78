import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { type Doctor, doctorIn, file, one, vip } from '../support/doctor.ts';
import { ipvsdOn } from '../support/ipvsd.ts';
import { ldirectordOn } from '../support/ldirectord.ts';
import type { Host } from '../support/topology/host.ts';
import { createTopology, type Topology } from '../support/topology.ts';
import { waitUntil } from '../support/wait-until.ts';

describe('ipvsd doctor beside the programs that it warns of', () => {
  let net: Topology;
  let director: Host;
  let doctor: Doctor;

  before(async () => {
    net = await createTopology({ directors: 2, reals: 1 });
    director = net.director;
    doctor = doctorIn(net);
    await net.addVirtualAddress(vip);
  });
  after(() => net?.teardown());

  it('finds other programs that keep the same virtual server', async () => {
    const text = file(`real=${one}:80 gate`);
    const expected = { host: director, text, check: 'other-managers', level: 'error' } as const;
    const ipvsd = ipvsdOn(director, `${net.directory}/etc`, 'rival.cf', text);
    const daemon = await ipvsd.run();
    const udp = await doctor.examine(director, `${text}        protocol=udp\n`, expected.check);
    assert.equal(udp.outcome, 'passed');
    await doctor.findAndMend({
      ...expected,
      what: /^ipvsd \(process \d+, .*rival\.cf\): keeps tcp:10\.9\.0\.200:80/,
    });
    await daemon.exited;
    assert.equal(
      (await doctor.examine(net.host('director2'), text, expected.check)).outcome,
      'passed',
    );

    const keepalivedFile = `${net.directory}/keepalived.conf`;
    writeFileSync(
      keepalivedFile,
      `virtual_server ${vip} 80 {\n  lb_algo rr\n  lb_kind DR\n  protocol TCP\n  real_server ${one} 80 {\n    TCP_CHECK {\n    }\n  }\n}\n`,
    );
    const pids = ['-p', `${net.directory}/k.pid`, '-c', `${net.directory}/c.pid`];
    const keepalived = director.spawn([
      'keepalived',
      '-n',
      '-l',
      '-C',
      '-f',
      keepalivedFile,
      ...pids,
    ]);
    await keepalived.waitForOutput(
      /Starting Healthchecker child process|Starting Keepalived/i,
      60_000,
    );
    const { findings } = await doctor.examine(director, text, expected.check);
    await keepalived.stop();
    assert.equal(findings.length, 1);
    assert.match(findings[0]?.where ?? '', /^keepalived \(process \d+, .*keepalived\.conf\)$/);

    // in foreground it has no pid file, by which its stop finds it
    const ldirectord = ldirectordOn(director, ipvsd.configPath);
    await ldirectord.call('start');
    const examine = () => doctor.examine(director, text, expected.check);
    const [finding] = (await examine()).findings;
    assert.match(
      `${finding?.where}: ${finding?.what}`,
      /^ldirectord \(process \d+, .*rival\.cf\): keeps/,
    );
    assert.ok(finding);
    await doctor.mend(director, finding);
    // its stop returns before the daemon has ended
    const isMended = async () => (await examine()).outcome === 'passed';
    await waitUntil('ldirectord is gone', 60_000, isMended);
  });

  it('leaves keepalived its addresses by VRRP, where it has some', async () => {
    const text = file(`real=${one}:80 gate`);
    const held = '10.9.0.210';
    const configPath = `${net.directory}/both.conf`;
    writeFileSync(
      configPath,
      `vrrp_instance one {
  state MASTER
  interface eth0
  virtual_router_id 51
  priority 100
  virtual_ipaddress {
    ${held}/32
  }
}
virtual_server ${vip} 80 {
  lb_algo rr
  lb_kind DR
  protocol TCP
  real_server ${one} 80 {
    TCP_CHECK {
    }
  }
}
`,
    );
    // this test is systemd
    const systemctl = `${net.directory}/bin/systemctl`;
    writeFileSync(systemctl, '#!/bin/sh\n[ "$*" = "restart keepalived" ]\n', { mode: 0o755 });
    const defaults = '/etc/default/keepalived';
    const pids = ['p', 'c', 'r'].map((option) => `-${option} ${net.directory}/${option}.pid`);
    writeFileSync(defaults, `DAEMON_ARGS="-l -f ${configPath} ${pids.join(' ')}"\n`);
    const start = () =>
      director.spawn(['sh', '-c', `. ${defaults}; exec keepalived --dont-fork $DAEMON_ARGS`]);
    const holds = async () =>
      (await director.exec(['ip', 'addr', 'show', 'dev', 'eth0'])).stdout.includes(held);
    const examine = () => doctor.examine(director, text, 'other-managers');

    const both = start();
    await waitUntil('keepalived has its address', 60_000, holds);
    const { findings } = await examine();
    await both.stop();
    const [finding] = findings;
    assert.ok(finding);
    assert.match(finding.what, /^keeps tcp:10\.9\.0\.200:80, too; its addresses by VRRP may stay/);
    assert.equal(await holds(), false);
    await doctor.mend(director, finding);
    const alone = start();
    await waitUntil('keepalived has its address again', 60_000, holds);
    assert.deepEqual(await examine().then((one) => [one.outcome, one.findings]), ['passed', []]);
    const { stdout } = await director.exec(['ipvsadm', '-Sn']);
    assert.equal(stdout.trim(), '');
    await alone.stop();
  });
});
