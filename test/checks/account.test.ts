import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { accountIds } from '../../src/checks/account.ts';
import { temporaryDirectory } from '../support/script.ts';

const passwd = `root:x:0:0:root:/root:/bin/sh
# comment
web:x:1001:2001::/:/bin/false
half:x:1002
odd:x:a:b::/:/bin/false
`;
const group = `root:x:0:
web:x:3001:web,x
noone:x::
`;

describe('accountIds', () => {
  const found: readonly [user: string | undefined, group: string | undefined, ids: object][] = [
    [undefined, undefined, {}],
    ['root', undefined, { uid: 0, gid: 0 }],
    ['web', undefined, { uid: 1001, gid: 2001 }],
    ['web', 'web', { uid: 1001, gid: 3001 }],
    [undefined, 'web', { gid: 3001 }],
  ];
  for (const [user, name, ids] of found) {
    it(`${user} and ${name} are ${JSON.stringify(ids)}`, async (t) => {
      assert.deepEqual(await accountIds({ user, group: name }, files(t)), ids);
    });
  }

  for (const [user, name, what] of [
    ['we', undefined, 'user "we"'],
    ['', undefined, 'user ""'],
    ['# comment', undefined, 'user "# comment"'],
    ['half', undefined, 'user "half"'],
    ['odd', undefined, 'user "odd"'],
    ['web', 'x', 'group "x"'],
    ['web', 'noone', 'group "noone"'],
  ] as const) {
    it(`does not find ${what}`, async (t) => {
      const both = files(t);
      const file = what.startsWith('user') ? both.passwd : both.group;
      const message = `${what} not found in ${file}`;
      await assert.rejects(accountIds({ user, group: name }, both), { message });
    });
  }
});

function files(t: TestContext): { passwd: string; group: string } {
  const directory = temporaryDirectory(t);
  const paths = { passwd: join(directory, 'passwd'), group: join(directory, 'group') };
  writeFileSync(paths.passwd, passwd);
  writeFileSync(paths.group, group);
  return paths;
}
