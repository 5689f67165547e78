import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const log = fileURLToPath(new URL('../../src/daemon/log.js', import.meta.url));

/** Writes 30 MB of log to its standard error, says so, and ends when its input does. */
const writer = `
import { openLog } from ${JSON.stringify(log)};
const log = await openLog([{ kind: 'descriptor', fd: 2 }], 'info', 'test');
for (let i = 0; i < 3000; i++) log.logger.info({ i }, 'x'.repeat(10_000));
process.stdout.write('written\\n');
process.stdin.on('end', async () => { await log.close(); process.exit(0); }).resume();
`;

/** Writes what `run` says of 20,000 real servers, and ends. */
const burst = `
import { openLog } from ${JSON.stringify(log)};
const log = await openLog([{ kind: 'descriptor', fd: 2 }], 'info', 'test');
for (let i = 0; i < 20_000; i++) log.logger.info('Added real server: 10.30.0.1:80 (10.20.2.212:80) (Weight set to 10)');
await log.close();
`;

describe('a log on a pipe', () => {
  const start = (program = writer) =>
    spawn(process.execPath, ['--input-type=module', '-e', program]);

  it('that nobody reads stops neither the work nor its end', async () => {
    const child = start();
    const exited = once(child, 'exit');
    await once(child.stdout, 'data');
    child.stdin.end();
    assert.deepEqual(await exited, [0, null]);
  });

  it('that is read again goes on, and says how much is lost', async () => {
    const child = start();
    const exited = once(child, 'exit');
    await once(child.stdout, 'data');
    let text = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    while (!/were lost/.test(text)) await once(child.stderr, 'data');
    child.stdin.end();
    await exited;
    const entries = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const { level, msg } = entries.pop();
    assert.equal(level, 'warn');
    assert.equal(msg, `log lines were lost, as nobody read them: ${3000 - entries.length}`);
    assert.deepEqual(
      entries.map(({ i }) => i),
      [...entries.keys()],
    );
    assert.ok(entries.length > 50);
  });

  it('gets every line of a large table, which come in one turn of the loop', async () => {
    const child = start(burst);
    let lines = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      lines += chunk;
    });
    await once(child, 'close');
    assert.doesNotMatch(lines, /were lost/);
    assert.equal(lines.trim().split('\n').length, 20_000);
  });

  it('whose reader is gone is no reason to end', async () => {
    const child = start();
    child.stderr.destroy();
    const exited = once(child, 'exit');
    await once(child.stdout, 'data');
    child.stdin.end();
    assert.deepEqual(await exited, [0, null]);
  });
});
