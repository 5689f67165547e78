import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { CheckDefinition } from '../../../src/config/check-model.ts';
import { diagnosticLine } from '../../../src/config/diagnostic.ts';
import { type FileAccess, systemFiles } from '../../../src/config/files.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { temporaryDirectory } from '../../support/script.ts';

function place(t: Parameters<typeof temporaryDirectory>[0]) {
  const folder = temporaryDirectory(t);
  const at = (name: string): string => join(folder, name);
  const body = `\treal=10.9.0.2:1812 masq\n\tservice=radius\n\tlogin="joe"\n`;
  const files = `\tpasswdfile=${at('passwd')}\n\tsecretfile="${at('secret')}"\n`;
  writeFileSync(at('a.cf'), `virtual=10.9.0.30:1812\n\tprotocol=udp\n${body}${files}`);
  writeFileSync(at('passwd'), 'pass word # no comment\nsecond line\n');
  writeFileSync(at('secret'), 'shared');
  const load = async (access: FileAccess = systemFiles) => {
    const { config, diagnostics } = await loadConfig(at('a.cf'), { files: access });
    const said = diagnostics.map((one) => diagnosticLine(one).replaceAll(folder, ''));
    return { check: config?.virtuals[0]?.reals[0]?.checks[0]?.definition, said };
  };
  return { at, load };
}

function wordsOf(check: CheckDefinition | undefined): readonly string[] {
  assert.ok(check?.type === 'negotiate');
  return [check.passwd, check.secret];
}

// A hang would be a defect: the limit is there to see it.
describe('passwdfile and secretfile', { timeout: 20_000 }, () => {
  it('give the first line of the file, whatever is in it', async (t) => {
    const { load } = place(t);
    const { check, said } = await load();
    assert.deepEqual(said, []);
    assert.deepEqual(wordsOf(check), ['pass word # no comment', 'shared']);
  });

  it('are read again with the configuration', async (t) => {
    const { at, load } = place(t);
    await load();
    writeFileSync(at('passwd'), 'another\r\n');
    assert.deepEqual(wordsOf((await load()).check), ['another', 'shared']);
  });

  it('are an error at their line when they are not there, or not for us', async (t) => {
    const { at, load } = place(t);
    rmSync(at('passwd'));
    const denied = Object.assign(new Error('EACCES: permission denied'), { errno: -13 });
    const access: FileAccess = {
      ...systemFiles,
      read: (path) => (path === at('secret') ? Promise.reject(denied) : systemFiles.read(path)),
    };
    const { check, said } = await load(access);
    assert.equal(check, undefined);
    assert.deepEqual(said, [
      '/a.cf:6:13: passwdfile: cannot be read: no such file or directory',
      '/a.cf:7:13: secretfile: cannot be read: permission denied',
    ]);
  });

  it('are an error when their first line is empty', async (t) => {
    const { at, load } = place(t);
    writeFileSync(at('passwd'), '\nsecret\n');
    assert.deepEqual((await load()).said, [
      '/a.cf:6:13: passwdfile: cannot be read: its first line is empty',
    ]);
  });

  it('are an error at once when they are a FIFO or a folder', async (t) => {
    const { at, load } = place(t);
    rmSync(at('passwd'));
    rmSync(at('secret'));
    execFileSync('mkfifo', [at('passwd')]);
    execFileSync('mkdir', [at('secret')]);
    assert.deepEqual((await load()).said, [
      '/a.cf:6:13: passwdfile: cannot be read: it is a FIFO, expected a regular file',
      '/a.cf:7:13: secretfile: cannot be read: it is a directory, expected a regular file',
    ]);
  });

  it('leave an include that is a FIFO an error at once as well', async (t) => {
    const { at } = place(t);
    execFileSync('mkfifo', [at('b.cf')]);
    writeFileSync(at('main.cf'), 'include=b.cf\n');
    const { diagnostics } = await loadConfig(at('main.cf'));
    assert.deepEqual(diagnostics.map(diagnosticLine), [
      `${at('main.cf')}:1:9: include: can not open file "${at('b.cf')}": it is a FIFO, expected a regular file`,
    ]);
  });
});
