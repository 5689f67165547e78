import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { callGenhash } from '../../support/call-genhash.ts';
import { type GenhashRun, genhashRuns } from '../../support/genhash-runs.ts';
import { segmentServer } from '../../support/segment-server.ts';

const noData = 'no data received from remote webserver\n';
const isDigest = (text: string): boolean => /^[0-9a-f]{32}$/.test(text);

for (const mode of ['--compat', 'default'] as const) {
  describe(`genhash, recorded runs, ${mode}`, { concurrency: 16 }, () => {
    for (const run of [...genhashRuns.recorded, ...genhashRuns.further]) {
      it(run.name, async (t) => {
        const { endpoint } = await segmentServer(t, run.answer);
        const { args = [] } = run;
        if (mode === 'default') {
          checkOwn(run, await callGenhash(endpoint, args));
          return;
        }
        const stdout = run.stdout === '' ? '' : `${run.stdout}\n`;
        const stderr = run.stdout === '' ? noData : '';
        const called = await callGenhash(endpoint, [...args, '--compat']);
        assert.deepEqual(called, { exitCode: 0, stdout, stderr });
      });
    }
  });
}

/** Without --compat: the same digest, or a failure that is told on stderr. */
function checkOwn(run: GenhashRun, called: Awaited<ReturnType<typeof callGenhash>>): void {
  const expected = run.own ?? run.stdout;
  if (isDigest(expected)) {
    assert.deepEqual([called.exitCode, called.stdout], [0, `${expected}\n`], called.stderr);
    return;
  }
  assert.deepEqual([called.exitCode, called.stdout], [1, '']);
  assert.match(called.stderr, /^ipvsd: genhash: \/cl: [\w ,:]+\n$/);
}
