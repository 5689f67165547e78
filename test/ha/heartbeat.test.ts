import assert from 'node:assert/strict';
import { it } from 'node:test';
import { outageText } from '../support/ha/outage.ts';
import { describeSeed004Story } from '../support/ha/seed004-story.ts';

const ipvsd = describeSeed004Story({ name: 'ipvsd' });
// the same with the program that ipvsd takes the place of, for the figures
const ldirectord = describeSeed004Story({ name: 'ldirectord', script: '/usr/sbin/ldirectord' });

it('the time without service of both, side by side', () => {
  assert.deepEqual([...ipvsd.keys()], [...ldirectord.keys()]);
  assert.equal(ipvsd.size, 8);
  for (const [what, outage] of ipvsd) {
    const other = ldirectord.get(what);
    assert.ok(other);
    console.log(
      `${what}:\n  ipvsd       ${outageText(outage)}\n  ldirectord  ${outageText(other)}`,
    );
  }
});
