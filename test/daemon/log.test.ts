import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync, readSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { appending, LogTargetError, openLog } from '../../src/daemon/log.ts';
import { temporaryDirectory } from '../support/script.ts';

function fifoIn(t: TestContext): string {
  const path = join(temporaryDirectory(t), 'fifo');
  execFileSync('mkfifo', [path]);
  return path;
}

// A hang would be the defect: the limit is there to see it.
describe('a file that lines are added to', { timeout: 20_000 }, () => {
  it('is made, and gets every line', async (t) => {
    const path = join(temporaryDirectory(t), 'log');
    const log = await openLog([{ kind: 'file', path }], 'info', 'a.cf');
    log.logger.info('first');
    log.logger.info('second');
    await log.close();
    assert.match(readFileSync(path, 'utf8'), /"msg":"first"\}\n.*"msg":"second"\}\n$/);
  });

  it('may be a FIFO that somebody reads', async (t) => {
    const path = fifoIn(t);
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    t.after(() => closeSync(reader));
    const log = await openLog([{ kind: 'file', path }], 'info', 'a.cf');
    log.logger.info('through');
    const bytes = Buffer.alloc(1000);
    const length = readSync(reader, bytes);
    assert.match(bytes.toString('utf8', 0, length), /"msg":"through"/);
    await log.close();
  });

  it('is refused at once when it is a FIFO that nobody reads, or a folder', async (t) => {
    const path = fifoIn(t);
    for (const target of [path, temporaryDirectory(t)]) {
      await assert.rejects(
        openLog([{ kind: 'file', path: target }], 'info', 'a.cf'),
        LogTargetError,
      );
    }
    // as of a monitorfile
    await assert.rejects(appendFile(path, 'line\n', { flag: appending }), /ENXIO/);
  });
});
