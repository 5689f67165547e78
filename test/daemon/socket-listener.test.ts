import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { it } from 'node:test';
import { socketListener } from '../../src/daemon/socket-listener.ts';
import { temporaryDirectory } from '../support/script.ts';

it('socketListener: who listens, for as long as it does', async (t) => {
  const path = join(temporaryDirectory(t), 'a b.sock');
  assert.equal(socketListener(path), undefined);
  const server = createServer();
  server.listen(path);
  await once(server, 'listening');
  assert.equal(socketListener(path), process.pid);
  assert.equal(socketListener(`${path}.other`), undefined);
  server.close();
  await once(server, 'close');
  assert.equal(socketListener(path), undefined);
});
