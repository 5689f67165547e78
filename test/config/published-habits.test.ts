import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { diagnosticLine } from '../../src/config/diagnostic.ts';
import { parseConfig } from '../../src/config/load.ts';
import { fakeResolver } from '../support/config-fixtures.ts';

/** What stands in published files, each oddity by itself. */
interface Habit {
  readonly name: string;
  readonly text: string;
  /** `LINE:COLUMN: MESSAGE` of each finding. */
  readonly said: readonly string[];
  /** What --strict makes of it; ldirectord takes some of them as well. */
  readonly strict: 'refused' | 'read';
}

const section = (...lines: readonly string[]): string =>
  ['virtual=10.9.0.30:80', ...lines, ''].join('\n');
const real = '\treal=10.9.0.2:80 gate';
const partOf = 'read as part of the section of line 1';
const read = { said: [], strict: 'read' } as const;

const habits: readonly Habit[] = [
  {
    name: 'a comment behind a global value',
    text: `checktimeout=3 # seconds\nautoreload=yes # yes\n${section(real)}`,
    said: [
      '1:16: checktimeout: comment after the value is ignored',
      '2:16: autoreload: comment after the value is ignored',
    ],
    strict: 'refused',
  },
  {
    name: 'a comment behind a value of a section',
    text: section(`${real} # first`, '\tscheduler=rr # round'),
    ...read,
  },
  {
    name: 'a comment behind yes in a section',
    text: section(real, '\tquiescent=yes # keep'),
    said: ['3:16: quiescent: blanks and comment after the value are ignored'],
    strict: 'refused',
  },
  ...[4, 6, 7, 8, 9].map((blanks) => ({
    name: `${blanks} blanks before the lines of a section`,
    text: section(real.replace('\t', ' '.repeat(blanks))),
    ...read,
  })),
  {
    name: 'tabs and blanks mixed',
    text: section(real.replace('\t', '  \t'), real.replace('\t', '\t    ').replace('2:', '3:')),
    ...read,
  },
  {
    name: 'less than 4 blanks',
    text: section(real.replace('\t', '  ')),
    said: [`2:3: real: indented by less than 4 columns, ${partOf}`],
    strict: 'refused',
  },
  {
    name: 'lost indentation',
    text: section(real.trim(), 'scheduler=rr'),
    said: [`2:1: real: not indented, ${partOf}`, `3:1: scheduler: not indented, ${partOf}`],
    strict: 'refused',
  },
  {
    name: 'a no-break space from a web page',
    text: section(real.replace('\t', '\u00a0\u00a0\u00a0\u00a0')),
    said: ['2:5: real: unusual blanks before the name, read as blanks'],
    strict: 'refused',
  },
  {
    name: 'logfile without quotes',
    text: `logfile=/var/log/ldirectord.log\n${section(real)}`,
    said: ['1:9: logfile: text without quotes, read as "/var/log/ldirectord.log"'],
    strict: 'refused',
  },
  {
    name: 'typographic quotes',
    text: section(real, '\trequest=“index.html”'),
    said: ['3:10: request: typographic quotes read as "'],
    strict: 'refused',
  },
  {
    name: 'a line of blanks in a section',
    text: section(real, '      ', '\tscheduler=rr'),
    said: [
      '3:1: line of blanks read as an empty line',
      `4:2: scheduler: after a blank line, ${partOf}`,
    ],
    strict: 'refused',
  },
  {
    name: 'an empty line in a section',
    text: section(real, '', '\tscheduler=rr'),
    said: [`4:2: scheduler: after a blank line, ${partOf}`],
    strict: 'refused',
  },
  {
    name: 'CR LF without yes or no before it',
    text: section(real).replaceAll('\n', '\r\n'),
    said: ['1:1: line ends with CR LF, read as LF here and in the rest of the file'],
    strict: 'read',
  },
  {
    name: 'CR LF behind yes',
    text: section(real, '\tquiescent=yes').replaceAll('\n', '\r\n'),
    said: ['3:2: line ends with CR LF, read as LF here and in the rest of the file'],
    strict: 'refused',
  },
  {
    name: 'a byte order mark',
    text: `\ufeff${section(real)}`,
    said: ['1:1: byte order mark at the start of the file is ignored'],
    strict: 'refused',
  },
  {
    name: "ipvsadm's -w",
    text: section(`${real} -w 7`),
    said: ['2:24: real: "-w 7" read as weight 7'],
    strict: 'read',
  },
  { name: 'the same real server twice', text: section(real, real), ...read },
  {
    name: 'tcp and udp on one address and port',
    text: `${section(real)}\n${section(real, '\tprotocol=udp')}`,
    ...read,
  },
  {
    name: 'comments between the lines of a section, at any column',
    text: section('# one', real, '   # two', '\t# three', '\tscheduler=rr'),
    ...read,
  },
];

/** What no reading could save: an error in either mode. */
const errors: readonly (readonly [name: string, text: string, said: string])[] = [
  [
    'an address without a port',
    section(real).replace(':80', ''),
    '1:9: virtual: expected ADDRESS:PORT, NAME:PORT or a firewall mark, got "10.9.0.30" without a port',
  ],
  [
    'the removed directive timeout',
    `timeout=3\n${section(real)}`,
    '1:1: timeout directive deprecated in favour of checktimeout and negotiatetimeout',
  ],
  [
    'the removed directive connecttimeout',
    section(real, '\tconnecttimeout=3'),
    '3:2: connecttimeout directive deprecated in favour of negotiatetimeout',
  ],
  [
    'the same virtual server twice',
    `${section(real)}\n${section(real)}`,
    '4:9: virtual: duplicate virtual server tcp:10.9.0.30:80, line 1 has it already',
  ],
  [
    'a service of a patched ldirectord',
    section(real, '\tservice=telnet'),
    '3:10: service: expected one of ',
  ],
];

async function check(text: string, strict: boolean) {
  const { config, diagnostics } = await parseConfig(text, 'a.cf', {
    strict,
    resolver: fakeResolver(),
  });
  const lines = diagnostics.map((found) => diagnosticLine(found).replace('a.cf:', ''));
  return { isRead: config !== undefined, lines };
}

describe('what people publish', () => {
  for (const { name, text, said, strict } of habits) {
    it(`${name}: read, and it is said how; ${strict} when strict`, async () => {
      const lenient = await check(text, false);
      assert.deepEqual(
        lenient.lines,
        said.map((line) => line.replace(/^(\d+:\d+: )/, '$1warning: ')),
      );
      assert.equal(lenient.isRead, true);
      const strictly = await check(text, true);
      assert.equal(strictly.isRead, strict === 'read');
      const refused = strictly.lines.filter((line) => line.endsWith('; refused as strict'));
      assert.equal(refused.length > 0, strict === 'refused');
    });
  }

  for (const [name, text, said] of errors) {
    it(`${name}: an error`, async () => {
      for (const strict of [false, true]) {
        const { isRead, lines } = await check(text, strict);
        assert.equal(isRead, false);
        assert.equal(lines.length, 1);
        assert.ok(lines[0]?.startsWith(said), lines[0]);
      }
    });
  }
});
