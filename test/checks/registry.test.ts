import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { runCheck } from '../../src/checks/registry.ts';
import type { CheckDefinition } from '../../src/config/check-model.ts';
import { negotiateServices } from '../../src/config/check-model.ts';
import { blockChecks } from '../support/block-checks.ts';
import { startHttpServer } from '../support/http-server.ts';
import { negotiateCheck } from '../support/negotiate-check.ts';
import { runToDeadline } from '../support/run-to-deadline.ts';
import { refusingEndpoint, startTcpServer } from '../support/tcp-server.ts';

const context = { signal: new AbortController().signal };
const nowhere = { family: 'inet', address: '127.0.0.1', port: 1 } as const;

/** What a name that is not in the table, or a module without its check, throws. */
const notThere = /is not a function|Cannot find module/;

describe('runCheck', () => {
  it('asks nobody for on, off and none', async () => {
    assert.deepEqual(await runCheck({ type: 'on' }, context), { up: true, reason: 'always on' });
    assert.equal((await runCheck({ type: 'off' }, context)).up, false);
    assert.equal((await runCheck(negotiateCheck(nowhere, { service: 'none' }), context)).up, true);
  });

  it('runs a connect check', async (t) => {
    const server = await startTcpServer(t, () => {});
    const check = { type: 'connect', target: server.endpoint, timeoutMs: 1000 } as const;
    assert.deepEqual(await runCheck(check, context), { up: true, reason: 'connected' });
    const refused = { ...check, target: await refusingEndpoint() };
    assert.deepEqual(await runCheck(refused, context), { up: false, reason: 'connection refused' });
  });

  it('runs a http check under the name and version of the program', async (t) => {
    const server = await startHttpServer(t, (_request, response) => response.end());
    const outcome = await runCheck(negotiateCheck(server.endpoint), context);
    assert.deepEqual(outcome, { up: true, reason: '200 OK' });
    assert.match(server.requests[0]?.headers[1] ?? '', /^User-Agent: ipvsd\/\d+\.\d+\.\d+/);
  });

  it('says no answer when it was aborted', async (t) => {
    const server = await startTcpServer(t, () => {});
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 20);
    for (const receive of ['', 'x']) {
      const check = negotiateCheck(server.endpoint, { receive, timeoutMs: 1234 });
      const outcome = await runCheck(check, { signal: controller.signal });
      assert.deepEqual(outcome, { up: false, reason: 'no answer within 1234 ms' });
    }
  });

  it('turns what a check throws into a reason', async () => {
    const check = negotiateCheck(nowhere, { receive: 'a(' });
    const outcome = await runCheck(check, context);
    assert.equal(outcome.up, false);
    assert.match(outcome.reason, /unterminated group/);
  });

  it('runs every service', async () => {
    for (const service of negotiateServices) {
      const { reason } = await runCheck(negotiateCheck(nowhere, { service }), context);
      assert.doesNotMatch(reason, notThere, service);
    }
  });

  it('runs every type', async () => {
    const connect = { type: 'connect', target: nowhere, timeoutMs: 1000 } as const;
    const external = { command: '/bin/true', args: ['', '', '', ''], timeoutMs: 1000 } as const;
    const all: readonly CheckDefinition[] = [
      { type: 'on' },
      { type: 'off' },
      connect,
      negotiateCheck(nowhere),
      { type: 'ping', family: 'inet', address: '127.0.0.1', attempts: 1, timeoutMs: 1000 },
      { type: 'combined', connects: 2, connect, negotiate: negotiateCheck(nowhere) },
      { type: 'external', ...external },
      { type: 'external-perl', ...external },
      ...blockChecks(nowhere),
    ];
    for (const definition of all) {
      const { reason } = await runToDeadline(definition);
      assert.doesNotMatch(reason, notThere, definition.type);
    }
  });
});

describe('prepareChecks', () => {
  it('loads what could not be loaded any more when all files are open', async () => {
    const program = fileURLToPath(new URL('../support/checks-without-files.js', import.meta.url));
    const limited = ['-c', 'ulimit -n 100; exec "$@"', 'sh', process.execPath, program];
    const { stdout } = await execa('sh', limited);
    assert.deepEqual(stdout.split('\n'), [
      'connect, all are open: too many open files in this process',
      'negotiate, all are open: too many open files in this process',
      'connect, later: connection refused',
      'negotiate, later: connection refused',
    ]);
  });
});
