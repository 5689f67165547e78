import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import {
  findParameter,
  parameterNames,
  type parameters,
  parametersOf,
} from '../../../src/config/ldirectord/check-parameters.ts';
import {
  checkWordNames,
  checkWords,
  findCheckWord,
} from '../../../src/config/ldirectord/check-words.ts';
import { findDirective } from '../../../src/config/ldirectord/directives.ts';
import { fixtureNames, fixturePath } from '../../support/config-fixtures.ts';
import { readTyped } from '../../support/read-value.ts';

interface Row {
  readonly good: readonly (readonly [text: string, value: unknown])[];
  readonly bad: readonly string[];
}

const moreSeconds: Row = {
  good: [
    ['5', 5000],
    ['0.25', 250],
    ['0.0001', 1],
    ['2147483', 2_147_483_000],
    ['5s', 5000],
  ],
  bad: ['', '0', '0.0', '0s', '-1', '.5', '5 s', '5ss', 's', '5m', '1e3', '2147484'],
};
const someSeconds: Row = {
  good: [
    ['0', 0],
    ['1.5', 1500],
  ],
  bad: ['', '-1', 'x'],
};
const yesNo: Row = {
  good: [
    ['yes', true],
    ['no', false],
  ],
  bad: ['', 'Yes', '1'],
};
const address: Row = {
  good: [
    ['10.9.0.1', '10.9.0.1'],
    ['[FD00:0::1]', 'fd00::1'],
  ],
  bad: ['', 'www', '10.9.0.1:80', 'fe80::1%eth0'],
};
const file: Row = {
  good: [
    ['/a b', '/a b'],
    ['"/a#b"', '/a#b'],
  ],
  bad: ['', '""', '"/a'],
};
const hostName: Row = {
  good: [
    ['www.example.com', 'www.example.com'],
    ['""', ''],
  ],
  bad: ['', '"a'],
};
const pattern: Row = {
  good: [['"(?i)^o#k$"', '(?i)^o#k$']],
  bad: ['', '""', '"a("'],
};

const md5 = '6f5902ac237024bdd0c176cb93063dc4';

const rows: Readonly<Record<keyof typeof parameters, Row>> = {
  type: { good: [['https', 'https']], bad: ['', 'HTTP', 'redis'] },
  address,
  from: address,
  port: {
    good: [
      ['1', 1],
      ['65535', 65_535],
    ],
    bad: ['', '0', '65536', 'http'],
  },
  timeout: moreSeconds,
  interval: moreSeconds,
  downinterval: moreSeconds,
  retrydelay: someSeconds,
  warmup: someSeconds,
  retry: {
    good: [
      ['0', 0],
      ['3', 3],
    ],
    bad: ['', '-1', '1.5'],
  },
  rise: { good: [['2', 2]], bad: ['', '0'] },
  alpha: yesNo,
  path: { good: [...file.good, ['/', '/']], bad: [...file.bad, 'index.html', 'http://a/b'] },
  digest: {
    good: [
      [md5, { algorithm: 'md5', hex: md5 }],
      [md5.toUpperCase(), { algorithm: 'md5', hex: md5 }],
      [md5 + md5, { algorithm: 'sha256', hex: md5 + md5 }],
    ],
    bad: ['', md5.slice(1), `${md5}0`, 'x'.repeat(32), `${md5} ${md5}`],
  },
  status: {
    good: [
      ['200', [[200, 200]]],
      [
        '200  301-302 100-599',
        [
          [200, 200],
          [301, 302],
          [100, 599],
        ],
      ],
    ],
    bad: ['', '99', '600', '302-301', '200,301', '2xx', '200-'],
  },
  regex: pattern,
  regexnot: pattern,
  virtualhost: hostName,
  sni: hostName,
  protocol: { good: [['1.0C', '1.0C']], bad: ['', '1.0c', '2', 'HTTP/1.1'] },
  tls: yesNo,
  transport: { good: [['tls', 'tls']], bad: ['', 'ssl'] },
  verify: { good: [['full', 'full']], bad: ['', 'yes'] },
  cafile: file,
  clientcert: file,
  clientkey: file,
  certwarn: { good: [['14', 14]], bad: ['', '-1', '3651'] },
  helo: { good: [['lb.example.com', 'lb.example.com']], bad: ['', '""'] },
  query: { good: [['AAAA', 'AAAA']], bad: ['', 'a', 'PTR'] },
  name: {
    good: [
      ['.', '.'],
      ['"."', '.'],
      ['_sip._tcp.example.com.', '_sip._tcp.example.com.'],
    ],
    bad: ['', 'a..b', '.a', 'a b', 'x'.repeat(64), 'ü.example.com'],
  },
  payload: {
    good: [
      ['00fF', '00ff'],
      ['00 01 02', '000102'],
      ['ab'.repeat(65_507), 'ab'.repeat(65_507)],
    ],
    bad: ['', '0', '0x00', '0 0', 'gg', 'ab'.repeat(65_508)],
  },
  reply: { good: [['0X xx', '0xxx']], bad: ['', '0', 'xyz'] },
  requirereply: yesNo,
  minreply: { good: [['0', 0]], bad: ['', '-1', '65536'] },
  maxreply: { good: [['65535', 65_535]], bad: ['', '-1', '65536'] },
  command: {
    good: [[`"/bin/x a 'b#c'"`, `/bin/x a 'b#c'`]],
    bad: ['', '""', `/bin/x 'a`],
  },
  dynamic: yesNo,
  user: {
    good: [
      ['nobody', { user: 'nobody' }],
      ['"nobody nogroup"', { user: 'nobody', group: 'nogroup' }],
    ],
    bad: ['', 'a b c', 'a:b'],
  },
  weight: {
    good: [
      ['0', 0],
      ['-2147483647', -2_147_483_647],
    ],
    bad: ['', '1.5', '2147483648', '+1'],
  },
  send: {
    good: [
      ['"PING\\r\\n"', 'PING\r\n'],
      ['"a\\t\\\\\\"\\x00\\xfF"', 'a\t\\"\0\xff'],
      ['"ü#"', '\xc3\xbc#'],
      ['"\\x5cn"', '\\n'],
    ],
    bad: ['', 'PING', '""', '"a', '"a\\"', '"\\q"', '"\\x0"', '"a" b', '"a" "b"'],
  },
  expect: {
    good: [
      ['"\\+PONG"', '\\+PONG'],
      ['"a\\"b\\x00"', 'a\\"b\\x00'],
    ],
    bad: ['', 'PONG', '""', '"a("', '"a" b', '"\\Qa\\E"'],
  },
};

