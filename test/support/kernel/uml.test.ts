import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { withTempDirectory } from '../temp-directory.ts';
import { bootUml, type UmlOptions, type UmlResult } from './uml.ts';

const MISSING = existsSync('/usr/bin/linux.uml') ? false : 'user-mode-linux is not installed';

describe('bootUml', { skip: MISSING }, () => {
  it('runs a command as root next to ip_vs and gives its output and exit code', async () => {
    const { output, result } = await boot({
      command: ['sh', '-c', `id -u; head -c 17 /proc/net/ip_vs; echo; echo "$A"; exit 7`],
      env: { A: `it's "quoted" $HOME` },
    });
    assert.deepEqual(output.split('\n'), ['0', 'IP Virtual Server', `it's "quoted" $HOME`, '']);
    assert.equal(result.exitCode, 7);
  });

  it('throws away what is written, except in shared directories', async () => {
    await withTempDirectory('ipvsd-shared', async (shared) => {
      const lost = `${shared}-lost`;
      const script = 'echo kept >"$1/kept" && echo lost >"$2" && echo lost >/etc/ipvsd-lost';
      const { result } = await boot({
        command: ['sh', '-euc', script, 'sh', shared, lost],
        shared: [shared],
      });
      assert.equal(result.exitCode, 0);
      assert.equal(await readFile(path.join(shared, 'kept'), 'utf8'), 'kept\n');
      assert.equal(existsSync(lost), false);
      assert.equal(existsSync('/etc/ipvsd-lost'), false);
    });
  });

  it('kills a machine that takes too long', async () => {
    const { result } = await boot({ command: ['sleep', '1000'], timeoutMs: 3_000 });
    assert.equal(result.timedOut, true);
    assert.equal(result.exitCode, undefined);
  });
});

async function boot(
  options: Omit<UmlOptions, 'timeoutMs' | 'onOutput'> & { readonly timeoutMs?: number },
): Promise<{ readonly output: string; readonly result: UmlResult }> {
  const chunks: Uint8Array[] = [];
  const result = await bootUml({
    timeoutMs: 60_000,
    ...options,
    onOutput: (chunk) => chunks.push(chunk),
  });
  return { output: Buffer.concat(chunks).toString('utf8'), result };
}
