import assert from 'node:assert/strict';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { type Ipvsd, ipvsdOn, savedTable } from '../support/ipvsd.ts';
import { watchTable } from '../support/table-watch.ts';
import type { HostProcess } from '../support/topology/host-process.ts';
import type { NginxServer } from '../support/topology/nginx.ts';
import { createTopology, type Topology } from '../support/topology.ts';

const vips = { quorum: '10.9.0.200', slow: '10.9.0.201', damped: '10.9.0.202' } as const;
const patienceMs = 60_000;

let net: Topology;
let reals: readonly NginxServer[];
let ipvsd: Ipvsd;
let daemon: HostProcess;
let notes: string;

const check = (path: string, indent: string) =>
  ['check = http', `        path = ${path}`, '        interval = 0.5', '        retry = 0']
    .map((line) => `${indent}${line}\n`)
    .join('');

interface Wish {
  readonly path?: string;
  readonly fallbackQuiescent?: 'yes' | 'no';
}

const file = ({ path = '/quorum', fallbackQuiescent = 'no' }: Wish = {}) => `checkinterval=1
checktimeout=5
quiescent=no
virtual=${vips.quorum}:80
        real=10.9.0.101:80 gate 2
        real=10.9.0.102:80 gate 2
                inhibit = yes
                notifyup = ${net.directory}/note second up
                notifydown = ${net.directory}/note second down
        real=10.9.0.103:80 gate 2
${check(path, '        ')}        fallback=10.9.0.104:80 gate weight 3 priority 1
${check('/reserve', '                ')}        fallback=127.0.0.1:80 gate priority 2
        scheduler = wrr
        fallbackquiescent = ${fallbackQuiescent}
        quorum = 4
        hysteresis = 2
        quorumup = "${net.directory}/note quorum gained"
        quorumdown = "${net.directory}/note quorum lost"
virtual=${vips.slow}:80
        real=10.9.0.101:80 gate 100
        real=10.9.0.102:80 gate 100
${check('/slow', '        ')}        slowstart = 20
virtual=${vips.damped}:80
        real=10.9.0.101:80 gate
        real=10.9.0.102:80 gate
${check('/damped', '        ')}        damping = 3 60
`;

before(async () => {
  net = await createTopology({ reals: 4 });
  notes = `${net.directory}/notes`;
  writeFileSync(notes, '');
  const script = `#!/bin/sh\necho "$* $IPVSD_REAL $IPVSD_LIVE_WEIGHT" >>${notes}\n`;
  writeFileSync(`${net.directory}/note`, script);
  chmodSync(`${net.directory}/note`, 0o755);
  const names = ['/quorum', '/reserve', '/slow', '/damped'];
  const pages = Object.fromEntries(names.map((name) => [name, 'ok']));
  reals = await Promise.all(net.reals.map((real) => real.nginx({ pages })));
  for (const vip of Object.values(vips)) await net.addVirtualAddress(vip);
  ipvsd = ipvsdOn(net.director, `${net.directory}/etc`, 'pool.cf', file());
  daemon = await ipvsd.run();
});
after(async () => {
  await daemon?.stop();
  await net?.teardown();
});

/** From now on a check of the server is good, or bad; `server` counts from 1. */
async function turn(server: number, page: string, good: boolean): Promise<void> {
  const nginx = reals[server - 1];
  await (good ? nginx?.setPage(page, 'ok') : nginx?.removePage(page));
}

/** The weights of a virtual server's destinations, by address, in the table or what shows it. */
function weightsIn(lines: readonly string[], vip: string): Readonly<Record<string, number>> {
  const rows = lines.flatMap((line) => {
    const [, address, weight] = / -r ([\d.]+):80 -g -w (\d+)$/.exec(line) ?? [];
    const isOurs = line.startsWith(`-a -t ${vip}:80 `);
    return isOurs && address !== undefined ? [[address, Number(weight)] as const] : [];
  });
  return Object.fromEntries(rows);
}

async function waitFor<T>(what: string, look: () => Promise<T>, is: (seen: T) => boolean) {
  const begin = performance.now();
  for (;;) {
    const seen = await look();
    if (is(seen)) return seen;
    if (performance.now() - begin > patienceMs) {
      throw new Error(`expected ${what}, got ${JSON.stringify(seen)}`);
    }
    await sleep(100);
  }
}

async function waitForWeights(vip: string, wished: Readonly<Record<string, number>>) {
  const text = JSON.stringify(wished);
  const look = async () => weightsIn(await savedTable(net.director), vip);
  await waitFor(text, look, (seen) => JSON.stringify(seen) === text);
}

