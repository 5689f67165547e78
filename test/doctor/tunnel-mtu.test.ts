import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tunnelOverhead } from '../../src/doctor/tunnel-mtu.ts';
import { config, real, virtual } from '../support/builders.ts';
import { direct, ether, facts, local, network } from '../support/doctor-facts.ts';
import { judge, verdict } from '../support/judge.ts';

const ipip = config(virtual({ reals: [real('10.9.0.2', { forward: 'ipip' })] }));

describe('tunnel-mtu', () => {
  it('wants room for whole packets behind the envelope', () => {
    const place = 'tcp:10.9.0.30:80 > 10.9.0.2:80';
    assert.deepEqual(verdict('tunnel-mtu', ipip, facts()), [
      'found',
      `warning ${place}: ip link set dev eth0 mtu 1520`,
    ]);
    assert.match(judge('tunnel-mtu', ipip, facts()).findings[0]?.why ?? '', /MSS to 1440 /);
    assert.deepEqual(verdict('tunnel-mtu', config(virtual()), facts()), ['not needed']);
  });

  it('takes the MTU of the route before that of the interface, and none for a local one', () => {
    const at = (mtu: number, route = direct) =>
      facts({
        network: {
          value: network({
            interfaces: [{ ...ether('eth0', '10.9.0.1/24'), mtu }],
            routes: { '10.9.0.2': route },
          }),
        },
      });
    assert.deepEqual(verdict('tunnel-mtu', ipip, at(1520)), ['passed']);
    assert.equal(judge('tunnel-mtu', ipip, at(9000, { ...direct, mtu: 1500 })).outcome, 'found');
    assert.deepEqual(verdict('tunnel-mtu', ipip, at(1500, local)), ['passed']);
  });

  it('knows the envelopes', () => {
    const of = (type: 'gue' | 'gre', checksum: 'nocsum' | 'csum' | 'remcsum') =>
      tunnelOverhead({ family: 'inet', tunnel: { type, port: 0, checksum } });
    assert.equal(tunnelOverhead({ family: 'inet' }), 20);
    assert.equal(tunnelOverhead({ family: 'inet6' }), 40);
    assert.deepEqual([of('gre', 'nocsum'), of('gre', 'csum')], [24, 28]);
    assert.deepEqual([of('gue', 'nocsum'), of('gue', 'csum'), of('gue', 'remcsum')], [32, 32, 40]);
  });
});
