import assert from 'node:assert/strict';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { lastingControl } from '../../src/daemon/lasting-control.ts';
import { fetchHead } from '../../src/status/control-client.ts';
import { head } from '../support/daemon-head.ts';
import { temporaryDirectory } from '../support/script.ts';

const answers = {
  head: () => head,
  stuck: () => undefined,
  snapshot: () => Promise.reject(new Error('not asked for')),
  setRole: () => Promise.reject(new Error('not asked for')),
};

async function listening(t: TestContext) {
  const path = join(temporaryDirectory(t), 'run', 'a.sock');
  const logged: string[] = [];
  const log = {
    warn: (text: string) => logged.push(text),
    error: (text: string) => logged.push(text),
  };
  const server = await lastingControl(path, answers, log);
  t.after(() => server.close());
  return { path, server, logged };
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(50);
}

describe('a control socket that lasts', () => {
  it('is there again when somebody has removed it, with its folder', {
    timeout: 60_000,
  }, async (t) => {
    const { path, server, logged } = await listening(t);
    rmSync(dirname(path), { recursive: true });
    await until(() => logged.length > 0);
    assert.deepEqual(await fetchHead(path), head);
    assert.deepEqual(logged, [`control socket ${path} was removed, made anew`]);
    await server.close();
    assert.equal(existsSync(path), false);
  });

  it('says once that it cannot be made, and is made when it can', {
    timeout: 60_000,
  }, async (t) => {
    const { path, logged } = await listening(t);
    rmSync(dirname(path), { recursive: true });
    // a file where its folder should be
    const folder = dirname(path);
    writeFileSync(folder, '');
    await until(() => logged.length > 0);
    await sleep(2500);
    rmSync(folder);
    await until(() => logged.length > 1);
    assert.deepEqual(await fetchHead(path), head);
    assert.match(logged[0] ?? '', /^cannot make control socket .*a\.sock: /);
    assert.equal(logged.length, 2);
  });
});