describe('the table of parameters', () => {
  it('has a sentence and a form for every parameter, and a check that has it', () => {
    for (const name of parameterNames()) {
      const parameter = findParameter(name);
      assert.match(parameter?.sentence ?? '', /^[A-Z].*\.$/, name);
      assert.notEqual(parameter?.type.expects ?? '', '', name);
      assert.ok((parameter?.checks.length ?? 0) > 0, name);
    }
  });

  it('is in the fixtures as a whole', () => {
    const texts = fixtureNames('valid', '.cf').map((name) =>
      readFileSync(fixturePath('valid', `${name}.cf`), 'utf8'),
    );
    const written = new Set(
      texts
        .join('\n')
        .match(/^\s+\w+(?= *=)/gm)
        ?.map((name) => name.trim()),
    );
    assert.deepEqual(
      [...parameterNames()].filter((name) => !written.has(name)),
      [],
    );
    const checks = new Set(texts.join('\n').match(/(?<=^\s*(?:check|type) = )\w+/gm));
    assert.deepEqual(
      checkWordNames.filter((word) => !checks.has(word)),
      [],
    );
  });

  it('has what checks cannot do without', () => {
    assert.deepEqual(Object.keys(checkWords), checkWordNames);
    for (const word of checkWordNames) {
      assert.equal(findCheckWord(word), word);
      for (const name of checkWords[word].needs) assert.ok(parametersOf(word).includes(name), name);
    }
  });

  it('agrees with directives of the same name on quotes, as lines are cut by their names', () => {
    for (const name of parameterNames()) {
      const directive = findDirective(name);
      if (directive === undefined) continue;
      const type = findParameter(name)?.type;
      assert.equal(type?.quotes, directive.type.quotes, name);
      assert.equal(type.escapes ?? false, directive.type.escapes ?? false, name);
    }
  });
});

for (const [name, { good, bad }] of Object.entries(rows)) {
  describe(`parameter ${name}`, () => {
    const read = (text: string) => readTyped(findParameter(name)?.type, text);
    for (const [text, value] of good) {
      it(`reads ${JSON.stringify(text)}`, () => {
        assert.deepEqual(read(text), { value, said: [] });
      });
    }
    for (const text of bad) {
      it(`refuses ${JSON.stringify(text)} in one error`, () => {
        const { value, said } = read(text);
        assert.equal(value, undefined);
        assert.equal(said.filter((line) => line.startsWith('error: ')).length, 1, said.join('\n'));
      });
    }
  });
}
