import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { callIpvsd } from '../support/call-ipvsd.ts';
import { temporaryDirectory } from '../support/script.ts';

function file(t: TestContext, text: string): string {
  const path = join(temporaryDirectory(t), 'www.cf');
  writeFileSync(path, text);
  return path;
}

const whole = 'virtual=10.9.0.30:80\n\treal=10.9.0.2:80 gate\n\tchecktype=connect\n';

describe('ipvsd export', () => {
  it('prints a keepalived.conf and exits with 0 when nothing is lost', async (t) => {
    const path = file(t, whole);
    const { exitCode, stdout, stderr } = await callIpvsd('export', '--keepalived', path);
    assert.deepEqual([exitCode, stderr], [0, '']);
    assert.match(stdout, /^virtual_server 10\.9\.0\.30 80 \{$/m);
    const again = file(t, stdout);
    const back = await callIpvsd('import', again);
    assert.deepEqual([back.exitCode, back.stderr], [0, '']);
  });

  it('exits with 3 when something is lost, and names it', async (t) => {
    const path = file(t, `${whole}\tslowstart=30\n`);
    const { exitCode, stderr } = await callIpvsd('export', '--keepalived', path);
    const what = 'slowstart: lost: a server that comes back has its whole weight at once';
    assert.deepEqual([exitCode, stderr], [3, `${path}:1: ${what}\n`]);
  });

  it('writes to a new file with --output', async (t) => {
    const path = file(t, whole);
    const output = `${path}.conf`;
    const { exitCode, stdout } = await callIpvsd(
      'export',
      '--keepalived',
      path,
      '--output',
      output,
    );
    assert.deepEqual([exitCode, stdout], [0, '']);
    assert.match(readFileSync(output, 'utf8'), /^virtual_server /m);
  });

  it('exits with 2 for a configuration with errors', async (t) => {
    const path = file(t, whole.replace('gate', 'gaet'));
    const { exitCode, stdout, stderr } = await callIpvsd('export', '--keepalived', path);
    assert.deepEqual([exitCode, stdout], [2, '']);
    assert.match(stderr, /forward method must be gate, masq or ipip/);
  });

  it('wants the form to be named', async () => {
    const { exitCode, stderr } = await callIpvsd('export', 'x.cf');
    const message = 'ipvsd: export: expected --keepalived and exactly one CONFIG\n';
    assert.deepEqual([exitCode, stderr], [1, message]);
  });
});