/** What is in the kernel is what `plan` would make of it. */
async function assertNothingToDo(): Promise<void> {
  const { exitCode, stdout, stderr } = await ipvsd.call('plan', 'CONFIG');
  assert.deepEqual([exitCode, stdout, stderr], [0, '', '']);
}

/** The virtual server as `status` shows it. */
async function statusText(vip: string): Promise<string> {
  const { stdout } = await ipvsd.call('status');
  return stdout.split('\n\n').find((one) => one.includes(` ${vip}:80 `)) ?? '';
}

/** The virtual server as `status --json` has it. */
async function statusJson(vip: string): Promise<unknown> {
  const { stdout } = await ipvsd.call('status', '--json');
  const virtuals: readonly { readonly label: string }[] = JSON.parse(stdout)[0].virtuals;
  return virtuals.find(({ label }) => label === `${vip}:80`);
}

/** What the commands wrote down about somebody. */
function notesOf(about: string): readonly string[] {
  const lines = readFileSync(notes, 'utf8').split('\n');
  return lines
    .filter((line) => line.startsWith(`${about} `))
    .map((line) => line.slice(about.length + 1).trim());
}

const waitForNotes = (about: string, wished: readonly string[]) =>
  waitFor(
    JSON.stringify(wished),
    async () => notesOf(about),
    (seen) => JSON.stringify(seen) === JSON.stringify(wished),
  );

async function reload(wish: Wish): Promise<void> {
  const before = daemon.output().split('Reread new configuration').length;
  ipvsd.write(file(wish));
  daemon.signal('SIGHUP');
  await waitFor(
    'a reload',
    async () => daemon.output().split('Reread new configuration').length,
    (count) => count > before,
  );
}

const [one, two, three, four, local] = [101, 102, 103, 104]
  .map((last) => `10.9.0.${last}`)
  .concat('127.0.0.1');
assert.ok(one && two && three && four && local);

describe('quorum = 4, hysteresis = 2, servers of weight 2', () => {
  const all = { [one]: 2, [two]: 2, [three]: 2 };

  it('has it with all three', async () => {
    await waitForWeights(vips.quorum, all);
    await assertNothingToDo();
    // a first answer that takes a second may have told something else before
    for (const [about, last] of [
      ['quorum', 'gained  6'],
      ['second', `up ${two}:80`],
    ] as const) {
      await waitFor(
        last,
        async () => notesOf(about).at(-1),
        (seen) => seen === last,
      );
    }
    writeFileSync(notes, '');
    assert.match(await statusText(vips.quorum), / quorum 6\/4±2 /);
  });

  it('has it still with one; inhibit = yes keeps one server in the table with weight 0', async () => {
    await turn(1, '/quorum', false);
    await waitForWeights(vips.quorum, { [two]: 2, [three]: 2 });
    await turn(2, '/quorum', false);
    await waitForWeights(vips.quorum, { [two]: 0, [three]: 2 });
    await waitForNotes('second', [`down ${two}:80`]);
  });

  it('loses it with the last one: the first fallback is in, with its weight', async () => {
    await turn(3, '/quorum', false);
    await waitForWeights(vips.quorum, { [two]: 0, [four]: 3 });
    await waitForNotes('quorum', ['lost  0']);
  });

  it('goes to the next tier when the check of that fallback fails, and back', async () => {
    await turn(4, '/reserve', false);
    await waitForWeights(vips.quorum, { [two]: 0, [local]: 1 });
    await assertNothingToDo();
    const text = await statusText(vips.quorum);
    assert.match(text, /10\.9\.0\.104:80 .*down fallback idle priority 1/);
    assert.match(text, /127\.0\.0\.1:80 .*fallback ACTIVE priority 2/);
    await turn(4, '/reserve', true);
    await waitForWeights(vips.quorum, { [two]: 0, [four]: 3 });
  });

  it('does not gain it with two, and says so', async () => {
    await turn(1, '/quorum', true);
    await turn(3, '/quorum', true);
    const up = (text: string) => text.includes('2 of 3 up');
    const text = await waitFor('two servers up', () => statusText(vips.quorum), up);
    assert.match(text, / NO QUORUM 4\/4±2 /);
    const { quorum, fallbacks } = z
      .object({
        quorum: z.unknown(),
        fallbacks: z.array(z.object({ active: z.boolean(), priority: z.number() })),
      })
      .parse(await statusJson(vips.quorum));
    assert.deepEqual(quorum, { weight: 4, hysteresis: 2, live: 4, gained: false });
    assert.deepEqual(fallbacks, [
      { active: true, priority: 1 },
      { active: false, priority: 2 },
    ]);
    await waitForWeights(vips.quorum, { [two]: 0, [four]: 3 });
    await assertNothingToDo();
  });

  it('keeps unused fallbacks with weight 0 from a reload with fallbackquiescent = yes on', async () => {
    await reload({ fallbackQuiescent: 'yes' });
    await waitForWeights(vips.quorum, { [two]: 0, [four]: 3, [local]: 0 });
    await turn(2, '/quorum', true);
    await waitForWeights(vips.quorum, { ...all, [four]: 0, [local]: 0 });
    await assertNothingToDo();
    await waitForNotes('quorum', ['lost  0', 'gained  6']);
    await waitForNotes('second', [`down ${two}:80`, `up ${two}:80`]);
    await reload({});
    await waitForWeights(vips.quorum, all);
  });

  it('a reload with another check lets no failed server in, and an equal file changes nothing', async () => {
    for (const server of [2, 3]) await turn(server, '/other', true);
    await turn(1, '/quorum', false);
    await waitForWeights(vips.quorum, { [two]: 2, [three]: 2 });
    const watch = await watchTable(net.director);
    await reload({ path: '/other' });
    await turn(1, '/quorum', true);
    const asked = async () =>
      (await reals[0]?.requests())?.filter((line) => line.startsWith('GET /other ')).length ?? 0;
    await waitFor('three runs of the new check', asked, (count) => count >= 3);
    await reload({ path: '/other' });
    const tables = (await watch.stop()).map(({ lines }) => weightsIn(lines, vips.quorum));
    assert.ok(tables.length > 3);
    for (const table of tables) assert.deepEqual(table, { [two]: 2, [three]: 2 });
    await reload({});
    await waitForWeights(vips.quorum, all);
  });
});

