import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { directiveNames, findDirective } from '../../../src/config/ldirectord/directives.ts';
import { fixtureNames, fixturePath } from '../../support/config-fixtures.ts';
import { readValue } from '../../support/read-value.ts';

interface Row {
  /** Texts that are read without a word, with what they become. */
  readonly good: readonly (readonly [text: string, value: unknown])[];
  /** Texts that are refused. */
  readonly bad: readonly string[];
}

const states = ['starting', 'running', 'stopping', 'reloading'];

const seconds: Row = {
  good: [
    ['1', 1],
    ['010', 10],
    ['2147483', 2_147_483],
  ],
  bad: ['', '0', 'soon', 'abc5x', '-5', '1.5', '5s', '2147484', '5 6'],
};
const count: Row = {
  good: [
    ['1', 1],
    ['1000', 1000],
  ],
  bad: ['', '0', '-1', 'x'],
};
const secondsOrNone: Row = {
  good: [
    ['0', 0],
    ['600', 600],
  ],
  bad: ['', '-1', '600s'],
};
const yesNo: Row = {
  good: [
    ['yes', true],
    ['no', false],
  ],
  bad: ['', 'Yes', 'true', '1', 'yes no', '"yes"'],
};
const quotedText: Row = {
  good: [
    ['"a"', 'a'],
    ['"a "b" c"', 'a "b" c'],
    ['" a "', ' a '],
  ],
  bad: ['', '""', '"', '"a', 'a "b"'],
};
const quotedOrBare: Row = {
  good: [
    ['"/bin/x y"', '/bin/x y'],
    ['/bin/x', '/bin/x'],
  ],
  bad: ['', '""', '"a'],
};
const command: Row = {
  good: [...quotedOrBare.good, [`"/bin/x a 'b c'"`, `/bin/x a 'b c'`]],
  bad: [...quotedOrBare.bad, `/bin/x 'a`],
};
const rest: Row = { good: [['"a" b', '"a" b']], bad: [''] };
const restOrEmpty: Row = { good: [['"a" b', '"a" b']], bad: [] };

