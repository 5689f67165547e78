import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { z } from 'zod';
import { callIpvsd } from '../support/call-ipvsd.ts';
import { temporaryDirectory } from '../support/script.ts';

function files(t: TestContext, texts: Readonly<Record<string, string>>) {
  const folder = temporaryDirectory(t);
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, name), text);
  return (name: string): string => join(folder, name);
}

const good = [
  'fallback=127.0.0.1 gate',
  'virtual=10.9.0.30:80',
  '\treal=10.9.0.2:80 gate',
  '\tchecktype=connect',
  '',
].join('\n');
const sloppy = good.replace('gate\nvirtual', 'gate # sorry\nvirtual');
const trapped = good.replace('connect', 'on');
const wrong = good.replace('connect', 'conect').replace('real=10.9.0.2:80 gate', 'real=10.9.0.2');

const reportSchema = z.strictObject({
  ok: z.boolean(),
  files: z.array(
    z.strictObject({
      path: z.string(),
      errors: z.number(),
      warnings: z.number(),
      diagnostics: z.array(
        z.strictObject({
          severity: z.enum(['error', 'warning']),
          code: z.string(),
          path: z.string(),
          line: z.number(),
          column: z.number(),
          length: z.number(),
          message: z.string(),
          source: z.string(),
        }),
      ),
    }),
  ),
});

