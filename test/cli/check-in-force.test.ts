import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkInForce } from '../../src/cli/check-in-force.ts';
import { blockChecks } from '../support/block-checks.ts';

const target = { family: 'inet', address: '10.0.0.2', port: 80 } as const;

describe('checkInForce', () => {
  it('says all of a check that a block describes, but no secret', () => {
    assert.deepEqual(blockChecks(target).map(checkInForce), [
      'HTTP/1.0 port 80 / status 200 301-302 md5 6f5902ac237024bdd0c176cb93063dc4,' +
        ' /b virtualhost www status 200-299 without "ok", 1 s',
      'smtp port 80 as lb, 1 s',
      'dns port 80 SOA ., 1 s',
      'udp port 80, 1 s',
      'udp port 80 with reply 0x of 1 to 9 bytes, 1 s',
      'misc /bin/true, 1 s',
      'file /nowhere/weight, 1 s',
      'file /nowhere/weight times -5, 1 s',
      'dialogue tcp port 80 from 10.0.0.2 verify ca sni redis, 2 steps, 1 s',
      'dialogue udp port 80, 1 step, 1 s',
      'agent port 80, 1.5 s',
    ]);
  });

  it('names who runs a command', () => {
    const misc = { type: 'misc', command: '/bin/x', dynamic: true, timeoutMs: 1000 } as const;
    assert.equal(
      checkInForce({ ...misc, user: 'web', group: 'staff' }),
      'misc /bin/x for the weight as web:staff, 1 s',
    );
    assert.equal(
      checkInForce({ ...misc, group: 'staff' }),
      'misc /bin/x for the weight as :staff, 1 s',
    );
  });
});