const rows: Readonly<Record<string, Row>> = {
  virtual: {
    good: [['5', { kind: 'fwmark', family: 'inet', fwmark: 5 }]],
    bad: ['', '0', '10.9.0.30', 'www', '[fd00::1]', '10.9.0.30:65536', '10.9.0.30:'],
  },
  virtual6: {
    good: [['4294967295', { kind: 'fwmark', family: 'inet6', fwmark: 4_294_967_295 }]],
    bad: ['', '4294967296', '[fd00::1]', 'fd00::1', '[fd00::1%lo]:80'],
  },
  real: { good: [], bad: ['', '10.9.0.2:80', '10.9.0.2:80 nat', 'gate', '10.9.0.2:80gate'] },
  real6: { good: [], bad: ['', '[fd00::2]:80', 'fd00::2 gate', '[fd00::2] -> gate'] },
  fallback: {
    good: [],
    bad: [
      '127.0.0.1 nat',
      '127.0.0.1:x!',
      '127.0.0.1 gate 5',
      '127.0.0.1 gate weight 0',
      '127.0.0.1 gate weight',
      '127.0.0.1 priority x',
      '127.0.0.1 priority 1 priority 2',
      '127.0.0.1 gate tun:gre',
    ],
  },
  fallback6: { good: [], bad: ['[::1', '[::1]:80 gate gate', '::1', '[::1]:80 ipip tun:gue'] },
  checkinterval: seconds,
  checktimeout: seconds,
  negotiatetimeout: seconds,
  fastinterval: seconds,
  downinterval: seconds,
  minservers: {
    good: [
      ['2', { count: 2 }],
      ['50%', { percent: 50 }],
    ],
    bad: ['', '0', '0%', '101%', '-1', 'half', '2 servers'],
  },
  persistentclean: yesNo,
  passwdfile: quotedOrBare,
  secretfile: quotedOrBare,
  cafile: quotedOrBare,
  clientcert: quotedOrBare,
  clientkey: quotedOrBare,
  sni: { good: [['www.example.com', 'www.example.com']], bad: ['"a'] },
  verify: {
    good: [
      ['none', 'none'],
      ['ca', 'ca'],
      ['full', 'full'],
    ],
    bad: ['', 'yes', 'CA', 'ca full'],
  },
  certwarn: {
    good: [
      ['0', 0],
      ['30', 30],
    ],
    bad: ['', '-1', '3651', '30d'],
  },
  checkfrom: {
    good: [
      ['10.9.0.1', '10.9.0.1'],
      ['FD00:0::1', 'fd00::1'],
      ['[fd00::1]', 'fd00::1'],
    ],
    bad: ['', 'eth0', '10.9.0', 'fe80::1%eth0', '10.9.0.1:80'],
  },
  failurecount: count,
  rise: count,
  checkcount: count,
  quiescent: yesNo,
  inhibit: yesNo,
  fallbackquiescent: yesNo,
  quorum: count,
  hysteresis: {
    good: [
      ['0', 0],
      ['10', 10],
    ],
    bad: ['', '-1', '1.5'],
  },
  slowstart: {
    good: [
      ['0', 0],
      ['30', 30_000],
      ['0.5', 500],
      ['0.0001', 1],
      ['30s', 30_000],
    ],
    bad: ['', '-1', '30 s', '30ms', '2147484'],
  },
  damping: {
    good: [
      ['10 600', { minMs: 10_000, maxMs: 600_000 }],
      ['0.5  0.5', { minMs: 500, maxMs: 500 }],
      ['10s 600s', { minMs: 10_000, maxMs: 600_000 }],
      ['no', 'off'],
    ],
    bad: ['', '10', '0 10', '600 10', '1 2 3', 'yes', 'off'],
  },
  persistentengine: { good: [['sip', 'sip']], bad: ['', 'SIP', 'a b', 'abcdefghijklmnopq'] },
  check: {
    good: [
      ['http', 'http'],
      ['page.of-us_2', 'page.of-us_2'],
    ],
    bad: ['', '2x', 'a b', '"http"'],
  },
  definecheck: { good: [['redis', 'redis']], bad: ['', '-x', 'a/b'] },
  readdquiescent: yesNo,
  cleanstop: yesNo,
  autoreload: yesNo,
  supervised: yesNo,
  fork: yesNo,
  ops: yesNo,
  checktype: {
    good: [
      ...['connect', 'negotiate', 'ping', 'off', 'on', 'external', 'external-perl'].map(
        (word) => [word, word] as const,
      ),
      ['3', { kind: 'combined', connects: 3 }],
      ['0', { kind: 'combined', connects: 0 }],
    ],
    bad: ['', 'Connect', 'external-perl5', '-1', 'connect ping'],
  },
  service: {
    good: [
      ['http', 'http'],
      ['http_proxy', 'http_proxy'],
      ['none', 'none'],
    ],
    bad: ['', 'HTTP', 'www', 'http https'],
  },
  checkport: {
    good: [
      ['1', 1],
      ['65535', 65_535],
    ],
    bad: ['', '0', '65536', 'http', '80x'],
  },
  checkcommand: quotedOrBare,
  request: quotedText,
  receive: {
    good: [
      ['"Test Page"', 'Test Page'],
      ['"(?i)^ok$"', '(?i)^ok$'],
      ['"1\\.2"', '1\\.2'],
    ],
    bad: ['', '""', '"a("', '"*"', '"\\Qa\\E"'],
  },
  httpmethod: {
    good: [
      ['GET', 'GET'],
      ['head', 'HEAD'],
      ['Get', 'GET'],
    ],
    bad: ['', 'POST', 'GET HEAD'],
  },
  virtualhost: {
    good: [
      ['www.example.com', 'www.example.com'],
      ['"www.example.com"', 'www.example.com'],
    ],
    bad: ['"www'],
  },
  login: quotedText,
  passwd: quotedText,
  database: quotedText,
  secret: quotedText,
  load: quotedText,
  scheduler: {
    good: ['rr', 'wrr', 'lc', 'wlc', 'sh', 'mh', 'lblcr'].map((word) => [word, word]),
    bad: ['', 'WRR', 'w-r', 'rr wrr', 'rr1'],
  },
  schedflags: {
    good: [
      ['sh-port', ['sh-port']],
      ['sh-fallback, sh-port', ['sh-fallback', 'sh-port']],
      ['flag-1', ['flag-1']],
    ],
    bad: ['', 'sh_port', 'sh-port,', '"sh-port"'],
  },
  persistent: secondsOrNone,
  netmask: {
    good: [
      ['255.255.255.0', '255.255.255.0'],
      ['1', '1'],
      ['64', '64'],
      ['128', '128'],
    ],
    bad: ['', '0', '129', '255.255.255', '999.0.0.0', '/24'],
  },
  protocol: {
    good: [
      ['tcp', 'tcp'],
      ['udp', 'udp'],
      ['sctp', 'sctp'],
      ['fwm', 'fwm'],
    ],
    bad: ['', 'TCP', 'dccp', 'tcp udp'],
  },
  emailalert: {
    good: [
      ['a@example.com', ['a@example.com']],
      ['"a@example.com, b@example.com"', ['a@example.com', 'b@example.com']],
    ],
    bad: ['', '""', ',', 'a b'],
  },
  emailalertfrom: rest,
  emailalertfreq: secondsOrNone,
  emailalertstatus: {
    good: [
      ['all', states],
      ['none', []],
      ['stopping,running', ['running', 'stopping']],
      ['starting, all', states],
    ],
    bad: ['', 'none,running', 'up', 'running,'],
  },
  smtp: {
    good: [
      ['mail.example.com', 'mail.example.com'],
      ['10.9.0.25', '10.9.0.25'],
      ['mail.example.com:587', 'mail.example.com:587'],
      ['[fd00::25]:25', '[fd00::25]:25'],
    ],
    bad: ['', 'mail server', 'a@b', 'mail:', 'mail:0', 'fd00::25'],
  },
  servicename: restOrEmpty,
  comment: restOrEmpty,
  monitorfile: quotedOrBare,
  fallbackcommand: command,
  quorumup: command,
  quorumdown: command,
  notifyup: command,
  notifydown: command,
  callback: quotedText,
  logfile: {
    good: [
      ['"/var/log/a b"', '/var/log/a b'],
      ['"local0"', 'local0'],
      ['"LOG_Daemon"', 'daemon'],
    ],
    bad: ['', '""', '"', '"a', 'a "b"'],
  },
  execute: rest,
  maintenancedir: rest,
  markfor: {
    good: [
      [
        '10.9.0.200:80',
        {
          protocol: 'tcp',
          host: {
            value: { kind: 'address', family: 'inet', address: '10.9.0.200' },
            at: { start: 0, end: 10 },
          },
          port: { value: { kind: 'number', port: 80 }, at: { start: 11, end: 13 } },
        },
      ],
      [
        'udp:[fd00::0:1]:domain',
        {
          protocol: 'udp',
          host: {
            value: { kind: 'address', family: 'inet6', address: 'fd00::1' },
            at: { start: 4, end: 15 },
          },
          port: { value: { kind: 'name', name: 'domain' }, at: { start: 16, end: 22 } },
        },
      ],
    ],
    bad: ['', '10.9.0.200', 'icmp:10.9.0.200:80', '10.9.0.200:80 81', 'udp:', '5'],
  },
  standbychecks: {
    good: [
      ['full', 'full'],
      ['slow', 'slow'],
      ['none', 'none'],
    ],
    bad: ['', 'yes', 'Full', 'slow none'],
  },
  standbytable: {
    good: [
      ['keep', 'keep'],
      ['clear', 'clear'],
    ],
    bad: ['', 'cleared', 'no'],
  },
  include: quotedOrBare,
  timeout: { good: [], bad: [] },
  connecttimeout: { good: [], bad: [] },
  checkmark: { good: [], bad: [] },
};