describe('ipvsd config check', () => {
  it('exits with 0 for a clean file', async (t) => {
    const at = files(t, { 'good.cf': good });
    assert.deepEqual(await callIpvsd('config', 'check', at('good.cf')), {
      exitCode: 0,
      stdout: `${at('good.cf')}: no errors, no warnings\n`,
      stderr: '',
    });
  });

  it('warns of folders that are not there, where the line stands that counts', async (t) => {
    const at = files(t, {});
    mkdirSync(at('there'));
    const globals = [
      `logfile="${at('none')}/a.log"`,
      `logfile="${at('gone')}/b.log"`,
      'include=more.cf',
      '',
    ];
    writeFileSync(at('main.cf'), `${globals.join('\n')}${good}`);
    writeFileSync(at('more.cf'), `maintenancedir=${at('orders')}\n`);
    const { exitCode, stdout } = await callIpvsd('config', 'check', at('main.cf'));
    assert.equal(exitCode, 0);
    const findings = stdout.split('\n').filter((line) => line.includes('warning: '));
    assert.deepEqual(findings, [
      `${at('main.cf')}:2:1: warning: logfile: there is no folder "${at('gone')}", and without a log no start`,
      `${at('more.cf')}:1:1: warning: maintenancedir: there is no folder "${at('orders')}" to put files into`,
    ]);
    writeFileSync(
      at('main.cf'),
      `logfile="${at('there')}/b.log"\nmaintenancedir=${at('there')}\n${good}`,
    );
    const clean = await callIpvsd('config', 'check', at('main.cf'));
    assert.equal(clean.stdout, `${at('main.cf')}: no errors, no warnings\n`);
    writeFileSync(at('main.cf'), `logfile="local0"\n${good}`);
    const facility = await callIpvsd('config', 'check', at('main.cf'));
    assert.equal(facility.stdout, `${at('main.cf')}: no errors, no warnings\n`);
  });

  it('exits with 0 for warnings, traps among them', async (t) => {
    const at = files(t, { 'sloppy.cf': sloppy, 'trapped.cf': trapped });
    const { exitCode, stdout } = await callIpvsd(
      'config',
      'check',
      at('sloppy.cf'),
      at('trapped.cf'),
    );
    assert.equal(exitCode, 0);
    const found = stdout.split('\n').filter((line) => line.startsWith('/'));
    assert.deepEqual(found, [
      `${at('sloppy.cf')}:1:25: warning: fallback: comment after the value is ignored`,
      `${at('trapped.cf')}:4:2: warning: checktype: "on" never takes a real server out: use connect or negotiate, unless something else watches the real servers`,
      `${at('sloppy.cf')}: no errors, 1 warning`,
      `${at('trapped.cf')}: no errors, 1 warning`,
    ]);
    assert.match(stdout, /\n {2}\tchecktype=on\n {2}\t\^{12}\n/);
  });

  it('prints all errors of all files, and exits with 2', async (t) => {
    const at = files(t, { 'wrong.cf': wrong, 'good.cf': good });
    const names = [at('wrong.cf'), at('missing.cf'), at('good.cf')];
    const { exitCode, stdout } = await callIpvsd('config', 'check', ...names);
    assert.equal(exitCode, 2);
    const found = stdout.split('\n').filter((line) => line.startsWith('/'));
    assert.deepEqual(found, [
      `${at('wrong.cf')}:3:7: real: forward method must be gate, masq or ipip, got nothing`,
      `${at('wrong.cf')}:4:12: checktype: expected one of connect, negotiate, ping, off, on, external, external-perl, or a number, got "conect"; did you mean "connect"?`,
      `${at('missing.cf')}: can not open file: no such file or directory`,
      `${at('wrong.cf')}: 2 errors, no warnings`,
      `${at('missing.cf')}: 1 error, no warnings`,
      `${at('good.cf')}: no errors, no warnings`,
    ]);
  });

  it('refuses with --strict what ldirectord refuses', async (t) => {
    const at = files(t, { 'sloppy.cf': sloppy, 'own.cf': `rise=2\n${good}`, 'good.cf': good });
    const strict = (name: string) => callIpvsd('config', 'check', '--strict', at(name));
    assert.equal((await strict('good.cf')).exitCode, 0);
    for (const [name, line] of [
      ['sloppy.cf', /:1:25: fallback: comment .*; refused as strict\n/],
      ['own.cf', /:1:1: rise: not known to ldirectord; refused as strict\n/],
    ] as const) {
      const { exitCode, stdout } = await strict(name);
      assert.equal(exitCode, 2);
      assert.match(stdout, line);
      assert.equal((await callIpvsd('config', 'check', at(name))).exitCode, 0);
    }
  });

  it('prints one JSON text with --json', async (t) => {
    const at = files(t, { 'wrong.cf': wrong, 'trapped.cf': trapped });
    const names = [at('wrong.cf'), at('trapped.cf')];
    const { exitCode, stdout } = await callIpvsd('config', 'check', '--json', ...names);
    assert.equal(exitCode, 2);
    const report = reportSchema.parse(JSON.parse(stdout));
    assert.equal(report.ok, false);
    assert.deepEqual(
      report.files.map(({ path, errors, warnings }) => [path, errors, warnings]),
      [
        [at('wrong.cf'), 2, 0],
        [at('trapped.cf'), 0, 1],
      ],
    );
    const [found] = report.files[1]?.diagnostics ?? [];
    assert.deepEqual([found?.code, found?.line], ['trap-cannot-fail', 4]);
  });

  it('names the included file, and puts its findings behind those of the main one', async (t) => {
    const at = files(t, { 'main.cf': `include=b.cf\n${trapped}`, 'b.cf': 'fork=maybe\n' });
    const { exitCode, stdout } = await callIpvsd('config', 'check', at('main.cf'));
    assert.equal(exitCode, 2);
    assert.ok(stdout.startsWith(`${at('b.cf')}:1:6: fork: expected "yes" or "no", got "maybe"\n`));
  });

  it('goes on behind files that cannot be read, and never hangs', {
    timeout: 60_000,
  }, async (t) => {
    const at = files(t, { 'good.cf': good });
    mkdirSync(at('folder'));
    execFileSync('mkfifo', [at('fifo')]);
    const names = [at('missing.cf'), at('folder'), at('fifo'), at('good.cf')];
    const { exitCode, stdout, stderr } = await callIpvsd('config', 'check', '--json', ...names);
    assert.deepEqual([exitCode, stderr], [2, '']);
    const report = reportSchema.parse(JSON.parse(stdout));
    const found = report.files.map(({ path, errors, diagnostics }) => [
      path,
      errors,
      diagnostics[0]?.message,
    ]);
    const why = 'expected a regular file';
    assert.deepEqual(found, [
      [at('missing.cf'), 1, 'can not open file: no such file or directory'],
      [at('folder'), 1, `can not open file: it is a directory, ${why}`],
      [at('fifo'), 1, `can not open file: it is a FIFO, ${why}`],
      [at('good.cf'), 0, undefined],
    ]);
  });

  it('wants a file', async () => {
    const { exitCode, stderr } = await callIpvsd('config', 'check');
    assert.deepEqual([exitCode, stderr], [1, 'ipvsd: config check: expected at least one FILE\n']);
  });
});
