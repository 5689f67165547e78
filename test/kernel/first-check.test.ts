import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ipvsdOn } from '../support/ipvsd.ts';
import { type ScriptedServer, startScriptedServer } from '../support/scripted-server.ts';
import { type Sighting, type TableWatch, watchTable } from '../support/table-watch.ts';
import type { HostProcess } from '../support/topology/host-process.ts';
import { createTopology, type Topology } from '../support/topology.ts';

const vip = '10.9.0.200';
const service = `-A -t ${vip}:80 -s rr`;
const server = `-a -t ${vip}:80 -r 10.9.0.101:80 -g -w `;
const timeoutMs = 6000;
const patienceMs = 60_000;

const file = (quiescent: 'yes' | 'no', more: readonly string[] = []) => `checkinterval=1
checktimeout=${timeoutMs / 1000}
quiescent=${quiescent}
logfile="/dev/null"
virtual=${vip}:80
        real=10.9.0.101:80 gate
        service=http
        request="index.html"
        receive="Test Page"
        scheduler=rr
${more.map((line) => `        ${line}\n`).join('')}`;

/** The server's weight in a table; undefined while it is not in it. */
const weightIn = ({ lines }: Sighting): number | undefined => {
  const line = lines.find((entry) => entry.startsWith(server));
  return line === undefined ? undefined : Number(line.slice(server.length));
};

let net: Topology;
let real: ScriptedServer;
let watch: TableWatch;
let daemon: HostProcess;

const start = async (text: string) => {
  const ipvsd = ipvsdOn(net.director, `${net.directory}/etc`, 'first.cf', text);
  daemon = await ipvsd.run();
};
/** When the daemon logged something, in ms since the epoch. */
const loggedAtMs = (text: string): number => {
  const lines = daemon.output().split('\n').slice(0, -1);
  const line = lines.map((entry) => JSON.parse(entry)).find(({ msg }) => msg.includes(text));
  assert.ok(line, `no "${text}" in ${daemon.output()}`);
  return Date.parse(line.time);
};
/** The weights that were seen before a moment, each once for as long as it stayed. */
const weightsUntil = (momentMs: number): readonly (number | undefined)[] =>
  watch
    .sightings()
    .filter(({ endMs }) => endMs < momentMs)
    .map(weightIn)
    .filter((weight, index, all) => index === 0 || weight !== all[index - 1]);
const waitForWeight = async (weight: number | undefined, since = 0) => {
  const begin = performance.now();
  for (;;) {
    const last = watch.sightings().at(-1);
    if (last !== undefined && last.beginMs > since && weightIn(last) === weight) return;
    const seen = last?.lines.join('\n');
    assert.ok(performance.now() - begin < patienceMs, `weight: expected ${weight}, got\n${seen}`);
    await sleep(50);
  }
};
const fill = (lines: readonly string[]) =>
  net.director.exec(['ipvsadm', '-R'], { input: lines.map((line) => `${line}\n`).join('') });

before(async () => {
  net = await createTopology({ clients: 0, reals: 1 });
  real = await startScriptedServer(net.host('real1'), net.directory);
});
beforeEach(async () => {
  real.behave({ status: 200 });
  watch = await watchTable(net.director);
});
afterEach(async () => {
  await daemon.stop();
  await watch.stop();
});
after(() => net?.teardown());

for (const { quiescent, down } of [
  { quiescent: 'yes', down: 0 },
  { quiescent: 'no', down: undefined },
] as const) {
  describe(`quiescent=${quiescent}`, () => {
    it('a new server takes no traffic before its first good check', async () => {
      const before = real.answers().length;
      real.behave({ status: 200, delayMs: 4000 });
      await start(file(quiescent));
      await waitForWeight(1);
      const answeredAtMs = real.answers()[before]?.atMs ?? Number.NaN;
      const weights = weightsUntil(answeredAtMs);
      assert.ok(weights.length > 0);
      assert.deepEqual(
        weights.filter((weight) => weight !== undefined && weight !== down),
        [],
      );
      // and the table was looked at while the service was in it
      const seen = watch.sightings().filter(({ endMs }) => endMs < answeredAtMs);
      assert.ok(seen.some(({ lines }) => lines[0] === service));
    });

    it('one that fails its first check takes none at all, and is let in by a good one', async () => {
      real.behave({ status: 503 });
      await start(file(quiescent));
      await daemon.waitForOutput(/Real server down/);
      real.behave({ status: 200 });
      await waitForWeight(1);
      const good = real.answers().findLast(({ status }) => status === 503);
      assert.ok(good);
      assert.deepEqual(
        weightsUntil(good.atMs).filter((weight) => weight === 1),
        [],
      );
    });

    it('failurecount bad checks in a row take it out, "rise" good ones bring it back', async () => {
      await start(file(quiescent, ['failurecount=3', 'rise=2']));
      await waitForWeight(1);
      const upAtMs = loggedAtMs('Real server up');
      const first = real.answers().length;
      real.behave({ status: 503 });
      await waitForWeight(down, upAtMs);
      const failures = real
        .answers()
        .slice(first)
        .filter(({ status }) => status === 503);
      const third = failures[2]?.atMs ?? Number.NaN;
      // it was let in once, and never left until then
      assert.deepEqual(weightsUntil(third).slice(-1), [1]);
      assert.equal(weightsUntil(third).filter((weight) => weight === 1).length, 1);
      assert.ok(loggedAtMs('failure 1/3') < loggedAtMs('failure 2/3'));
      assert.ok(loggedAtMs('Real server down') >= third);

      const second = real.answers().length;
      real.behave({ status: 200 });
      const downAtMs = loggedAtMs('Real server down');
      await waitForWeight(1, downAtMs + 500);
      const good = real
        .answers()
        .slice(second)
        .filter(({ status }) => status === 200);
      assert.deepEqual(weightsUntil(good[1]?.atMs ?? Number.NaN).slice(-1), [down]);
    });
  });
}

describe('a server that is up in the kernel at start', () => {
  beforeEach(() => fill([service, `${server}1`]));

  it('stays as it is while its first check is on its way, and after it', async () => {
    const before = real.answers().length;
    real.behave({ status: 200, delayMs: 1500 });
    await start(file('yes'));
    while (real.answers().length < before + 2) await sleep(50);
    await sleep(200);
    assert.deepEqual(weightsUntil(Number.POSITIVE_INFINITY).slice(-1), [1]);
    assert.deepEqual(
      weightsUntil(Number.POSITIVE_INFINITY).filter((w) => w !== undefined),
      [1],
    );
    assert.doesNotMatch(daemon.output(), /Added|Deleted|Quiescent|Restored|Changed/);
  });

  it('stays until a bad one: here, none at all within the timeout', async () => {
    real.behave({ status: 200, delayMs: 60_000 });
    await start(file('no'));
    const startMs = loggedAtMs('Starting ipvsd');
    await waitForWeight(undefined, startMs);
    const weights = watch
      .sightings()
      .filter(({ beginMs, endMs }) => beginMs > startMs && endMs < startMs + timeoutMs)
      .map(weightIn);
    assert.ok(weights.length > 10);
    assert.deepEqual(new Set(weights), new Set([1]));
    assert.match(daemon.output(), /Real server down/);
  });
});
