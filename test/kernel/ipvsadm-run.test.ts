import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Ipvsd, ipvsdOn, savedTable, waitForTable } from '../support/ipvsd.ts';
import { seed004 } from '../support/seeds.ts';
import type { HostProcess } from '../support/topology/host-process.ts';
import type { NginxServer } from '../support/topology/nginx.ts';
import { createTopology, type Topology } from '../support/topology.ts';

const vip = '10.9.0.200';
/** An interval and a timeout of seed004, and room for a machine where each process takes its time. */
const reactionMs = 1000 + 2000 + 7000;

describe('run --backend ipvsadm', () => {
  let net: Topology;
  let first: NginxServer;
  let ipvsd: Ipvsd;
  let daemon: HostProcess | undefined;

  const table = (one: number, two: number) => [
    `-A -t ${vip}:80 -s rr`,
    `-a -t ${vip}:80 -r 10.9.0.101:80 -g -w ${one}`,
    `-a -t ${vip}:80 -r 10.9.0.102:80 -g -w ${two}`,
  ];

  before(async () => {
    net = await createTopology();
    const pages = { '/ldirector.html': 'Test Page' };
    [first] = await Promise.all([
      net.host('real1').nginx({ pages }),
      net.host('real2').nginx({ pages }),
    ]);
    await net.addVirtualAddress(vip);
    const text = seed004({ vip, reals: ['10.9.0.101', '10.9.0.102'] });
    ipvsd = ipvsdOn(net.director, `${net.directory}/etc`, 'seed-004.cf', text);
    daemon = await ipvsd.run('--backend', 'ipvsadm');
  });
  after(async () => {
    await daemon?.kill();
    await net?.teardown();
  });

  it('serves by way of the command, and requests arrive', async () => {
    assert.match(daemon?.output() ?? '', /Starting ipvsd .*, backend ipvsadm/);
    assert.deepEqual(await savedTable(net.director), table(1, 1));
    const bodies = [
      await net.client.fetch(`http://${vip}/`),
      await net.client.fetch(`http://${vip}/`),
    ];
    assert.deepEqual(bodies.map(({ body }) => body).sort(), ['real1', 'real2']);
  });

  it('takes a killed server out and brings it back', async () => {
    await first.kill();
    await waitForTable(net.director, table(0, 1), reactionMs);
    await first.start();
    await waitForTable(net.director, table(1, 1), reactionMs);
  });

  it('repairs what somebody else did to the table', async () => {
    await net.director.exec(['ipvsadm', '-d', '-t', `${vip}:80`, '-r', '10.9.0.102:80']);
    await waitForTable(net.director, table(1, 1), reactionMs);
  });

  it('sees what netlink sees: nothing to plan by either way', async () => {
    for (const backend of ['ipvsadm', 'netlink']) {
      const { exitCode, stdout, stderr } = await ipvsd.call('plan', 'CONFIG', '--backend', backend);
      assert.deepEqual({ exitCode, stdout, stderr }, { exitCode: 0, stdout: '', stderr: '' });
    }
  });

  it('leaves the kernel clean on stop', async () => {
    await daemon?.stop();
    assert.equal(await daemon?.exited, 0);
    assert.deepEqual(await savedTable(net.director), []);
  });
});
