import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { kernelFacts } from '../../src/cli/kernel-facts.ts';
import { temporaryDirectory } from '../support/script.ts';

describe('kernelFacts', () => {
  it('reads what is there', (t) => {
    const folder = temporaryDirectory(t);
    writeFileSync(join(folder, 'expire_nodest_conn'), '1\n');
    assert.deepEqual(kernelFacts(folder), {
      expireQuiescentTemplate: undefined,
      expireNodestConn: true,
    });
    writeFileSync(join(folder, 'expire_quiescent_template'), '0\n');
    assert.equal(kernelFacts(folder).expireQuiescentTemplate, false);
  });
});
