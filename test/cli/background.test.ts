import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import { execa } from 'execa';
import { writeScript } from '../support/script.ts';

const module = new URL('../../src/cli/background.js', import.meta.url).href;

/** Starts a daemon that does `action` instead of serving; the exit code and message of the start. */
async function start(
  t: TestContext,
  action: string,
  patienceMs: number,
): Promise<readonly unknown[]> {
  // no extension: taken for CommonJS
  const script = writeScript(
    t,
    `import('${module}').then(async ({ isBackground, startInBackground }) => {
      if (isBackground()) return ${action};
      await startInBackground([], ${patienceMs}).catch(({ exitCode, message }) =>
        console.log(JSON.stringify([exitCode, message])));
      process.exit();
    });`,
  );
  const { stdout } = await execa(process.execPath, [script], { stdin: 'ignore' });
  return JSON.parse(stdout);
}

it('a start whose daemon was told to stop before it served has failed', async (t) => {
  const said = await start(t, 'process.exit(0)', 60_000);
  assert.deepEqual(said, [1, 'the daemon ended before it served (exit code 0)']);
});

it('a start whose daemon was killed says so', async (t) => {
  const said = await start(t, "process.kill(process.pid, 'SIGKILL')", 60_000);
  assert.deepEqual(said, [1, 'the daemon ended before it served (SIGKILL)']);
});

it('a start whose daemon hangs comes to an end', async (t) => {
  const [exitCode, message] = await start(t, 'setTimeout(() => undefined, 60_000)', 1000);
  assert.equal(exitCode, 1);
  const pid = /^the daemon \(pid (\d+)\) does not serve after 1 s$/.exec(String(message))?.[1];
  process.kill(Number(pid), 'SIGKILL');
});
