import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { callIpvsd } from '../support/call-ipvsd.ts';
import { temporaryDirectory } from '../support/script.ts';

const text = `# shop
checkinterval=5

virtual=10.9.0.30:80
\treal=10.9.0.2:80 gate
\tchecktype=connect   # for now
`;

function edits(t: TestContext, content = text) {
  const folder = temporaryDirectory(t);
  const path = join(folder, 'www.cf');
  writeFileSync(path, content);
  return {
    folder,
    path,
    read: () => readFileSync(path, 'utf8'),
    call: (command: string, ...args: readonly string[]) =>
      callIpvsd('config', command, path, ...args),
  };
}

describe('ipvsd config add-virtual, add-real, set, remove', () => {
  it('change the file and print the diff', async (t) => {
    const { call, read, path, folder } = edits(t);
    const added = await call('add-virtual', '10.9.0.31:80', 'scheduler=wlc', 'service=http');
    assert.equal(added.stderr, '');
    assert.equal(added.exitCode, 0);
    assert.equal(
      added.stdout,
      [
        `--- ${path}`,
        `+++ ${path}`,
        '@@ -4,3 +4,7 @@',
        ' virtual=10.9.0.30:80',
        ' \treal=10.9.0.2:80 gate',
        ' \tchecktype=connect   # for now',
        '+',
        '+virtual=10.9.0.31:80',
        '+\tscheduler=wlc',
        '+\tservice=http',
        '',
      ].join('\n'),
    );
    const calls = [
      ['add-real', '10.9.0.31:80', '10.9.0.2:80', 'gate', '5'],
      ['set', '10.9.0.31:80', '10.9.0.2:80', 'weight=4'],
      ['set', '10.9.0.31:80', 'request=index.html', 'persistent=600'],
      ['set', 'checkinterval=7', 'autoreload=yes'],
      ['remove', '10.9.0.31:80', 'directive', 'service'],
    ] as const;
    for (const [command, ...args] of calls) {
      const { exitCode, stderr } = await call(command, ...args);
      assert.deepEqual([exitCode, stderr], [0, ''], command);
    }
    assert.equal(
      read(),
      `${text.replace('=5', '=7\nautoreload=yes')}
virtual=10.9.0.31:80
\treal=10.9.0.2:80 gate 4
\tscheduler=wlc
\trequest="index.html"
\tpersistent=600
`,
    );
    for (const args of [
      ['tcp:10.9.0.31:80'],
      ['10.9.0.30:80', '10.9.0.2:80'],
      ['directive', 'autoreload'],
    ]) {
      assert.equal((await call('remove', ...args)).exitCode, 0);
    }
    assert.equal(read(), text.replace('=5', '=7').replace('\treal=10.9.0.2:80 gate\n', ''));
    assert.deepEqual(readdirSync(folder), ['www.cf']);
  });

  it('print the diff and write nothing with --dry-run', async (t) => {
    const { call, read, path } = edits(t);
    const before = statSync(path).mtimeMs;
    const { exitCode, stdout } = await call('set', '10.9.0.30:80', 'rise=2', '--dry-run');
    assert.equal(exitCode, 0);
    assert.match(stdout, /\n\+\trise=2\n/);
    assert.equal(read(), text);
    assert.equal(statSync(path).mtimeMs, before);
  });

  it('leave a file alone that is as wanted', async (t) => {
    const { call, path } = edits(t);
    const before = statSync(path).ino;
    assert.deepEqual(await call('set', 'checkinterval=5'), { exitCode: 0, stdout: '', stderr: '' });
    assert.equal(statSync(path).ino, before);
  });

  it('write nothing and exit with 2 when the result would have errors', async (t) => {
    const { call, read, folder } = edits(t);
    const calls = [
      ['set', 'checkinterval=soon'],
      ['add-real', '10.9.0.30:80', '10.9.0.2:80', 'gatte'],
      ['add-virtual', '10.9.0.30:80', 'checktype=on'],
      ['add-virtual', '10.9.0.32'],
    ] as const;
    for (const [command, ...args] of calls) {
      const { exitCode, stdout, stderr } = await call(command, ...args);
      assert.deepEqual([exitCode, stdout], [2, ''], command);
      assert.match(stderr, /\/www\.cf:\d+:\d+: /);
      assert.match(stderr, new RegExp(`config ${command}: the result would have errors, nothing`));
    }
    assert.equal(read(), text);
    assert.deepEqual(readdirSync(folder), ['www.cf']);
  });

  it('write nothing and exit with 2 when the file has errors already', async (t) => {
    const { call, read } = edits(t, `${text}nonsense\n`);
    const { exitCode, stderr } = await call('set', 'checkinterval=6');
    assert.equal(exitCode, 2);
    assert.match(stderr, /www\.cf:7:1: .*\n[\s\S]*the file has errors, nothing is written\n$/);
    assert.equal(read(), `${text}nonsense\n`);
  });

  it('exit with 1 for what is not in the file, and for wrong arguments', async (t) => {
    const { call, read } = edits(t);
    const calls = [
      ['remove', '10.9.0.99:80'],
      ['remove', '10.9.0.30:80', '10.9.0.99:80'],
      ['remove', 'directive', 'autoreload'],
      ['remove'],
      ['remove', '10.9.0.30:80', 'directive'],
      ['set'],
      ['set', '10.9.0.30:80'],
      ['set', '10.9.0.30:80', '10.9.0.2:80', 'rise=2'],
      ['set', '10.9.0.30:80', 'rise'],
      ['set', 'scheduler=rr'],
      ['add-real', '10.9.0.30:80'],
      ['add-virtual'],
      ['add-virtual', '10.9.0.31:80', 'service'],
    ] as const;
    for (const [command, ...args] of calls) {
      const { exitCode, stdout, stderr } = await call(command, ...args);
      assert.deepEqual([exitCode, stdout], [1, ''], [command, ...args].join(' '));
      assert.match(stderr, new RegExp(`^ipvsd: config ${command}: `));
    }
    assert.equal(read(), text);
  });

  it('tell of doubts that the edit brings, not of those that were there', async (t) => {
    const { call } = edits(t, text.replace('=5', '=5 # often'));
    const { exitCode, stderr } = await call('set', '10.9.0.30:80', 'scheduler=wwr');
    assert.equal(exitCode, 0);
    assert.match(stderr, /warning: scheduler: "wwr" is no scheduler/);
    assert.doesNotMatch(stderr, /checkinterval/);
  });

  it('edit what a link points to, and an included file only by its own name', async (t) => {
    const { call, path, folder, read } = edits(t);
    const link = join(folder, 'link.cf');
    symlinkSync('www.cf', link);
    assert.equal((await callIpvsd('config', 'set', link, 'checkinterval=6')).exitCode, 0);
    assert.equal(read(), text.replace('=5', '=6'));

    const main = join(folder, 'main.cf');
    writeFileSync(main, 'include=www.cf\n');
    const through = await callIpvsd('config', 'remove', main, '10.9.0.30:80');
    assert.equal(through.exitCode, 1);
    assert.ok(through.stderr.includes(`stands in "${path}", which "${main}" includes: edit that`));
    assert.equal((await call('remove', '10.9.0.30:80')).exitCode, 0);
  });
});

describe('ipvsd config format', () => {
  const sloppy = '\ufeffcheckinterval = 5\r\nvirtual = 10.9.0.30:80\r\n real=10.9.0.2:80 gate\r\n';
  const neat = 'checkinterval=5\nvirtual=10.9.0.30:80\n        real=10.9.0.2:80 gate\n';

  it('prints the canonical layout, and writes it with --write', async (t) => {
    const { call, read } = edits(t, sloppy);
    const printed = await call('format');
    assert.deepEqual([printed.exitCode, printed.stdout], [0, neat]);
    assert.equal(read(), sloppy);
    const written = await call('format', '--write');
    assert.deepEqual([written.exitCode, written.stdout], [0, '']);
    assert.equal(read(), neat);
  });

  it('leaves a file with errors as it is, and exits with 2', async (t) => {
    const { call, read } = edits(t, `${sloppy}nonsense\n`);
    for (const options of [[], ['--write']]) {
      const { exitCode, stdout } = await call('format', ...options);
      assert.deepEqual([exitCode, stdout], [2, '']);
    }
    assert.equal(read(), `${sloppy}nonsense\n`);
  });
});
