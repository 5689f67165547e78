import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { writeScript } from '../support/script.ts';

const script = fileURLToPath(
  new URL('../../../contrib/examples/ecmp-bird/director/ipvs-vip', import.meta.url),
);
const listed = '7: vips    inet 198.51.100.80/32 scope global vips\\       valid_lft forever';

/** What it does to addresses is in test/ha/ecmp.test.ts. */
describe('ipvs-vip', () => {
  const call = async (t: TestContext, verb: string, ip: string) => {
    const folder = dirname(writeScript(t, ''));
    await execa('cp', [writeScript(t, `#!/bin/sh\n${ip}\n`), `${folder}/ip`]);
    const env = { PATH: `${folder}:${process.env['PATH']}` };
    const { exitCode } = await execa('sh', [script, verb, '198.51.100.80'], { reject: false, env });
    return exitCode;
  };

  it('calls no address withdrawn when ip fails', async (t) => {
    assert.equal(await call(t, 'down', 'exit 1'), 1);
    assert.equal(await call(t, 'status', 'exit 1'), 1);
    const cannotDelete = `case $* in *show*) printf '%s' '${listed}' ;; *) exit 2 ;; esac`;
    assert.equal(await call(t, 'down', cannotDelete), 1);
  });

  it('looks at its own interface alone', async (t) => {
    assert.equal(await call(t, 'status', `printf '%s' '${listed}'`), 0);
    assert.equal(await call(t, 'status', `printf '%s' '${listed.replace('vips', 'lo')}'`), 3);
    assert.equal(await call(t, 'down', 'true'), 0);
  });
});
