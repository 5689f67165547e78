import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { execa } from 'execa';
import { packageFolder } from '../support/readme.ts';
import { temporaryDirectory } from '../support/script.ts';
import { blocksOf, unitsOf } from '../support/shown-code.ts';

const contrib = path.join(packageFolder, 'contrib');
const readmes = readdirSync(contrib, { recursive: true, encoding: 'utf8' })
  .filter((name) => path.basename(name) === 'README.md')
  .map((name) => ({ name, text: readFileSync(path.join(contrib, name), 'utf8') }));

/** What the READMEs call in the middle of a sentence, too. */
const programs = 'apt-get|birdc|install|ip|ipvs-vip|ipvsd|sysctl|systemctl|/etc/[\\w./]+';

describe('what the READMEs of contrib/ show', () => {
  it('is shell, where it is to be typed', async () => {
    const inline = new RegExp(`\`((?:${programs}) [^\`]+)\``, 'g');
    const scripts = readmes.flatMap(({ text }) => [
      ...blocksOf(text).flatMap(({ language, code }) => (language === 'sh' ? [code] : [])),
      ...[...text.matchAll(inline)].map(([, code = '']) => code),
    ]);
    assert.ok(scripts.length >= 20);
    for (const input of scripts) {
      const { exitCode, stderr } = await execa('sh', ['-n'], { input, reject: false });
      assert.deepEqual([exitCode, stderr], [0, ''], input);
    }
  });

  it('calls nothing by the name ldirectord, a link that not everybody makes', () => {
    const manual = readFileSync(path.join(packageFolder, 'man/ipvsd.8'), 'utf8');
    for (const text of [...readmes.map((readme) => readme.text), manual]) {
      assert.doesNotMatch(text, /(^|`)ldirectord\s\S+\.cf\s(start|stop|reload|restart|status)/m);
    }
  });

  it('is units that systemd takes, where it is for systemd', async (t) => {
    const folder = temporaryDirectory(t);
    const write = (name: string, text: string) => {
      const file = path.join(folder, name);
      mkdirSync(path.dirname(file), { recursive: true });
      // in place of programs that a machine with this unit has
      writeFileSync(file, text.replaceAll(/^(Exec\w+=[+-]*)\S+/gm, '$1/bin/true'));
      return name;
    };
    const contribFile = (name: string) => readFileSync(path.join(contrib, name), 'utf8');
    const shown = readmes.flatMap(({ text }) =>
      blocksOf(text).flatMap(({ code }) => unitsOf(code)),
    );
    assert.equal(shown.length, 4);
    const dropIns = [...shown, ...unitsOf(contribFile('keepalived/keepalived-service.conf'))];
    const names = dropIns.map(([name, text]) => write(name, text));
    write('ipvsd@.service', contribFile('systemd/ipvsd@.service'));
    for (const name of ['bird', 'heartbeat', 'keepalived']) {
      write(`${name}.service`, '[Service]\nExecStart=x\n');
    }
    const units = [...new Set(names.map((name) => name.replace(/\.d\/.*/, '')))];
    assert.equal(units.length, 5);
    const verify = ['verify', '--man=no', '--recursive-errors=no'];
    const files = units.map((name) => path.join(folder, name));
    const { exitCode, all } = await execa('systemd-analyze', [...verify, ...files], {
      all: true,
      reject: false,
    });
    // of units of others, which it reads too, it may have something to say
    const said = all.split('\n').filter((line) => line.includes(folder));
    assert.deepEqual([exitCode, said], [0, []], all);
  });
});
