import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { directiveText } from '../../src/cli/config-explain.ts';
import { parametersOf } from '../../src/config/ldirectord/check-parameters.ts';
import { checkWordNames } from '../../src/config/ldirectord/check-words.ts';
import { directiveNames, findDirective } from '../../src/config/ldirectord/directives.ts';
import { callIpvsd } from '../support/call-ipvsd.ts';
import { temporaryDirectory } from '../support/script.ts';

const explain = (...args: readonly string[]) => callIpvsd('config', 'explain', ...args);

describe('ipvsd config explain', () => {
  it('prints the entry of a directive', async () => {
    const { exitCode, stdout } = await explain('checkinterval');
    assert.equal(exitCode, 0);
    assert.equal(
      stdout,
      [
        'checkinterval: Seconds between two checks of a real server.',
        '  stands      before or between the sections, for all of them; in a section for that one',
        '  value       a whole number of seconds >= 1',
        '  default     10',
        '  ldirectord  That of a section always counts; ldirectord minds it only with fork=yes.',
        '',
      ].join('\n'),
    );
  });

  it('says what ldirectord does not know, and what is gone', async () => {
    assert.match((await explain('rise')).stdout, /\n {2}ldirectord {2}does not know it\n$/);
    assert.match((await explain('scheduler')).stdout, /\n {2}ldirectord {2}no difference\n$/);
    assert.equal(
      (await explain('connecttimeout')).stdout,
      [
        'connecttimeout: Removed: use negotiatetimeout.',
        '  refused  connecttimeout directive deprecated in favour of negotiatetimeout',
        '',
      ].join('\n'),
    );
    assert.match((await explain('virtual')).stdout, /opens the section/);
    assert.match((await explain('quiescent')).stdout, /default {5}no\n/);
  });

  it('explains check with its types, a type with its parameters, and a parameter', async () => {
    const check = await explain('check');
    assert.match(
      check.stdout,
      /\n {2}stands +in the section of a virtual server, or below the line/,
    );
    for (const word of checkWordNames)
      assert.match(check.stdout, new RegExp(`\n {2}${word} +[A-Z]`));
    const http = await explain('http');
    assert.match(http.stdout, /\n {2}needs {3}path\n/);
    assert.match(http.stdout, /\n {2}parameter +value +default +meaning\n/);
    assert.match(http.stdout, /\n {2}retry +a whole number \S+ +failurecount - 1 +How many more/);
    const listed = http.stdout.split(/\n {2}parameter .*\n/)[1] ?? '';
    assert.deepEqual(
      listed
        .trimEnd()
        .split('\n')
        .map((line) => line.trim().split(' ')[0]),
      parametersOf('http').filter((name) => name !== 'type'),
    );
    assert.equal(
      (await explain('retry')).stdout,
      [
        'retry, a parameter: How many more failures are borne after the first one.',
        `  stands      below a check of type ${checkWordNames.join(', ')}`,
        '  value       a whole number 0..1000000',
        '  default     failurecount - 1',
        '  ldirectord  does not know it',
        '',
      ].join('\n'),
    );
    assert.equal(
      (await explain('negotiate')).stdout,
      [
        'negotiate, a value of checktype: How real servers are checked; a number N means one negotiate after every N connects.',
        '  see  Checks in ipvsd.cf(5)',
        '',
      ].join('\n'),
    );
    for (const word of ['http', 'dns', 'smtp']) {
      const { stdout } = await explain(word);
      assert.match(stdout, new RegExp(`^${word}, a value of service: `, 'm'), word);
      assert.match(stdout, new RegExp(`\n\n${word}: `), word);
    }
    assert.match((await explain('ping')).stdout, /^ping, a value of checktype: .*\n.*\n\nping: /);
    assert.match((await explain('pops')).stdout, /^pops, a value of service: /);
    assert.match((await explain('negociate')).stderr, /; did you mean "negotiate"\?\n$/);
    const both = await explain('virtualhost');
    assert.match(both.stdout, /^virtualhost: Host header.*[\s\S]*\nvirtualhost, a parameter: /);
    assert.match((await explain('htp')).stderr, /did you mean "http"\?/);
  });

  it('lists all directives without a name', async () => {
    const { exitCode, stdout } = await explain();
    assert.equal(exitCode, 0);
    const names = stdout.split('\n').flatMap((line) => line.trim().split(' ')[0] || []);
    assert.deepEqual(names, [...directiveNames()]);
  });

  it('refuses a name that is none', async () => {
    const { exitCode, stderr } = await explain('chekport');
    assert.equal(exitCode, 1);
    assert.equal(
      stderr,
      'ipvsd: config explain: no directive "chekport"; did you mean "checkport"?\n',
    );
    assert.equal((await explain('rise', 'fall')).exitCode, 1);
  });

  it('timing: prints how fast each virtual server notices', async (t) => {
    const path = join(temporaryDirectory(t), 'a.cf');
    const section = (port: number, ...lines: readonly string[]): string =>
      [`virtual=10.9.0.30:${port}`, '\treal=10.9.0.2 masq', ...lines, '', ''].join('\n');
    const slow = section(80, '\tchecktype=connect', '\tfailurecount=3', '\tchecktimeout=4');
    writeFileSync(path, slow + section(81, '\tchecktype=on'));
    const { exitCode, stdout } = await explain('timing', path);
    assert.equal(exitCode, 0);
    assert.deepEqual(stdout.split('\n').slice(0, 3), [
      '  virtual server    out: typical  worst  in again: typical  worst',
      '  tcp:10.9.0.30:80  25 s          34 s   5 s                14 s',
      '  tcp:10.9.0.30:81  never         never  never              never',
    ]);
    assert.equal((await explain('timing')).exitCode, 1);
  });
});

describe('the entry of a directive', () => {
  for (const name of directiveNames()) {
    it(`${name}: where it stands, its value, its default and ldirectord's way`, () => {
      const [head = '', ...rows] = directiveText(name).trimEnd().split('\n');
      assert.equal(head, `${name}: ${findDirective(name)?.sentence}`);
      const fields = rows.map((row) => /^ {2}(\S+) {2,}\S/.exec(row)?.[1]);
      const isGone = findDirective(name)?.removed !== undefined;
      assert.deepEqual(fields, isGone ? ['refused'] : ['stands', 'value', 'default', 'ldirectord']);
    });
  }
});
