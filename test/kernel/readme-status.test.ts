import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ipvsdOn } from '../support/ipvsd.ts';
import { readmeBlock } from '../support/readme.ts';
import { seed004 } from '../support/seeds.ts';
import { createTopology, type Topology } from '../support/topology.ts';

const vip = '10.9.0.200';

describe("README's picture of the status", () => {
  let net: Topology;
  before(async () => {
    net = await createTopology();
  });
  after(() => net?.teardown());

  it('is what is printed while one of two servers is down', async () => {
    const pages = { '/ldirector.html': 'Test Page' };
    const [first] = await Promise.all(net.reals.map((real) => real.nginx({ pages })));
    const text = seed004({ vip, reals: ['10.9.0.101', '10.9.0.102'] });
    const ipvsd = ipvsdOn(net.director, `${net.directory}/etc`, 'ldirectord.cf', text);
    const daemon = await ipvsd.run();
    await first?.kill();
    await daemon.waitForOutput(/Quiescent real server: 10\.9\.0\.101/);
    const { stdout } = await ipvsd.call('status');
    const picture = readmeBlock('What you see').replace('# ipvsd status\n', '');
    assert.equal(withoutMoment(picture), withoutMoment(stdout), `it prints now:\n${stdout}`);
    await daemon.stop();
  });
});

/** A status without what differs from one moment to the next, and without the widths of columns. */
function withoutMoment(status: string): string {
  return status
    .trimEnd()
    .replace(/pid \d+/, 'pid N')
    .replace(/^(file +).*\//m, '$1')
    .replace(/\b(running|up|down|verified) \d+s/g, '$1 N')
    .replace(/\(\d+ ms, \d+s ago\)/g, '(N)')
    .replace(/^( .* \d(?:\/\d)?) +\d+ +\d+ {2}/gm, '$1 N N ')
    .replace(/ {2,}/g, ' ');
}