describe('slowstart = 20', () => {
  it('raises the weight of a server that comes back step by step', async () => {
    await waitForWeights(vips.slow, { [one]: 100, [two]: 100 });
    await turn(1, '/slow', false);
    await waitForWeights(vips.slow, { [two]: 100 });
    const watch = await watchTable(net.director);
    await turn(1, '/slow', true);
    const rising = await waitFor(
      'a slow start in status',
      () => statusText(vips.slow),
      (text) => text.includes('starts slowly'),
    );
    assert.match(rising, /10\.9\.0\.101:80 .* \d+\/100 /);
    await waitForWeights(vips.slow, { [one]: 100, [two]: 100 });
    await assertNothingToDo();
    const seen = (await watch.stop()).map(({ lines }) => weightsIn(lines, vips.slow)[one]);
    const weights = seen.filter((weight, i) => weight !== undefined && weight !== seen[i - 1]);
    assert.deepEqual(
      weights,
      weights.toSorted((a = 0, b = 0) => a - b),
    );
    assert.ok(weights.length >= 4, `weights ${weights.join(' ')}`);
    assert.ok((weights[0] ?? 0) > 0 && (weights[0] ?? 100) < 100, `weights ${weights.join(' ')}`);
  });
});

describe('damping = 3 60', () => {
  const eventsOf = (text: string): readonly number[] =>
    daemon
      .output()
      .split('\n')
      .filter((line) => line.includes(`${text}: tcp:${vips.damped}:80 ${one}:80`))
      .map((line) => Date.parse(JSON.parse(line).time));
  const waitForEvents = (text: string, count: number) =>
    waitFor(
      `${count} times "${text}"`,
      async () => eventsOf(text),
      ({ length }) => length >= count,
    );

  const waitForHeld = async (): Promise<void> => {
    const look = () => statusText(vips.damped);
    const row = /10\.9\.0\.101:80 .* down \d+s held for \d+s .* 200 OK/;
    await waitFor('a server that is held', look, (text) => row.test(text));
    assert.deepEqual(weightsIn(await savedTable(net.director), vips.damped), { [two]: 1 });
    assert.match(JSON.stringify(await statusJson(vips.damped)), /"heldUntil":"2/);
  };

  it('keeps a server that flaps out for twice as long each time, and shows it', async () => {
    await waitForWeights(vips.damped, { [one]: 1, [two]: 1 });
    for (const [turns, holdMs] of [3000, 6000, 12_000].entries()) {
      await turn(1, '/damped', false);
      const down = (await waitForEvents('Real server down', turns + 1)).at(-1);
      await turn(1, '/damped', true);
      if (turns === 2) await waitForHeld();
      const up = (await waitForEvents('Real server up', turns + 2)).at(-1);
      assert.ok(down !== undefined && up !== undefined);
      // a line of the log comes a moment after what it tells
      assert.ok(up - down >= holdMs - 100, `out for ${up - down} ms, expected at least ${holdMs}`);
    }
    await waitForWeights(vips.damped, { [one]: 1, [two]: 1 });
    assert.equal(eventsOf('Real server down').length, 3);
  });
});
