import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parse } from '../../../src/config/ldirectord/parser.ts';
import { collectingReport } from '../../../src/config/ldirectord/report.ts';

interface Row {
  readonly name: string;
  readonly lines: readonly string[];
  /** Line numbers of global directives, and of each section with its body. */
  readonly globals?: readonly number[];
  readonly sections?: readonly (readonly number[])[];
  /** `severity line code`; "assumed" is a warning that is an error when strict. */
  readonly findings?: readonly string[];
}

const virtual = 'virtual=10.9.0.30:80';
const real = 'real=10.9.0.2:80 gate';

const rows: readonly Row[] = [
  {
    name: 'globals before, between and after sections',
    lines: [
      'fork=no',
      virtual,
      `\t${real}`,
      'quiescent=yes',
      virtual,
      `\t${real}`,
      '',
      'autoreload=no',
    ],
    globals: [1, 4, 8],
    sections: [
      [2, 3],
      [5, 6],
    ],
  },
  {
    name: 'a tab, or four columns, make a section line',
    lines: [virtual, `\t${real}`, `    ${real}`, ` \t${real}`, `         ${real}`, '#'],
    sections: [[1, 2, 3, 4, 5]],
  },
  {
    name: 'comments anywhere do not end a section',
    lines: [virtual, '# a', `\t${real}`, '\t# b', '  # c', `\t${real}`],
    sections: [[1, 3, 6]],
  },
  {
    name: 'less than four columns',
    lines: [virtual, `   ${real}`, ` ${real}`],
    sections: [[1, 2, 3]],
    findings: ['assumed 2 indentation', 'assumed 3 indentation'],
  },
  {
    name: 'no-break spaces as indentation',
    lines: [virtual, `\u00a0\u00a0\u00a0\u00a0${real}`],
    sections: [[1, 2]],
    findings: ['assumed 2 indentation'],
  },
  {
    name: 'a blank line in a section',
    lines: [virtual, '', `\t${real}`, `\t${real}`, '', '#', `\t${real}`],
    sections: [[1, 3, 4, 7]],
    findings: ['assumed 3 blank-line', 'assumed 7 blank-line'],
  },
  {
    name: 'a line of more than four blanks in a section',
    lines: [virtual, `\t${real}`, '     ', `\t${real}`],
    sections: [[1, 2, 4]],
    findings: ['assumed 3 blanks', 'assumed 4 blank-line'],
  },
  {
    name: 'a line of four blanks, or of a tab, after a section',
    lines: [virtual, `\t${real}`, '    ', virtual, `\t${real}`, '\t', '        '],
    sections: [
      [1, 2],
      [4, 5],
    ],
  },
  {
    name: 'lost indentation',
    lines: [virtual, real, 'service=http'],
    sections: [[1, 2, 3]],
    findings: ['assumed 2 indentation', 'assumed 3 indentation'],
  },
  {
    name: 'lost indentation takes what may be global along',
    lines: [virtual, 'checktimeout=5', real, 'quiescent=no', '', 'quiescent=yes'],
    globals: [6],
    sections: [[1, 2, 3, 4]],
    findings: ['assumed 2 indentation', 'assumed 3 indentation', 'assumed 4 indentation'],
  },
  {
    name: 'what may be global is global after an indented section',
    lines: [virtual, `\t${real}`, 'quiescent=yes'],
    globals: [3],
    sections: [[1, 2]],
  },
  {
    name: 'what may be global is global right after a virtual',
    lines: [virtual, 'checktimeout=5', '', virtual, `\t${real}`],
    globals: [2],
    sections: [[1], [4, 5]],
  },
  {
    name: 'lost indentation does not reach over a global line',
    lines: [virtual, 'autoreload=no', real],
    globals: [2],
    sections: [[1]],
    findings: ['error 3 no-section'],
  },
  {
    name: 'indented lines after a global line',
    lines: [virtual, `\t${real}`, 'fork=no', `\t${real}`, '\tquiescent=yes'],
    globals: [3],
    sections: [[1, 2]],
    findings: ['error 4 no-section', 'error 5 no-section'],
  },
  {
    name: 'indented lines before the first section',
    lines: [' fork=no', '\tquiescent=yes', `\t${real}`],
    globals: [1, 2],
    findings: ['assumed 1 indentation', 'assumed 2 indentation', 'error 3 no-section'],
  },
  { name: 'a section line with no section', lines: [real], findings: ['error 1 no-section'] },
  {
    name: 'a global directive in a section',
    lines: [virtual, '\tautoreload=yes', `\t${real}`],
    sections: [[1, 3]],
    findings: ['error 2 scope'],
  },
  {
    name: 'an indented virtual',
    lines: [virtual, `\t${real}`, `  ${virtual}`, `\t${real}`],
    sections: [
      [1, 2],
      [3, 4],
    ],
    findings: ['assumed 3 indentation'],
  },
  {
    name: 'an unknown directive',
    lines: [virtual, '\treel=1', 'quiet=yes'],
    sections: [[1]],
    findings: ['error 2 unknown-directive', 'error 3 unknown-directive'],
  },
  {
    name: 'a line that is no directive',
    lines: ['hello world', virtual, '\treal 10.9.0.2 gate', '\tservice', '#'],
    sections: [[2]],
    findings: ['error 1 syntax', 'error 3 syntax', 'error 4 syntax'],
  },
  {
    name: 'a bare supervised',
    lines: ['supervised', 'autoreload'],
    globals: [1],
    findings: ['error 2 syntax'],
  },
  {
    name: 'a virtual in the last line',
    lines: [virtual],
    sections: [[1]],
    findings: ['assumed 1 empty-section'],
  },
  { name: 'a virtual before a last comment', lines: [virtual, '#'], sections: [[1]] },
];

describe('parse', () => {
  for (const row of rows) {
    for (const strict of [false, true]) {
      it(`${row.name}${strict ? ' (strict)' : ''}`, () => {
        const report = collectingReport('a.cf', strict);
        const tree = parse(row.lines.map((line) => `${line}\n`).join(''), report);
        const assumed = strict ? 'error' : 'warning';
        assert.deepEqual(
          {
            globals: tree.globals.map(({ number }) => number),
            sections: tree.sections.map(({ head, body }) => [head, ...body].map((l) => l.number)),
            findings: report.diagnostics().map((d) => `${d.severity} ${d.line} ${d.code}`),
          },
          {
            globals: row.globals ?? [],
            sections: row.sections ?? [],
            findings: (row.findings ?? []).map((f) => f.replace('assumed', assumed)),
          },
        );
      });
    }
  }

  it('says that an assumption is refused when strict', () => {
    const messages = [false, true].map((strict) => {
      const report = collectingReport('a.cf', strict);
      parse(`${virtual}\n\n\t${real}\n`, report);
      return report.diagnostics().map((d) => d.message);
    });
    assert.deepEqual(messages, [
      ['real: after a blank line, read as part of the section of line 1'],
      ['real: after a blank line, read as part of the section of line 1; refused as strict'],
    ]);
  });
});
