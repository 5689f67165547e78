import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ipvsdOn, savedTable, waitForTable } from '../support/ipvsd.ts';
import { ldirectordOn, type Run, runBoth } from '../support/ldirectord.ts';
import { doubtfulFiles, head, rows } from '../support/ldirectord-rows.ts';
import type { HostProcess } from '../support/topology/host-process.ts';
import { createTopology, type Topology } from '../support/topology.ts';

let net: Topology;
const compared = (text: string, checks: number, table: readonly string[] = []) =>
  runBoth(net.director, { directory: `${net.directory}/etc`, text, checks, before: table });

before(async () => {
  net = await createTopology();
  await net.host('real1').nginx();
});
after(() => net?.teardown());

describe('one file with a section of each kind, next to ldirectord', () => {
  let theirs: Run;
  let ours: Run;
  before(async () => {
    const text = head + rows.map((row) => row.text).join('');
    const checks = rows.flatMap(({ table }) => table).filter((line) => line.startsWith('-a'));
    ({ theirs, ours } = await compared(text, checks.length));
  });

  for (const row of rows) {
    it(row.name, () => {
      const of = ({ table }: Run) => table.saved.filter((line) => row.mark.test(line));
      assert.deepEqual(of(theirs), row.table);
      assert.deepEqual(of(ours), row.ours ?? row.table);
    });
  }
});

describe('what the table held before', () => {
  it('is taken over: edited, never deleted; strangers in it go, services of others stay', async () => {
    const others = ['-A -t 10.9.0.231:80 -s rr', '-a -t 10.9.0.231:80 -r 10.9.0.7:80 -g -w 1'];
    const text = `${head}virtual=10.9.0.223:80
        real=10.9.0.101:80 gate 3
        checktype=connect
`;
    const { theirs, ours } = await compared(text, 1, [
      '-A -t 10.9.0.223:80 -s wrr',
      '-a -t 10.9.0.223:80 -r 10.9.0.101:80 -g -w 7',
      '-a -t 10.9.0.223:80 -r 10.9.0.9:80 -g -w 2',
      ...others,
    ]);
    const wished = ['-A -t 10.9.0.223:80 -s wrr', '-a -t 10.9.0.223:80 -r 10.9.0.101:80 -g -w 3'];
    assert.deepEqual(theirs.table.saved, [...wished, ...others]);
    assert.deepEqual(ours.table, theirs.table);
    assert.deepEqual([theirs.left, ours.left], [others, others]);
    assert.match(ours.log, /Restored real server: 10\.9\.0\.101:80 .*Weight set to 3/);
    assert.match(ours.log, /Deleted real server: 10\.9\.0\.9:80/);
    assert.doesNotMatch(ours.log, /Deleted real server: 10\.9\.0\.101|Deleted virtual.*\.231:/);
  });
});

describe('connection thresholds', () => {
  it('are set while a server is up and zero while it is quiescent', async () => {
    const text = `${head}quiescent=yes
virtual=10.9.0.210:80
        real=10.9.0.101:80 gate l:50 u:100
        real=10.9.0.102:80 gate l:50 u:100
        checktype=connect
`;
    const { theirs, ours } = await compared(text, 2);
    const listing = theirs.table.thresholds.join('\n');
    assert.match(listing, /10\.9\.0\.101:80 +100 +50 /);
    assert.match(listing, /10\.9\.0\.102:80 +0 +0 /);
    assert.deepEqual(ours.table, theirs.table);
  });
});

describe('stop', () => {
  it('leaves the services whose section has cleanstop=no, to the last server', async () => {
    const section = (last: number, more: string) =>
      `virtual=10.9.0.${last}:80\n        real=10.9.0.101:80 gate\n        checktype=on\n${more}`;
    const text = head + section(224, '        cleanstop=no\n') + section(225, '');
    const { theirs, ours } = await compared(text, 2);
    const kept = ['-A -t 10.9.0.224:80 -s wrr', '-a -t 10.9.0.224:80 -r 10.9.0.101:80 -g -w 1'];
    assert.deepEqual([theirs.left, ours.left], [kept, kept]);
    assert.deepEqual(ours.table, theirs.table);
  });
});

describe('a reload', () => {
  const section = (last: number, lines: readonly string[]) =>
    [`virtual=10.9.0.${last}:80`, ...lines, 'checktype=on']
      .map((line, index) => `${index > 0 ? '        ' : ''}${line}\n`)
      .join('');
  const old = [
    section(226, ['real=10.9.0.101:80 gate 2', 'real=10.9.0.102:80 gate', 'real=10.9.0.4:80 gate']),
    section(227, ['real=10.9.0.101:80 gate']),
  ];
  const fresh = [
    section(226, [
      'real=10.9.0.101:80 masq 9',
      'real=10.9.0.102:80 gate',
      'scheduler=rr',
      'persistent=100',
    ]),
    section(228, ['real=10.9.0.101:80 gate']),
  ];
  const table = [
    '-A -t 10.9.0.226:80 -s rr -p 100',
    '-a -t 10.9.0.226:80 -r 10.9.0.101:80 -m -w 9',
    '-a -t 10.9.0.226:80 -r 10.9.0.102:80 -g -w 1',
    '-A -t 10.9.0.228:80 -s wrr',
    '-a -t 10.9.0.228:80 -r 10.9.0.101:80 -g -w 1',
  ];

  it('brings the table to the new file as in ldirectord, and deletes only what is gone', async () => {
    const ipvsd = ipvsdOn(net.director, `${net.directory}/etc`, 'reload.cf', '');
    const reload = async (start: () => Promise<HostProcess>) => {
      ipvsd.write(head + old.join(''));
      const daemon = await start();
      const before = await savedTable(net.director);
      ipvsd.write(head + fresh.join(''));
      daemon.signal('SIGHUP');
      await waitForTable(net.director, table, 20_000);
      await daemon.stop();
      assert.deepEqual(await savedTable(net.director), []);
      return { before, log: daemon.output() };
    };
    const theirs = await reload(() => ldirectordOn(net.director, ipvsd.configPath).run(4));
    const ours = await reload(() => ipvsd.run());
    assert.deepEqual(ours.before, theirs.before);
    assert.equal(ours.before.length, 6);
    assert.deepEqual(
      [...ours.log.matchAll(/"(Deleted [^"]*)"/g)].map(([, text]) => text).slice(0, 2),
      ['Deleted real server: 10.9.0.4:80 (10.9.0.226:80)', 'Deleted virtual server: 10.9.0.227:80'],
    );
  });
});

describe('what is read and what is refused, next to ldirectord', () => {
  for (const { name, text, theirs, ours } of doubtfulFiles) {
    it(name, async () => {
      const ipvsd = ipvsdOn(net.director, `${net.directory}/etc`, 'doubtful.cf', head + text);
      const original = await ldirectordOn(net.director, ipvsd.configPath).call('status');
      assert.match(original.stderr, theirs.stderr);
      assert.equal(original.exitCode, theirs.exitCode);
      const answer = await ipvsd.call('CONFIG', 'status');
      assert.match(answer.stderr, ours.stderr);
      assert.equal(answer.exitCode, ours.exitCode);
    });
  }
});