function writtenDefault(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  assert.ok(typeof value === 'string' || typeof value === 'number');
  return String(value);
}

describe('the table of directives', () => {
  it('is tested as a whole', () => {
    assert.deepEqual([...directiveNames()].toSorted(), Object.keys(rows).toSorted());
  });

  it('has a sentence and a form for every directive', () => {
    for (const name of directiveNames()) {
      const directive = findDirective(name);
      assert.match(directive?.sentence ?? '', /^[A-Z].*\.$/, name);
      assert.notEqual(directive?.type.expects ?? '', '', name);
    }
  });

  it('is in the fixtures as a whole', () => {
    const texts = fixtureNames('valid', '.cf').map((name) =>
      readFileSync(fixturePath('valid', `${name}.cf`), 'utf8'),
    );
    for (const name of directiveNames()) {
      // these need other files, or are refused
      if (name === 'include' || findDirective(name)?.removed !== undefined) continue;
      const line = new RegExp(`^\\s*${name}\\s*=`, 'm');
      assert.ok(
        texts.some((text) => line.test(text)),
        name,
      );
    }
  });

  it('tells of ldirectord apart from the sentence', () => {
    for (const name of directiveNames()) {
      const directive = findDirective(name);
      assert.doesNotMatch(directive?.sentence ?? '', /ldirectord/, name);
      assert.match(directive?.difference ?? 'None.', /^[A-Z"l].*\.$/, name);
      assert.ok(directive?.own !== true || directive.difference === undefined, name);
    }
  });

  it('has defaults that stand in the file as well', () => {
    for (const name of directiveNames()) {
      const directive = findDirective(name);
      if (directive?.default === undefined || directive.defaultText !== undefined) continue;
      const { type } = directive;
      const text = writtenDefault(directive.default);
      const written = type.expects.includes('in double quotes') ? `"${text}"` : text;
      assert.deepEqual(readValue(name, written), { value: directive.default, said: [] }, name);
    }
  });
});

for (const [name, { good, bad }] of Object.entries(rows)) {
  describe(name, () => {
    for (const [text, value] of good) {
      it(`reads ${JSON.stringify(text)}`, () => {
        assert.deepEqual(readValue(name, text), { value, said: [] });
      });
    }
    for (const text of bad) {
      it(`refuses ${JSON.stringify(text)} in one error`, () => {
        const { value, said } = readValue(name, text);
        assert.equal(value, undefined);
        assert.equal(said.filter((line) => line.startsWith('error: ')).length, 1, said.join('\n'));
      });
    }
  });
}

describe('what people write', () => {
  const sloppy: readonly (readonly [name: string, text: string, value: unknown, said: string])[] = [
    ['logfile', 'local0', 'local0', 'assume: text without quotes, read as "local0"'],
    [
      'logfile',
      '"local8"',
      'daemon',
      'warn: "local8" is neither a path from "/" on nor a syslog facility, read as the facility "daemon"',
    ],
    ['request', "'index.html'", 'index.html', 'assume: single quotes read as double quotes'],
    ['request', '“index.html”', 'index.html', 'assume: typographic quotes read as "'],
    ['request', '„index.html"', 'index.html', 'assume: typographic quotes read as "'],
    ['request', '"index.html”', 'index.html', 'assume: typographic quotes read as "'],
    ['request', '"a" b', 'a', 'warn: text after the closing quote is ignored'],
    ['persistent', '"600"', 600, 'warn: quotes are not needed, read as 600'],
    ['service', '"http"', 'http', 'warn: quotes are not needed, read as http'],
    [
      'scheduler',
      'wwr',
      'wwr',
      'warn: "wwr" is no scheduler of the Linux kernel; did you mean "wrr"?',
    ],
    ['comment', '', '', 'warn: empty, read as not given'],
    ['virtualhost', '""', '', 'warn: empty, read as not given'],
  ];
  for (const [name, text, value, said] of sloppy) {
    it(`${name}=${text} is read, and it is said how`, () => {
      assert.deepEqual(readValue(name, text), { value, said: [said] });
    });
  }

  it('keeps typographic quotes inside of plain ones', () => {
    assert.deepEqual(readValue('receive', '"a “b”"'), { value: 'a “b”', said: [] });
  });
});
