import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { execa } from 'execa';
import { outcomeOfError } from '../../src/checks/reason.ts';

describe('outcomeOfError', () => {
  const error = (code: string) => Object.assign(new Error(`connect ${code}`), { code });

  it('is a verdict on the server when the server or the way to it failed', () => {
    assert.deepEqual(outcomeOfError(error('ECONNREFUSED')), {
      up: false,
      reason: 'connection refused',
    });
    assert.equal(outcomeOfError(error('EHOSTUNREACH')).inconclusive, undefined);
  });

  it('is none when this machine is short of something', () => {
    assert.deepEqual(outcomeOfError(error('EMFILE')), {
      up: false,
      reason: 'too many open files in this process',
      inconclusive: true,
    });
  });

  it('is none in a process that really has no descriptor left', async () => {
    const script = `
      import { openSync } from 'node:fs';
      const { runCheck } = await import(${JSON.stringify(new URL('../../src/checks/registry.js', import.meta.url))});
      const target = { family: 'inet', address: '127.0.0.1', port: 9 };
      const check = () => runCheck({ type: 'connect', target, timeoutMs: 1000 }, { signal: new AbortController().signal });
      await check();
      try { for (;;) openSync('/dev/null'); } catch {}
      console.log(JSON.stringify(await check()));`;
    const command = `ulimit -n 64; exec "$0" --input-type=module -e "$1"`;
    const { stdout } = await execa('sh', ['-c', command, process.execPath, script]);
    assert.equal(JSON.parse(stdout).inconclusive, true, stdout);
  });
});
