import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { execa } from 'execa';
import { openFileLimit, shortageText } from '../../src/daemon/open-file-limit.ts';

const module = new URL('../../src/daemon/open-file-limit.js', import.meta.url).href;

describe('openFileLimit', () => {
  for (const limits of ['ulimit -n 300', 'ulimit -Sn 200; ulimit -Hn 300']) {
    it(`is what Node has raised it to after ${limits}`, async () => {
      const script = `import { openFileLimit } from '${module}'; console.log(openFileLimit());`;
      const argv = ['-c', `${limits}; exec "$0" --input-type=module -e "$1"`];
      const { stdout } = await execa('sh', [...argv, process.execPath, script]);
      assert.equal(stdout, '300');
    });
  }

  it('stands in what the log says', () => {
    const limits = { own: 20, commands: 10 };
    assert.match(
      shortageText('own', limits),
      new RegExp(`most 20 .* ${openFileLimit()} open files`),
    );
    assert.match(shortageText('commands', limits), /command wait for each other.*: at most 10 run/);
  });
});
