import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parse } from '../../../src/config/ldirectord/parser.ts';
import { collectingReport } from '../../../src/config/ldirectord/report.ts';
import type { Block, ServerPart } from '../../../src/config/ldirectord/syntax.ts';

interface Row {
  readonly name: string;
  readonly lines: readonly string[];
  /** Line numbers of a block's head and parameters. */
  readonly definitions?: readonly (readonly number[])[];
  /** What belongs to the only section: its body, its blocks, and its servers with theirs. */
  readonly body?: readonly number[];
  readonly blocks?: readonly (readonly number[])[];
  readonly servers?: readonly Part[];
  readonly globalServers?: readonly Part[];
  /** `line code` of errors and warnings. */
  readonly findings?: readonly string[];
}

type Part = readonly [
  line: number,
  body: readonly number[],
  blocks: readonly (readonly number[])[],
];

const virtual = 'virtual=10.9.0.30:80';
const real = 'real=10.9.0.2:80 gate';

const rows: readonly Row[] = [
  {
    name: 'a check in the indentation of the section is about all of it',
    lines: [virtual, `\t${real}`, '\tcheck=tcp', '\t\tport=1', '\t\ttimeout=1', `\t${real}`],
    body: [2, 6],
    blocks: [[3, 4, 5]],
  },
  {
    name: 'deeper than the server above, it is about that one',
    lines: [
      virtual,
      `\t${real}`,
      '\t\tcheck=tcp',
      '\t\t\tport=1',
      '\t\tnotifyup=/bin/x',
      '\t\tcheck=ping',
      '\t\tinhibit=yes',
      `\t${real}`,
      '\tfallback=10.9.0.9 gate',
      '\t check=tcp',
    ],
    body: [2, 8, 9],
    servers: [
      [2, [5, 7], [[3, 4], [6]]],
      [9, [], [[10]]],
    ],
  },
  {
    name: 'another line of the section comes between',
    lines: [virtual, `\t${real}`, '\tservice=http', '\t\tcheck=tcp', '\t\tinhibit=yes'],
    body: [2, 3, 5],
    blocks: [[4]],
  },
  {
    name: 'a check of the section comes between',
    lines: [virtual, `\t${real}`, '\tcheck=tcp', '\tinhibit=yes', '\t\tnotifyup=/bin/x'],
    body: [2, 4, 5],
    blocks: [[3]],
  },
  {
    name: 'other words never belong to a server',
    lines: [virtual, `\t${real}`, '\t\tservice=http', '\t\tquiescent=yes'],
    body: [2, 3, 4],
  },
  {
    name: 'tabs count four columns',
    lines: [virtual, `\t${real}`, '     check=tcp', '      port=1', '    check=ping'],
    body: [2],
    servers: [[2, [], [[3, 4]]]],
    blocks: [[5]],
  },
  {
    name: 'comments and blank lines do not end a block, nor part it from its server',
    lines: [
      virtual,
      `\t${real}`,
      '# a',
      '',
      '\t\tcheck=tcp',
      '',
      '\t\t# b',
      '\t\t\tport=1',
      '            ',
      '\t\t\ttimeout=1',
    ],
    body: [2],
    servers: [[2, [], [[5, 8, 10]]]],
  },
  {
    name: 'the first line that is not deeper ends a block',
    lines: [virtual, '\t\tcheck=tcp', '\t\t\tport=1', '\t\tcheck=ping', `\t${real}`, '\t\tport=1'],
    body: [5],
    blocks: [[2, 3], [4]],
    findings: ['6 unknown-directive'],
  },
  {
    name: 'definitions before, between and after sections',
    lines: [
      'definecheck=a',
      '  send="x"',
      '',
      '\texpect="y"',
      virtual,
      `\t${real}`,
      'definecheck=b',
      '\tport=1',
      `\t${real}`,
    ],
    definitions: [
      [1, 2, 4],
      [7, 8],
    ],
    body: [6],
    findings: ['9 unknown-parameter'],
  },
  {
    name: 'a section ends a block at any depth',
    lines: ['definecheck=a', `\t${virtual}`, `\t${real}`],
    definitions: [[1]],
    body: [3],
    findings: ['2 indentation'],
  },
  {
    name: 'a global fallback has its own checks',
    lines: ['fallback=10.9.0.9 gate', '\tcheck=tcp', '\t\tport=1', virtual, `\t${real}`],
    globalServers: [[1, [], [[2, 3]]]],
    body: [5],
  },
  {
    name: 'lost indentation',
    lines: [virtual, real, '  check=tcp', '   port=1', 'check=ping', '\taddress=10.9.0.9'],
    body: [2],
    servers: [[2, [], [[3, 4]]]],
    blocks: [[5, 6]],
    findings: ['2 indentation', '5 indentation'],
  },
  {
    name: 'the parameters of a check that is wrong are not taken for directives',
    lines: [
      'check=tcp',
      '\tport=1',
      virtual,
      '\tdefinecheck=a',
      '\t\tprotocol=1.1',
      '\tcheck',
      '\t\tport=1',
    ],
    findings: ['1 no-section', '4 scope', '6 syntax'],
  },
  {
    name: 'what no check has',
    lines: [
      virtual,
      '\tcheck=tcp',
      '\t\tprot=1',
      '\t\tservice=http',
      '\t\tport',
      '\t\thello world',
    ],
    blocks: [[2]],
    findings: ['3 unknown-parameter', '4 unknown-parameter', '5 syntax', '6 syntax'],
  },
];

const numbers = ({ head, parameters }: Block) => [head, ...parameters].map((line) => line.number);
const partOf = ({ line, body, blocks }: ServerPart): Part => [
  line.number,
  body.map((one) => one.number),
  blocks.map(numbers),
];

describe('blocks', () => {
  for (const row of rows) {
    it(row.name, () => {
      const report = collectingReport('a.cf', false);
      const tree = parse(row.lines.map((line) => `${line}\n`).join(''), report);
      const [section] = tree.sections;
      assert.deepEqual(
        {
          definitions: tree.definitions.map(numbers),
          globalServers: tree.servers.map(partOf),
          body: section?.body.map((line) => line.number) ?? [],
          blocks: section?.blocks.map(numbers) ?? [],
          servers: section?.servers.map(partOf) ?? [],
          findings: report.diagnostics().map(({ line, code }) => `${line} ${code}`),
        },
        {
          definitions: row.definitions ?? [],
          globalServers: row.globalServers ?? [],
          body: row.body ?? [],
          blocks: row.blocks ?? [],
          servers: row.servers ?? [],
          findings: row.findings ?? [],
        },
      );
    });
  }
});
